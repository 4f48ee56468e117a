"""To each regression one of its events, for its suspects to be named."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from deploywatch.errors import SentryError
from deploywatch.model import Event, Issue, WatchResult
from deploywatch.sentry.events import event_of
from deploywatch.watch.findings import SERVICE_ISSUE

if TYPE_CHECKING:
    from deploywatch.sentry.client import Client


def with_events(client: Client, result: WatchResult, *, since: datetime) -> WatchResult:
    """The result with an event of the release at each regression. One that cannot be had is a blind spot, and no error."""
    regressions, blind = [], []
    for regression in result.regressions:
        if regression.issue.id.startswith(SERVICE_ISSUE):
            regressions.append(regression)
            continue
        event, trouble = _event(client, regression.issue, result, since)
        regressions.append(replace(regression, event=event))
        blind += [trouble] if trouble else []
    return replace(result, regressions=tuple(regressions), blind_spots=(*result.blind_spots, *blind))


def _event(client: Client, issue: Issue, result: WatchResult, since: datetime) -> tuple[Event | None, str | None]:
    try:
        event = event_of(
            client, issue.id, release=result.release, environment=result.environment or None, since=since, project=issue.project
        )
    except SentryError as error:
        return None, f"no suspects can be named for {issue.short_id}: {error.message}"
    if event is None:
        return None, f"no suspects can be named for {issue.short_id}: Sentry has none of its events any more"
    if event.release not in (result.release, None):
        return (
            event,
            f"the event of {issue.short_id} that was looked into is of {event.release}: Sentry has none of {result.release}",
        )
    return event, None
