"""What answers at the address: who we are there, which server it is, and which parts of the API it has not.

Sentry's front end asks ``/api/client-config/`` for the version, GlitchTip's ``/api/settings/``; both answer without a token.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import BeforeValidator

from deploywatch.errors import SentryEndpointMissing, SentryError
from deploywatch.sentry.addresses import tell
from deploywatch.sentry.client import Call, Client, api_path
from deploywatch.sentry.deploys import deploys
from deploywatch.sentry.issues import IssueQuery
from deploywatch.sentry.ownership import held_rules
from deploywatch.sentry.releases import recent_releases
from deploywatch.sentry.sessions import session_count
from deploywatch.sentry.stats import SeriesQuery, series
from deploywatch.sentry.wire import Text, Wire, mapping, read, read_all

SAAS: Final = "sentry.io"


class _AuthWire(Wire):
    scopes: Annotated[tuple[str, ...] | None, BeforeValidator(lambda value: value if isinstance(value, list) else None)] = None


class _RootWire(Wire):
    auth: Annotated[_AuthWire | None, BeforeValidator(mapping)] = None
    user: Annotated[Wire | None, BeforeValidator(mapping)] = None


class _LinksWire(Wire):
    region_url: Text = None


class _OrganisationWire(Wire):
    slug: Text = None
    links: Annotated[_LinksWire | None, BeforeValidator(mapping)] = None


class _NamedWire(Wire):
    slug: Text = None
    name: Text = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose token it is. ``scopes`` are ``None`` where the server does not tell."""

    scopes: frozenset[str] | None
    has_user: bool


@dataclass(frozen=True, slots=True)
class Server:
    """What answers: ``Sentry``, ``sentry.io`` or ``GlitchTip`` with a version, ``""`` each where it does not tell."""

    kind: str = ""
    version: str = ""


def caller(client: Client) -> Caller:
    """Who asks, by the server's word. Raises ``SentryError``."""
    answer = read(_RootWire, client.get("/", scope="none"), "/")
    scopes = answer.auth.scopes if answer.auth else None
    return Caller(None if scopes is None else frozenset(scopes), answer.user is not None)


def identify(client: Client) -> Server:
    """Which server it is, as far as it tells. Raises ``SentryUnavailable`` where it does not answer at all."""
    host = urlsplit(client.connection.url).hostname or ""
    if host == SAAS or host.endswith(f".{SAAS}"):
        return Server(SAAS)
    config = tell(lambda: client.call(Call("GET", "/client-config/", root="/api")).json)
    if version := _version(config, "version", "current"):
        return Server("Sentry", version)
    version = _version(tell(lambda: client.call(Call("GET", "/settings/", root="/api")).json), "version")
    return Server("GlitchTip", version) if version else Server()


def region_of(client: Client) -> str | None:
    """Where the organisation lives by its own word, ``None`` where the server or the token does not tell."""
    where = client.path()
    wire = tell(lambda: read(_OrganisationWire, client.get(where, scope="org:read"), where))
    return wire.links.region_url.rstrip("/") if wire and wire.links and wire.links.region_url else None


def has_project(client: Client, slug: str) -> bool | None:
    """Whether the token sees the project; ``None`` where it may not even look."""
    where = api_path("projects", client.connection.org, slug)
    try:
        client.get(where, scope="project:read")
    except SentryEndpointMissing:
        return None
    except SentryError as error:
        if error.status == 404:
            return False
        if error.status == 403:
            return None
        raise
    return True


def project_slugs(client: Client) -> tuple[str, ...] | None:
    """The projects that the token sees, ``None`` where it may not list them."""
    where = client.path("projects")
    wires = tell(lambda: read_all(_NamedWire, client.pages(where, scope="org:read"), where))
    return None if wires is None else tuple(wire.slug for wire in wires if wire.slug)


def environment_names(client: Client) -> tuple[str, ...] | None:
    """The environments that the organisation has heard of, ``None`` where the server or the token does not tell."""
    where = client.path("environments")
    wires = tell(lambda: read_all(_NamedWire, client.pages(where, scope="org:read"), where))
    return None if wires is None else tuple(wire.name for wire in wires if wire.name)


def lacking(client: Client, query: IssueQuery) -> tuple[str, ...]:
    """The parts of the API that the server has not, of those that deploywatch would use. What a token may not is not lacking."""
    now = client.now()
    counted = SeriesQuery("errors", "", now - timedelta(hours=1), now, timedelta(minutes=15), None, query.projects)
    newest = next(iter(tell(lambda: recent_releases(client, projects=query.projects, limit=1)) or ()), None)
    parts: list[tuple[str, Callable[[], Any]]] = [
        ("counts over time", lambda: series(client, counted, ("count()",))),
        ("sessions", lambda: session_count(client, query)),
    ]
    if query.projects:
        parts.append(("ownership rules", lambda: held_rules(client, query.projects[0])))
    if newest:
        parts.append(("commits of a release", lambda: client.get(client.path("releases", newest.version, "commits"))))
        parts.append(("deploys", lambda: deploys(client, newest.version)))
    return tuple(name for name, ask in parts if _is_missing(ask))


def _is_missing(ask: Callable[[], Any]) -> bool:
    try:
        ask()
    except SentryEndpointMissing:
        return True
    except SentryError:
        return False
    return False


def _version(value: Any, *keys: str) -> str:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value[:40] if isinstance(value, str) else ""
