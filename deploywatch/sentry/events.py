"""Events: one to look into, all of them to count, and whether any can be seen at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from deploywatch.errors import InputError, SentryNotFound, SentryUnavailable
from deploywatch.model import Event
from deploywatch.sentry.addresses import at_issue
from deploywatch.sentry.client import PAGE_SIZE, Client
from deploywatch.sentry.issues import CLOCK_SKEW, IssueQuery, search
from deploywatch.sentry.wire import OccurrenceWire, read, stamp
from deploywatch.watch.source import EventTimes, Occurrence

MAX_PAGES: Final = 10


def latest_event(client: Client, issue_id: str, *, environment: str | None = None) -> Event | None:
    """The newest event with its stack trace; ``None`` where Sentry has none (any more, or not yet) of this issue or environment.

    Raises ``SentryUnavailable`` for an event that cannot be read.
    """
    query = [("environment", environment)] if environment else []
    try:
        data = at_issue(client, issue_id, "events", "latest", ask=lambda path: client.get(path, query))
    except SentryNotFound:
        return None
    return _event(data, issue_id)


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
                found.append(Occurrence(wire.id, at, wire.tag("release") or wire.tag("sentry:release"), wire.client()))
        return EventTimes(tuple(found), pages.complete)

    return at_issue(client, issue_id, "events", ask=ask)


def any_event(client: Client, query: IssueQuery) -> datetime | None:
    """When the newest event of *any* release in the query's projects, environment and window happened, if one can be seen at all.

    The proof that silence means something. Raises ``SentryUnknownEnvironment`` as ``search`` does.
    """
    found = search(client, replace(query, release=""), "", limit=1)
    return found[0].last_seen if found else None


def _event(data: Any, issue_id: str) -> Event:
    from deploywatch.stacktraces.events import read_event

    try:
        found = read_event(data)
    except InputError as error:
        raise SentryUnavailable(
            f"the latest event of issue {issue_id} cannot be read: {error.message}", hint="look at the event in Sentry"
        ) from error
    return found if found.issue_id else replace(found, issue_id=issue_id)
