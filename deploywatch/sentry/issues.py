"""Issues: those that a release brought, and one by whatever name it is called."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from deploywatch.errors import SentryEndpointMissing, SentryNotFound, SentryUnknownEnvironment
from deploywatch.model import Issue
from deploywatch.sentry.addresses import at_issue, with_projects
from deploywatch.sentry.client import PAGE_SIZE, Client, Query
from deploywatch.sentry.issue_ref import IssueRef, host_of, parse_issue_ref, same_sentry
from deploywatch.sentry.wire import IssueWire, ShortIdWire, read, read_all, stamp

# Sentry's clock may be ahead of ours; an event must not fall out of a window that ends "now".
CLOCK_SKEW: Final = timedelta(minutes=1)
MAX_PAGES: Final = 5


@dataclass(frozen=True, slots=True)
class IssueQuery:
    """Which issues: of a release, in an environment (``None``: any), in projects (slugs; none: all that the token sees).

    The window is ``[since, until]``, ``until`` being now unless given; an issue belongs to it by the events that it had there.
    """

    release: str
    environment: str | None
    projects: tuple[str, ...]
    since: datetime
    until: datetime | None = None


def first_seen_in(client: Client, query: IssueQuery, *, narrowed: str = "") -> tuple[Issue, ...]:
    """The issues that may be new in the release, of every status; at most 500. ``narrowed`` is added to the search.

    These are *candidates*: with an environment Sentry means the first release in that environment, without one that in any.
    ``first_release`` is ``None`` here; ``issue()`` fills it, and whoever accuses the release compares that and ``first_seen``.
    Where the search finds nothing, the release's issues first seen in the window are given, because a server that does not know
    this search (GlitchTip) answers it with an empty list.
    Raises ``SentryUnknownEnvironment`` while Sentry has never seen the environment.
    """
    if found := search(client, query, f"firstRelease:{quoted(query.release)} {narrowed}".strip()):
        return found
    anyhow = search(client, query, f"release:{quoted(query.release)} {narrowed}".strip())
    return tuple(issue for issue in anyhow if issue.first_seen and issue.first_seen >= query.since)


def regressed_in(client: Client, query: IssueQuery) -> tuple[Issue, ...]:
    """The issues that were resolved and came back in the release. Weaker evidence: events of *older* releases flip them too."""
    return search(client, query, f"regressed_in_release:{quoted(query.release)}")


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave. ``hits`` is how many issues there are, also beyond the limit; ``None``: the server does not say."""

    issues: tuple[Issue, ...]
    hits: int | None = None


def search(client: Client, query: IssueQuery, text: str, *, limit: int = MAX_PAGES * PAGE_SIZE) -> tuple[Issue, ...]:
    """Issues by Sentry's search language (``query.release`` is not looked at); latest seen first. Raises as ``find`` does."""
    return find(client, query, text, limit=limit).issues


def find(client: Client, query: IssueQuery, text: str, *, limit: int, sort: str | None = None) -> Found:
    """As ``search``, in another order, and with the number of hits.

    Raises ``SentryUnknownEnvironment`` where it is the environment, and nothing else, that Sentry does not know.
    """
    order = [("sort", sort)] if sort else []
    try:
        return _find(client, query, [("query", text), *order], limit)
    except SentryNotFound:
        if query.environment is None:
            raise
        _find(client, replace(query, environment=None), [("query", text)], 1)
        raise SentryUnknownEnvironment(
            f"Sentry does not know the environment {query.environment!r} yet",
            hint="it appears with the first event or deploy in it; if there was one, compare the name with the SDK's",
            status=404,
        ) from None


def issue(client: Client, name: str) -> Issue:
    """The issue of this number, short id or address, with ``first_release`` and ``last_release`` where the server tells them."""
    ref = parse_issue_ref(name)
    number = ref.number or _number_of(client, ref)
    found = at_issue(client, number, ask=lambda path: read(IssueWire, client.get(path), path)).noun()
    if not same_sentry(ref.host, host_of(found.permalink)):
        raise SentryNotFound(
            f"{name.strip()[:200]} is an issue of another Sentry than the one at {client.connection.url}",
            hint="set SENTRY_URL and SENTRY_ORG to those of the issue",
        )
    return found


def quoted(value: str) -> str:
    """A value of the search language, in quotes; a ``*`` in it is not a wildcard."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("*", "\\*") + '"'


def _find(client: Client, query: IssueQuery, asked: Query, limit: int) -> Found:
    """The query is always explicit, for the default would hide what is not unresolved; and so is the window."""
    where = client.path("issues")

    def ask(projects: Query) -> Found:
        pages = client.pages(where, [*asked, *_window(client, query, limit), *projects], limit=-(-limit // PAGE_SIZE))
        wires = read_all(IssueWire, pages, where)
        return Found(tuple(wire.noun() for wire in wires[:limit]), pages.hits)

    return with_projects(client, query.projects, ask)


def _window(client: Client, query: IssueQuery, limit: int) -> list[tuple[str, str]]:
    until = query.until or client.now() + CLOCK_SKEW
    return [
        ("start", stamp(query.since.replace(microsecond=0))),
        ("end", stamp(until.replace(microsecond=0))),
        ("limit", str(min(limit, PAGE_SIZE))),
        *([("environment", query.environment)] if query.environment else []),
    ]


def _number_of(client: Client, ref: IssueRef) -> str:
    short_id = ref.short_id or ""
    where = client.path("shortids", short_id)
    try:
        return read(ShortIdWire, client.get(where), where).group_id
    except SentryEndpointMissing:
        return _number_by_search(client, short_id)


def _number_by_search(client: Client, short_id: str) -> str:
    where = client.path("issues")
    found: Any = client.pages(where, [("query", short_id), ("shortIdLookup", "1")], limit=1)
    for wire in read_all(IssueWire, found, where):
        if wire.short_id == short_id:
            return wire.id
    raise SentryNotFound(
        f"Sentry knows no issue {short_id}",
        hint="check the short id, SENTRY_ORG, and that the token may see its project",
        status=404,
    )
