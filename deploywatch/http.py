"""The one door to HTTP: a small port, and its adapter over httpx (no other file imports httpx).

It asks once, never follows a redirect, keeps no cookies, bounds time and size, and never puts a path, a query or a header of the
request into an error: webhook addresses and headers are secrets. Trying again is the caller's decision, because only the caller
knows whether a request may be repeated.
"""

from __future__ import annotations

import json
import os
import re
import socket
import ssl
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType, TracebackType
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

import httpx

from deploywatch import __version__
from deploywatch.errors import ConfigError
from deploywatch.proxies import read_proxies
from deploywatch.tls import tls_context

DEFAULT_TIMEOUT = timedelta(seconds=30)
MAX_BODY_BYTES = 32 * 1024 * 1024
USER_AGENT = f"deploywatch/{__version__}"
_TRANSIENT: frozenset[str] = frozenset(
    {"connection refused", "cannot connect", "proxy failure", "timeout", "connection lost", "truncated answer"}
)


class FailureKind(StrEnum):
    """Why there is no (whole) answer."""

    INVALID = "invalid request"
    DNS = "unknown host"
    REFUSED = "connection refused"
    CONNECT = "cannot connect"
    TLS = "TLS failure"
    PROXY = "proxy failure"
    TIMEOUT = "timeout"
    RESET = "connection lost"
    TRUNCATED = "truncated answer"
    TOO_LARGE = "answer too large"
    FORBIDDEN = "address not allowed"


class HttpFailure(Exception):
    """There is no usable answer. A caller turns it into an error of its own, with a hint.

    ``host`` is scheme, host and port only. ``sent`` tells whether the request *may* have reached the server: ``False`` is a
    promise that it did not. ``status`` is set where the status line arrived and the body did not.
    """

    def __init__(self, kind: FailureKind, host: str, *, sent: bool, status: int | None = None, why: str = "") -> None:
        super().__init__(f"{kind}: {why}" if why else str(kind))
        self.kind = kind
        self.host = host
        self.sent = sent
        self.status = status

    @property
    def transient(self) -> bool:
        """Whether the same request may well succeed a moment later."""
        return self.kind in _TRANSIENT


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer. ``headers`` have lower-case names; ``body`` is decompressed; ``elapsed`` is until the last byte."""

    status: int
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    body: bytes = field(default=b"", repr=False)
    elapsed: timedelta = timedelta(0)

    @property
    def content_type(self) -> str:
        """The media type in lower case without its parameters, ``""`` where the server did not say."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as text; bytes that are not UTF-8 become replacement characters."""
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON. Raises ``ValueError`` where it is not, or is nested absurdly deep."""
        try:
            return json.loads(self.body)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


class Http(Protocol):
    """The port: one request, one whole answer of any status (redirects and errors included) or an ``HttpFailure``."""

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: timedelta = DEFAULT_TIMEOUT,
    ) -> Response:
        """Send ``body`` exactly as given. ``timeout`` bounds the whole exchange, not each phase of it."""
        ...


class Guard(Protocol):
    """Decides which addresses may be spoken to, for requests whose URL somebody else chose."""

    def watch(self, host: str) -> Callable[[str, dict[str, Any]], None]:
        """What httpcore is to call with each step of a request to ``host`` (its "trace" extension).

        Both may raise an ``HttpFailure`` of the kind ``FORBIDDEN``.
        """
        ...


@dataclass(frozen=True, slots=True)
class Network:
    """How to reach hosts, apart from what the environment says: ``proxy`` is a URL in place of its proxies (NO_PROXY holds)."""

    verify_tls: bool = True
    proxy: str | None = field(default=None, repr=False)
    guard: Guard | None = None


class _Roads(httpx.BaseTransport):
    """The direct road, and one through each proxy.

    Raises ``ConfigError`` for a bundle of certificates, ``ValueError`` or ``ImportError`` for a proxy that cannot be used.
    """

    def __init__(self, environ: Mapping[str, str], network: Network) -> None:
        self._proxies = read_proxies(environ, configured=network.proxy)
        context = tls_context(environ, verify=network.verify_tls, built_in=lambda: httpx.create_ssl_context(trust_env=False))
        self._direct = httpx.HTTPTransport(verify=context)
        self._through = {
            url: httpx.HTTPTransport(verify=context, proxy=httpx.Proxy(url, ssl_context=_if_secure(url, context)))
            for url in self._proxies.by_scheme.values()
        }

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Take the road that the request's host needs."""
        proxy = self._proxies.of(request.url.scheme, request.url.host, request.url.port)
        road = self._through[proxy] if proxy else self._direct
        return road.handle_request(request)

    def close(self) -> None:
        """Give the connections back."""
        for road in (self._direct, *self._through.values()):
            road.close()


def _if_secure(proxy: str, context: ssl.SSLContext) -> ssl.SSLContext | None:
    return context if proxy.startswith("https://") else None


