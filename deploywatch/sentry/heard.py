"""Which releases the events of an environment carry, so that one that nothing reports to is not mistaken for a quiet one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from deploywatch.sentry.addresses import tell
from deploywatch.sentry.client import Client
from deploywatch.sentry.events import occurrences
from deploywatch.sentry.issues import IssueQuery, search
from deploywatch.sentry.releases import recent_releases

_LISTED: Final = 50
_ISSUES_ASKED: Final = 2


@dataclass(frozen=True, slots=True)
class HeardRelease:
    """A release and when its newest event happened, as far as was looked (aware UTC)."""

    version: str
    at: datetime


def heard_releases(client: Client, query: IssueQuery) -> tuple[HeardRelease, ...]:
    """The releases, other than ``query.release``, of the newest events since ``query.since``; the one heard last comes first.

    Empty where this server or this token cannot tell. Raises ``SentryUnavailable`` where Sentry is down.
    """
    found: dict[str, datetime] = {}
    for one in (*_of_issues(client, query), *_of_releases(client, query)):
        found[one.version] = max(one.at, found.get(one.version, one.at))
    others = (HeardRelease(version, at) for version, at in found.items() if version != query.release)
    return tuple(sorted(others, key=lambda one: one.at, reverse=True))


def _of_issues(client: Client, query: IssueQuery) -> Iterator[HeardRelease]:
    """The tags of the newest events themselves: what every server has."""
    for issue in tell(lambda: search(client, query, "", limit=_ISSUES_ASKED)) or ():
        listed = tell(lambda issue=issue: occurrences(client, issue.id, since=query.since, environment=query.environment))  # type: ignore[misc]
        yield from (HeardRelease(event.release, event.at) for event in (listed.events if listed else ()) if event.release)


def _of_releases(client: Client, query: IssueQuery) -> Iterator[HeardRelease]:
    """What the list of releases says of itself, on servers that know when they last heard of each."""
    listed = tell(lambda: recent_releases(client, environment=query.environment, projects=query.projects, limit=_LISTED))
    for release in listed or ():
        if release.last_event and release.last_event >= query.since:
            yield HeardRelease(release.version, release.last_event)
