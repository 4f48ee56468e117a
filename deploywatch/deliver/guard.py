"""Keeps outgoing webhooks away from what only this machine can reach: loopback, private networks, cloud metadata (SSRF).

A host name is resolved once; every address of it must be public, and the connection goes to the address that was checked, so that
a name server cannot answer the second question otherwise (DNS rebinding). The address at the other end is checked once more.
Behind a proxy it is the proxy that resolves; there only addresses that stand in the URL itself can be checked.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from deploywatch.http import FailureKind, HttpFailure

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Iterable[str]]

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
# Special-purpose networks (IANA's registries, RFC 6890) that some versions of Python's ipaddress take to be global.
_SPECIAL: Final = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "fec0::/10", "3fff::/20", "5f00::/16")))
_HINT: Final = "set allow_private = true for the channel if that is meant"


def resolve(host: str, port: int) -> tuple[str, ...]:
    """The addresses of a host in the system's order of preference. Raises ``OSError`` for an unknown one."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(str(address[0]) for *_, address in found)


def is_public(address: Address) -> bool:
    """Whether an address can be anybody's on the internet; one that wraps another (IPv4 in IPv6) is as public as that."""
    inner = _embedded(address)
    if inner is not None:
        return is_public(inner)
    special = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not special and not any(address in network for network in _SPECIAL)


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


@dataclass(frozen=True, slots=True)
class PublicOnly:
    """The guard: public addresses, and those of the ``allowed`` networks."""

    allowed: tuple[Network, ...] = ()
    resolve: Resolve = resolve

    def watch(self, host: str) -> Callable[[str, dict[str, Any]], None]:
        """See ``deploywatch.http.Guard``."""
        if (literal := _literal(host)) is not None:
            self._check(literal, host)
        return _Watch(self, host)

    def choose(self, host: str, port: int) -> str:
        """The first address of ``host``, if all are allowed; ``host`` itself where it has none (then connecting fails).

        Raises ``HttpFailure`` like ``check``.
        """
        try:
            addresses = tuple(self.resolve(host, port))
        except OSError:
            return host
        for address in addresses:
            self.check(address, host)
        return addresses[0] if addresses else host

    def check(self, address: str, host: str) -> None:
        """Raises ``HttpFailure`` (``FORBIDDEN``, nothing sent) for an address that is not allowed."""
        self._check(ipaddress.ip_address(address.partition("%")[0]), host)

    def _check(self, address: Address, host: str) -> None:
        if not is_public(address) and not any(address in network for network in self.allowed):
            why = f"{address} is not on the public internet; {_HINT}"
            raise HttpFailure(FailureKind.FORBIDDEN, host, sent=False, why=why)


@dataclass(slots=True)
class _Watch:
    """One request. httpcore tells what it is about to do with the arguments that it will use, and those may be replaced."""

    guard: PublicOnly
    host: str
    direct: bool = False

    def __call__(self, step: str, info: dict[str, Any]) -> None:
        if step == "connection.connect_tcp.started":
            self.direct = info["host"] == self.host.strip("[]")
            if self.direct:
                info["host"] = self.guard.choose(info["host"], info["port"])
        elif step == "connection.connect_tcp.complete" and self.direct:
            stream = info["return_value"]
            try:
                self.guard.check(stream.get_extra_info("server_addr")[0], self.host)
            except HttpFailure:
                stream.close()
                raise


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None