class HttpClient:
    """The port over httpx. Proxies (``HTTPS_PROXY``, ``NO_PROXY``...) and certificate bundles come from the environment.

    Raises ``ConfigError`` for a proxy or a certificate bundle that cannot be used. ``transport`` replaces the network in tests
    (``httpx.MockTransport``). ``clock`` gives seconds that never go back. Close it, or use it as a context manager.
    """

    def __init__(
        self,
        *,
        transport: httpx.BaseTransport | None = None,
        network: Network = Network(),
        max_body: int = MAX_BODY_BYTES,
        clock: Callable[[], float] = time.monotonic,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._max_body = max_body
        self._clock = clock
        self._guard = network.guard
        try:
            self._client = httpx.Client(
                transport=transport or _Roads(environ, network),
                trust_env=False,
                follow_redirects=False,
                headers={"User-Agent": USER_AGENT},
            )
        except (ValueError, httpx.InvalidURL, ImportError):
            # The address may hold a password, so it is not shown.
            raise ConfigError(
                "the address of the proxy cannot be used",
                hint="correct HTTPS_PROXY, HTTP_PROXY, ALL_PROXY or [http] proxy_url in .sentryclirc: http://host:port",
            ) from None
        # A client that nobody closes must not leave connections behind.
        weakref.finalize(self, self._client.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: timedelta = DEFAULT_TIMEOUT,
    ) -> Response:
        """See ``Http.request``."""
        exchange = _Exchange(origin_of(url))
        started = self._clock()
        limit = timeout.total_seconds()
        with _failures(exchange):
            request = self._client.build_request(method, url, headers=dict(headers or {}), content=body, timeout=limit)
            if self._guard:
                request.extensions["trace"] = self._guard.watch(request.url.raw_host.decode("ascii"))
            answer = self._client.send(request, stream=True)
            exchange.status = answer.status_code
            try:
                content = self._read(answer, exchange, deadline=started + limit)
            finally:
                answer.close()
                self._client.cookies.clear()
        found = {name.lower(): value for name, value in answer.headers.items()}
        return Response(answer.status_code, MappingProxyType(found), content, timedelta(seconds=self._clock() - started))

    def _read(self, answer: httpx.Response, exchange: _Exchange, *, deadline: float) -> bytes:
        chunks: list[bytes] = []
        size = 0
        for chunk in answer.iter_bytes():
            size += len(chunk)
            if size > self._max_body:
                raise exchange.failure(FailureKind.TOO_LARGE, f"more than {self._max_body} bytes")
            if self._clock() > deadline:
                raise exchange.failure(FailureKind.TIMEOUT, "the answer came too slowly")
            chunks.append(chunk)
        return b"".join(chunks)


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL: the part of it that is safe to show. ``"?"`` where there is none."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "?"
    host = f"[{parts.hostname}]" if parts.hostname and ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}{port}" if parts.scheme and host else "?"


@dataclass(slots=True)
class _Exchange:
    """What is known of a request under way, for the failure that may come of it."""

    host: str
    status: int | None = None

    def failure(self, kind: FailureKind, why: str = "", *, sent: bool = True) -> HttpFailure:
        return HttpFailure(kind, self.host, sent=sent, status=self.status, why=why)


@contextmanager
def _failures(exchange: _Exchange) -> Iterator[None]:
    """Turn what httpx raises into an ``HttpFailure``. ``from None``: httpx's errors hold the request with its headers."""
    try:
        yield
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError, UnicodeEncodeError, TypeError):
        raise exchange.failure(FailureKind.INVALID, "the address or a header is malformed", sent=False) from None
    except httpx.ProxyError as error:
        raise exchange.failure(FailureKind.PROXY, _refused_by_proxy(error), sent=False) from None
    except httpx.ConnectTimeout:
        raise exchange.failure(FailureKind.TIMEOUT, "no connection in time", sent=False) from None
    except httpx.ConnectError as error:
        kind, why = _connect_failure(error)
        raise exchange.failure(kind, why, sent=False) from None
    except httpx.PoolTimeout:
        raise exchange.failure(FailureKind.TIMEOUT, "no free connection", sent=False) from None
    except httpx.TimeoutException:
        raise exchange.failure(FailureKind.TIMEOUT, "no answer in time") from None
    except (httpx.TransportError, httpx.DecodingError):
        raise exchange.failure(FailureKind.RESET if exchange.status is None else FailureKind.TRUNCATED) from None


def _refused_by_proxy(error: httpx.ProxyError) -> str:
    status = re.match(r"\d{3}\b", str(error))
    if status and status[0] == "407":
        return "the proxy wants a login (407)"
    return f"the proxy answered {status[0]}" if status else "the proxy did not pass it on"


def _connect_failure(error: BaseException) -> tuple[FailureKind, str]:
    cause: BaseException | None = error
    while cause is not None:
        match cause:
            case ssl.SSLCertVerificationError():
                return FailureKind.TLS, f"certificate not trusted ({getattr(cause, 'verify_message', cause)})"
            case ssl.SSLError():
                return FailureKind.TLS, getattr(cause, "reason", None) or "handshake failed"
            case socket.gaierror(errno=socket.EAI_AGAIN):
                return FailureKind.CONNECT, "the name server did not answer"
            case socket.gaierror():
                return FailureKind.DNS, ""
            case ConnectionRefusedError():
                return FailureKind.REFUSED, ""
        cause = cause.__cause__ or cause.__context__
    return FailureKind.CONNECT, ""
