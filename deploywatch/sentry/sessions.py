"""Sessions: the only sign that a healthy release without tracing gives."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from deploywatch.sentry.addresses import with_projects
from deploywatch.sentry.client import Client, Query
from deploywatch.sentry.issues import IssueQuery, quoted
from deploywatch.sentry.wire import SessionsWire, read

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
