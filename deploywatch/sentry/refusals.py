"""An answer or a failure that is no good -> one typed error that says what happened, why, and what to do next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from deploywatch.errors import (
    SentryAuthError,
    SentryEndpointMissing,
    SentryError,
    SentryNotFound,
    SentryRejected,
    SentryUnavailable,
)
from deploywatch.http import FailureKind, HttpFailure, Response, origin_of
from deploywatch.sentry.complaints import complaint, error_code, is_html, moved_to
from deploywatch.sentry.connection import Connection

_REJECTED_HINTS = {
    407: "the proxy wants a login: put http://user:password@host:port into HTTP_PROXY",
    409: "another job is writing the commits of this release; run the same command again when it is done",
    413: "a proxy in front of Sentry limits the size of a request; release more often, or raise its limit",
}
_FAILURE_HINTS = {
    FailureKind.DNS: "check the address in SENTRY_URL, and the name server of this machine",
    FailureKind.REFUSED: "check the address in SENTRY_URL, and that Sentry runs",
    FailureKind.TLS: "name the certificates of the private authority to trust in SSL_CERT_FILE, or correct SENTRY_URL",
    FailureKind.PROXY: "check HTTPS_PROXY (http://user:password@host:port where the proxy wants a login), NO_PROXY, and [http] "
    "proxy_url of .sentryclirc",
    FailureKind.INVALID: "check SENTRY_URL, SENTRY_ORG, CUSTOM_HEADER and the version for odd characters",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, for the error that may come of it. ``scope`` is the token scope that it needs."""

    method: str
    path: str
    scope: str
    tried: int = 1

    def __str__(self) -> str:
        return f"{self.method} {self.path}" + (f" ({self.tried} attempts)" if self.tried > 1 else "")


def failure_error(failure: HttpFailure, asked: Asked, connection: Connection) -> SentryUnavailable:
    """The error for a request that got no whole answer."""
    return SentryUnavailable(
        f"no answer from Sentry at {connection.url}: {failure}, asking {asked}",
        hint=_FAILURE_HINTS.get(failure.kind, "try again; nothing that was reported before is lost"),
        status=failure.status,
        sent=failure.sent,
    )


def answer_error(response: Response, asked: Asked, connection: Connection) -> SentryError:
    """The error for an answer that is not the one asked for: a status outside 2xx, or a web page."""
    status = response.status
    if 200 <= status < 300 or _lacks_endpoint(response):
        return _missing(asked, status)
    if 300 <= status < 400:
        return _redirected(response, asked, connection)
    if status == 429 or status >= 500:
        return _troubled(response, asked, connection)
    return _REFUSALS.get(status, _rejected)(response, asked, connection)


def _lacks_endpoint(response: Response) -> bool:
    """Sentry's own 403 and 404 are JSON: a web page, or nothing, comes from a server that has no such address."""
    return response.status == 405 or (response.status in (403, 404) and (is_html(response) or not response.body.strip()))


def _missing(asked: Asked, status: int) -> SentryEndpointMissing:
    return SentryEndpointMissing(
        f"this server has no {asked}: it answers {status} with a web page or nothing instead of Sentry's API",
        hint="check that SENTRY_URL is the root of a Sentry and that nothing in front of it refuses the request; "
        "an old Sentry, or a server that only resembles it, lacks this part",
        status=status,
        sent=status < 300,
    )


def _redirected(response: Response, asked: Asked, connection: Connection) -> SentryRejected:
    if slug := moved_to(response):
        return SentryRejected(
            f"the project of {asked} was renamed to {slug!r}",
            hint=f"use {slug!r} in --project or SENTRY_PROJECT",
            status=response.status,
        )
    target = origin_of(response.headers.get("location", ""))
    elsewhere = f"{target}, another host" if target not in ("?", origin_of(connection.url)) else "another page, perhaps a login"
    return SentryRejected(
        f"{connection.url} redirects {asked} to {elsewhere}; redirects are not followed, because the token would travel along",
        hint="set SENTRY_URL to the address where the API itself is",
        status=response.status,
    )


def _denied(response: Response, asked: Asked, connection: Connection) -> SentryAuthError:
    because = _because(response, connection)
    if error_code(response) in ("sso-required", "sudo-required", "member-disabled-over-limit"):
        hint = f"log in to {connection.url} once as the token's user, or use the token of an internal integration"
    elif response.status == 401:
        hint = f"put a valid token into {connection.token_source}; make one in Sentry under Settings, Auth Tokens"
    elif connection.org_token:
        hint = (
            f"it needs the scope {asked.scope}, which no organisation token (sntrys_) has; use a user's or an integration's token"
        )
    else:
        hint = f"give the token of {connection.token_source} the scope {asked.scope}, and its user access to the project"
    what = "does not accept the token" if response.status == 401 else "does not let the token do this"
    return SentryAuthError(f"Sentry {what}: {asked} answered {response.status}{because}", hint=hint, status=response.status)


def _not_found(response: Response, asked: Asked, connection: Connection) -> SentryNotFound:
    return SentryNotFound(
        f"Sentry knows nothing at {asked}{_because(response, connection)}",
        hint="Sentry does not tell which: it does not exist, the organisation "
        f"{connection.org!r} or the project is spelled differently, the token has no access to it (it needs {asked.scope}), "
        "the environment has had no event yet, or the feature is off; `deploywatch doctor` looks at each",
        status=404,
    )


def _rejected(response: Response, asked: Asked, connection: Connection) -> SentryRejected:
    return SentryRejected(
        f"Sentry refused {asked} with {response.status}{_because(response, connection)}",
        hint=_REJECTED_HINTS.get(response.status, "correct what the message names and run the same command again"),
        status=response.status,
    )


def _troubled(response: Response, asked: Asked, connection: Connection) -> SentryUnavailable:
    if response.status == 429:
        return SentryUnavailable(
            f"Sentry's rate limit turned {asked} away",
            hint="run fewer jobs against Sentry at once, or poll less often",
            status=429,
            sent=False,
        )
    return SentryUnavailable(
        f"Sentry is in trouble: {asked} answered {response.status}{_because(response, connection)}",
        hint="try again later; look at Sentry's own status",
        status=response.status,
    )


def _because(response: Response, connection: Connection) -> str:
    why = connection.token.redact(complaint(response))
    return f": {why}" if why else ""


_REFUSALS: dict[int, Callable[[Response, Asked, Connection], SentryError]] = {401: _denied, 403: _denied, 404: _not_found}
