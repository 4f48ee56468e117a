"""Which Sentry, as whom: read as sentry-cli reads it (flags, then environment, then files).

One thing is different on purpose: an organisation token embeds a URL, and with sentry-cli that one beats ``SENTRY_URL``, which
strands organisations of another region. Here a URL that somebody *wrote* always wins, with a warning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, quote, urlsplit

from deploywatch.errors import ConfigError
from deploywatch.sentry.clirc import FILE_NAMES, Layer, file_layers
from deploywatch.sentry.tokens import OrgToken, Secret, clean_token, read_org_token

DEFAULT_URL = "https://sentry.io"
_SLUG = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9_.-]{1,100}")
_VARIABLES = {
    "defaults.url": "SENTRY_URL",
    "auth.token": "SENTRY_AUTH_TOKEN",
    "defaults.org": "SENTRY_ORG",
    "defaults.project": "SENTRY_PROJECT",
    "defaults.custom_header": "CUSTOM_HEADER",
    "http.max_retries": "SENTRY_HTTP_MAX_RETRIES",
}
# What people copy: the address of the API, or of a page.
_API = re.compile(r"/api(?:/0)?/?$")
_PAGES = ("organizations", "settings", "issues", "projects", "releases", "auth")
_LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Flags:
    """What the caller decided already (command line, deploywatch.toml); ``None`` or empty where it did not."""

    url: str | None = None
    token: str | None = field(default=None, repr=False)
    org: str | None = None
    projects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Connection:
    """Everything needed to speak to one organisation of one Sentry.

    ``url`` is scheme, host and perhaps the path below which Sentry lives, without a slash at its end. ``token_source`` names the
    variable or file to correct when the token is refused. ``projects`` are slugs, maybe none. ``warnings`` are sentences for the
    user.
    """

    url: str
    token: Secret
    org: str
    projects: tuple[str, ...] = ()
    token_source: str = "SENTRY_AUTH_TOKEN"  # noqa: S105 - the name of a variable
    org_token: bool = False
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    verify_tls: bool = True
    proxy: str | None = field(default=None, repr=False)
    max_retries: int | None = None
    warnings: tuple[str, ...] = ()


def load_connection(flags: Flags = Flags(), *, environ: Mapping[str, str], start: Path, home: Path) -> Connection:
    """Read the connection for a process in the folder ``start`` of a user at ``home``.

    Raises ``ConfigError`` that names the variable or file where something is missing or wrong.
    """
    found = _Settings(flags, environ, file_layers(environ, start=start, home=home))
    token, token_source = found.token()
    claims = read_org_token(token)
    url, url_source = found.url(claims)
    org = found.org(claims)
    return Connection(
        url=url,
        token=token,
        org=org,
        projects=found.projects(),
        token_source=token_source,
        org_token=claims is not None,
        headers=found.headers(),
        verify_tls=(found.get("http.verify_ssl") or "true").lower() not in ("false", "0", "no", "off"),
        proxy=found.proxy(),
        max_retries=found.max_retries(),
        warnings=tuple(_warnings(url, url_source, org=org, claims=claims)),
    )


class _Settings:
    """The layers of one process, strongest first."""

    def __init__(self, flags: Flags, environ: Mapping[str, str], files: tuple[Layer, ...]) -> None:
        given = {
            "defaults.url": flags.url,
            "auth.token": flags.token,
            "defaults.org": flags.org,
            "defaults.project": " ".join(flags.projects),
        }
        self._environ = environ
        self._files = files
        self._layers = (
            Layer("the command line or deploywatch.toml", {key: value for key, value in given.items() if value}),
            Layer("", {key: environ[name] for key, name in _VARIABLES.items() if name in environ}),
            *files,
        )

    def find(self, key: str) -> tuple[str, str] | None:
        """The value of ``key`` and where it was written; blank values count as unset (an empty secret of a CI system)."""
        for layer in self._layers:
            if value := layer.values.get(key, "").strip():
                return value, layer.place or _VARIABLES[key]
        return None

    def get(self, key: str) -> str | None:
        found = self.find(key)
        return found[0] if found else None

    def token(self) -> tuple[Secret, str]:
        if found := self.find("auth.token"):
            return clean_token(*found), found[1]
        raise ConfigError(
            f"there is no Sentry auth token: {self._where('auth.token', '[auth] token')}",
            hint="set SENTRY_AUTH_TOKEN to a token with the scopes project:releases, event:read and org:read "
            "(event:write too, for comments on issues)",
        )

    def org(self, claims: OrgToken | None) -> str:
        value = self.get("defaults.org") or (claims.org if claims else None)
        if value is None:
            raise ConfigError(
                f"there is no Sentry organisation: {self._where('defaults.org', '[defaults] org')}",
                hint="set SENTRY_ORG to the organisation's slug, as in its Sentry address",
            )
        return _slug(value, "organisation")

    def projects(self) -> tuple[str, ...]:
        names = re.split(r"[\s,]+", (self.get("defaults.project") or "").strip())
        return tuple(dict.fromkeys(_slug(name, "project") for name in names if name))

    def url(self, claims: OrgToken | None) -> tuple[str, str]:
        if found := self.find("defaults.url"):
            return _base_url(*found), found[1]
        if claims and (embedded := claims.region_url or claims.url):
            return _base_url(embedded, "the organisation token"), "the organisation token"
        return DEFAULT_URL, "the default"

    def headers(self) -> tuple[tuple[str, str], ...]:
        found = self.find("defaults.custom_header")
        if not found:
            return ()
        name, colon, value = found[0].partition(":")
        if not colon or not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name.strip()) or not value.strip().isprintable():
            raise ConfigError(f"the header in {found[1]} is not of the form 'Name: value'", hint=f"correct {found[1]}")
        return ((name.strip(), value.strip()),)

    def proxy(self) -> str | None:
        url, user = self.get("http.proxy_url"), self.get("http.proxy_username")
        if not url or not user:
            return url
        password = quote(self.get("http.proxy_password") or "", safe="")
        scheme, _, rest = url.rpartition("://")
        return f"{scheme or 'http'}://{quote(user, safe='')}:{password}@{rest}"

    def max_retries(self) -> int | None:
        found = self.find("http.max_retries")
        if not found:
            return None
        if not re.fullmatch(r"\d{1,3}", found[0]):
            raise ConfigError(f"{found[1]} says {found[0]!r} for the number of retries", hint="give a whole number, such as 5")
        return int(found[0])

    def _where(self, key: str, ini_key: str) -> str:
        variable = _VARIABLES[key]
        state = "is set but empty" if variable in self._environ else "is not set"
        places = ", ".join(layer.place for layer in self._files) or f"any {' or '.join(FILE_NAMES)} from here upwards, or at home"
        return f"{variable} {state}, and there is no {ini_key} in {places}"


def _slug(value: str, what: str) -> str:
    if not _SLUG.fullmatch(value):
        raise ConfigError(
            f"{value!r} is not the slug of a Sentry {what}", hint=f"use the {what}'s short name, as in its Sentry address"
        )
    return value


def _base_url(value: str, source: str) -> str:
    try:
        parts = urlsplit(value)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        valid = valid and not (parts.query or parts.fragment or parts.username) and _may_hold_sentry(parts)
    except ValueError:
        valid = False
    if not valid:
        raise ConfigError(
            f"the Sentry address in {source} is not the root of a web address",
            hint="write scheme and host, such as https://sentry.example.com or https://de.sentry.io, and the path only where a "
            "server of your own lives below one, such as https://example.com/sentry",
        )
    return f"{parts.scheme}://{parts.netloc.lower()}{_API.sub('', parts.path).rstrip('/')}"


def _may_hold_sentry(parts: SplitResult) -> bool:
    """A page of Sentry's, copied from the browser, is no root; and at sentry.io every path is one."""
    segments = _API.sub("", parts.path).strip("/").split("/")
    is_saas = parts.hostname == "sentry.io" or (parts.hostname or "").endswith(".sentry.io")
    if segments == [""]:
        return True
    return not is_saas and all(_SLUG.fullmatch(segment) and segment not in _PAGES for segment in segments)


def _warnings(url: str, source: str, *, org: str, claims: OrgToken | None) -> list[str]:
    found = []
    if url.startswith("http://") and urlsplit(url).hostname not in _LOCAL_HOSTS:
        found.append(f"{url} is not encrypted: the token can be read on the way")
    if claims is None:
        return found
    embedded = {address.rstrip("/").lower() for address in (claims.url, claims.region_url) if address}
    if embedded and url not in embedded:
        found.append(f"the organisation token is for {' or '.join(sorted(embedded))}; using {url} of {source}")
    if claims.org and claims.org != org:
        found.append(f"the organisation token is for the organisation {claims.org!r}; using {org!r}")
    found.append("an organisation token can create releases and deploys, but cannot read issues or comment on them")
    return found
