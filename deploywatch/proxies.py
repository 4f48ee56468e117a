"""Which proxy a request goes through: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, read as curl and sentry-cli read them.

Loopback is always reached directly. ``NO_PROXY`` holds host names (which stand for their subdomains, too, with or without a dot
in front), addresses, networks (10.0.0.0/8), each perhaps with a ``:port``, or ``*`` for everything.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_PORTS: Final = {"http": 80, "https": 443}
_WITH_PORT: Final = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*):(?P<port>\d{1,5})")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Proxies:
    """Proxy addresses by the scheme of the request, and what needs none. The addresses may hold passwords."""

    by_scheme: Mapping[str, str] = field(default_factory=dict, repr=False)
    direct: tuple[str, ...] = ()

    def of(self, scheme: str, host: str, port: int | None = None) -> str | None:
        """The proxy for a request to ``host`` (an IPv6 address may be in brackets), ``None`` to go there directly."""
        name = host.strip("[]").rstrip(".").lower()
        if _is_loopback(name) or any(_fits(entry, name, port or _PORTS.get(scheme, 0)) for entry in self.direct):
            return None
        return self.by_scheme.get(scheme)


def read_proxies(environ: Mapping[str, str], *, configured: str | None = None) -> Proxies:
    """The proxies of an environment; ``configured`` takes the place of all of them, but NO_PROXY still holds."""
    direct = tuple(re.split(r"[\s,]+", _variable(environ, "no_proxy") or ""))
    named = {scheme: configured or _of_scheme(environ, scheme) for scheme in _PORTS}
    return Proxies({scheme: _address(url) for scheme, url in named.items() if url}, tuple(entry for entry in direct if entry))


def _of_scheme(environ: Mapping[str, str], scheme: str) -> str | None:
    # A CGI server hands a client's "Proxy" header down as HTTP_PROXY.
    untrusted = scheme == "http" and "REQUEST_METHOD" in environ
    own = environ.get("http_proxy") if untrusted else _variable(environ, f"{scheme}_proxy")
    return own or _variable(environ, "all_proxy")


def _variable(environ: Mapping[str, str], name: str) -> str | None:
    return environ.get(name, "").strip() or environ.get(name.upper(), "").strip() or None


def _address(url: str) -> str:
    return url if "://" in url else f"http://{url}"


def _fits(entry: str, name: str, port: int) -> bool:
    if entry == "*":
        return True
    with_port = _WITH_PORT.fullmatch(entry)
    if with_port and int(with_port["port"]) != port:
        return False
    wanted = (with_port["host"] if with_port else entry).strip("[]").lower().removeprefix("*").strip(".")
    address = _ip(name)
    if address is not None:
        return _holds(wanted, address)
    return bool(wanted) and (name == wanted or name.endswith(f".{wanted}"))


def _holds(network: str, address: Address) -> bool:
    try:
        return address in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _is_loopback(name: str) -> bool:
    address = _ip(name)
    return address.is_loopback if address else name == "localhost" or name.endswith(".localhost")


def _ip(name: str) -> Address | None:
    try:
        return ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return None
