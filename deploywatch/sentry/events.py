"""Events: one to look into, all of them to count, and whether any can be seen at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Final

from deploywatch.errors import InputError, SentryEndpointMissing, SentryNotFound, SentryUnavailable
from deploywatch.model import Event
from deploywatch.sentry.addresses import at_issue, tell
from deploywatch.sentry.client import PAGE_SIZE, Client, api_path
from deploywatch.sentry.issues import CLOCK_SKEW, IssueQuery, search
from deploywatch.sentry.wire import OccurrenceWire, read, stamp
from deploywatch.watch.source import EventTimes, Occurrence

MAX_PAGES: Final = 10
_MOST_TRIED: Final = 5
LATEST: Final = "latest"


def latest_event(client: Client, issue_id: str, *, environment: str | None = None) -> Event | None:
    """The newest event with its stack trace; ``None`` where Sentry has none (any more, or not yet) of this issue or environment.

    Raises ``SentryUnavailable`` for an event that cannot be read.
    """
    try:
        return _named(client, issue_id, LATEST, environment)
    except InputError as error:
        raise _unreadable(issue_id, error) from error


def event_of(
    client: Client, issue_id: str, *, release: str, environment: str | None, since: datetime, project: str | None = None
) -> Event | None:
    """The event of the issue that tells most: of the release, with a stack trace, new; as far as there is one.

    Sentry lists events that it no longer has, and the latest one may be of an older release that still serves. ``None`` where
    none is left. ``project`` (a slug) is for old servers. Raises ``SentryUnavailable`` where none can be read.
    """
    unreadable: InputError | None = None
    best: Event | None = None
    worth = (False, False)
    for name in _names(client, issue_id, release, environment, since):
        try:
            found = _named(client, issue_id, name, environment, project)
        except InputError as error:
            unreadable = error
            continue
        if found and (best is None or _worth(found, release) > worth):
            best, worth = found, _worth(found, release)
        if all(worth):
            break
    if best is None and unreadable is not None:
        raise _unreadable(issue_id, unreadable) from unreadable
    return best


def occurrences(
    client: Client, issue_id: str, *, since: datetime, until: datetime | None = None, environment: str | None = None
) -> EventTimes:
    """The events of the issue in ``[since, until]`` (until now unless given), newest first, at most 1000."""
    end = until or client.now() + CLOCK_SKEW
    query = [("start", stamp(since)), ("end", stamp(end)), ("per_page", str(PAGE_SIZE))]
    query += [("environment", environment)] if environment else []

    def ask(path: str) -> EventTimes:
        pages = client.pages(path, query, limit=MAX_PAGES)
        found: list[Occurrence] = []
        for item in pages:
            wire = read(OccurrenceWire, item, path)
            at = wire.date_created
            # Servers that ignore the window give everything, newest first.
            if at and at < since:
                return EventTimes(tuple(found), complete=True)
            if at and at <= end and environment in (None, wire.tag("environment") or environment):
                found.append(_occurrence(wire, at))
        return EventTimes(tuple(found), pages.complete)

    return at_issue(client, issue_id, "events", ask=ask)


def _occurrence(wire: OccurrenceWire, at: datetime) -> Occurrence:
    release = wire.tag("release") or wire.tag("sentry:release")
    return Occurrence(wire.id, at, release, wire.client(), wire.tag("transaction") or None)


def any_event(client: Client, query: IssueQuery) -> datetime | None:
    """When the newest event of *any* release in the query's projects, environment and window happened, if one can be seen at all.

    The proof that silence means something. Raises ``SentryUnknownEnvironment`` as ``search`` does.
    """
    found = search(client, replace(query, release=""), "", limit=1)
    return found[0].last_seen if found else None


def _names(client: Client, issue_id: str, release: str, environment: str | None, since: datetime) -> Iterator[str]:
    yield LATEST
    listed = occurrences(client, issue_id, since=since, environment=environment)
    yield from islice((one.id for one in listed.events if one.release in (release, None)), _MOST_TRIED)


def _worth(event: Event, release: str) -> tuple[bool, bool]:
    return event.release in (release, None), bool(event.stacktrace.frames)


def _named(client: Client, issue_id: str, name: str, environment: str | None, project: str | None = None) -> Event | None:
    """The event, or ``None`` where it is not there. Raises ``InputError`` for one that cannot be read.

    Sentry before 2023 has only the latest and the oldest event below the issue, and all others below the ``project`` (a slug).
    """
    from deploywatch.stacktraces.events import read_event

    query = [("environment", environment)] if environment else []
    try:
        data = at_issue(client, issue_id, "events", name, ask=lambda path: client.get(path, query))
    except SentryNotFound:
        return None
    except SentryEndpointMissing:
        if name == LATEST:
            raise
        data = tell(lambda: client.get(api_path("projects", client.connection.org, project, "events", name))) if project else None
        if data is None:
            return None
    found = read_event(data)
    return found if found.issue_id else replace(found, issue_id=issue_id)


def _unreadable(issue_id: str, error: InputError) -> SentryUnavailable:
    return SentryUnavailable(
        f"the latest event of issue {issue_id} cannot be read: {error.message}", hint="look at the event in Sentry"
    )
