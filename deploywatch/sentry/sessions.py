"""Sessions: the only sign that a healthy release without tracing gives, and its traffic where they are counted by the minute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from deploywatch.sentry.addresses import with_projects
from deploywatch.sentry.client import Client, Query
from deploywatch.sentry.issues import IssueQuery, quoted
from deploywatch.sentry.stats import Point, Series, SeriesQuery
from deploywatch.sentry.wire import SessionsWire, moment, read, stamp

SCOPE: Final = "org:read"
# What every server takes: an hour, and a window of whole ones.
_HOUR: Final = timedelta(hours=1)


def session_count(client: Client, query: IssueQuery) -> int:
    """How many sessions (of a web server: requests) the release had since ``query.since``, rounded out to whole hours."""
    where = client.path("sessions")
    hours = max(1, -((query.since - client.now()) // _HOUR))
    asked = [
        ("field", "sum(session)"),
        ("query", f"release:{quoted(query.release)}"),
        ("statsPeriod", f"{hours}h"),
        ("interval", "1h"),
        *([("environment", query.environment)] if query.environment else []),
    ]

    def ask(projects: Query) -> int:
        answer = read(SessionsWire, client.get(where, [*asked, *projects], scope=SCOPE), where)
        return sum(group.totals.sessions or 0 for group in answer.groups)

    return with_projects(client, query.projects, ask)


TOTAL: Final = "sum(session)"
CRASHED: Final = "crashed"
_CRASH_RATE: Final = "crash_rate(session)"
# SDKs of web servers send what they counted once a minute.
_LATENESS: Final = timedelta(minutes=2)


def session_series(client: Client, query: SeriesQuery) -> Series:
    """Sessions and crashed ones per bucket; none at all from a server that does not count them by buckets of that width.

    ``query.text`` is a search of sessions. Buckets that may still be filling are left out.
    """
    where = client.path("sessions")
    asked = [
        ("field", TOTAL),
        ("field", _CRASH_RATE),
        ("query", query.text),
        ("start", stamp(query.start)),
        ("end", stamp(query.end)),
        ("interval", f"{max(1, round(query.width / timedelta(minutes=1)))}m"),
        *([("environment", query.environment)] if query.environment else []),
    ]
    answer = with_projects(client, query.projects, lambda projects: client.get(where, [*asked, *projects], scope=SCOPE))
    points = tuple(_points(answer if isinstance(answer, Mapping) else {}, query))
    until = min(query.end, client.now() - _LATENESS)
    return Series(tuple(point for point in points if query.start <= point.start and point.start + point.width <= until))


def _points(answer: Mapping[str, Any], query: SeriesQuery) -> Iterator[Point]:
    starts: list[datetime] = [at for text in answer.get("intervals") or () if (at := moment(text))]
    groups = answer.get("groups") or ()
    if len(starts) < 2 or not groups or starts[1] - starts[0] > query.width:
        return
    counts = (groups[0] or {}).get("series") or {}
    for start, total, rate in zip(starts, counts.get(TOTAL) or (), counts.get(_CRASH_RATE) or (), strict=False):
        whole = float(total or 0)
        yield Point(start, starts[1] - starts[0], {TOTAL: whole, CRASHED: round(whole * float(rate or 0))})
