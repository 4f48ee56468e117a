"""A judgement that is certain enough -> the regression that people are told of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from deploywatch.model import EndpointShare, Issue, Rate, Regression, Severity
from deploywatch.watch import wording
from deploywatch.watch.counting import buckets
from deploywatch.watch.endpoints import worst_endpoint
from deploywatch.watch.judgement import Judgement
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.severity import severity
from deploywatch.watch.source import EndpointTally

SERVICE_ISSUE: Final = "failure-rate"
"""The id of the made-up issue by which the service's failures as a whole are reported; Sentry has none of it."""

_MOST_BUCKETS: Final = 60


def regression(
    plan: WatchPlan, judgement: Judgement, at: datetime, tallies: Mapping[str, EndpointTally] = MappingProxyType({})
) -> Regression:
    """The regression with its numbers as of ``at``; its buckets hold all events and are not more than a page shows.

    ``tallies`` are the requests to endpoints by name, as far as they are known.
    """
    issue = judgement.issue or _service_issue(plan, judgement)
    value, path, endpoint = rate(judgement), judgement.path, worst_endpoint(plan, judgement, tallies)
    width = plan.bucket * max(1, -(-(at - plan.deployed_at) // (plan.bucket * _MOST_BUCKETS)))
    return Regression(
        kind=judgement.kind,
        severity=_severity(plan, judgement, value, at, endpoint),
        issue=issue,
        rate=value,
        why=wording.against(plan, judgement, value) + wording.failing(endpoint),
        buckets=buckets(path.events, judgement.before, deployed_at=plan.deployed_at, until=at, width=width) if path else (),
        endpoint=endpoint,
    )


def rate(judgement: Judgement) -> Rate:
    """What counted per minute, or per request; of what is new, all events since the first one.

    Nothing is made a rate of that went on for less than a minute: three events in a second are not 180 a minute.
    """
    if judgement.by_request:
        before = judgement.baseline.rate if judgement.baseline else 0.0
        return Rate(before, judgement.hits / judgement.exposure if judgement.exposure else 0.0, wording.SHARE)
    if judgement.baseline is not None:
        return _per_minute(judgement.hits, judgement.exposure, before=judgement.baseline.rate)
    first = judgement.path.times[0] if judgement.path else 0.0
    events = max(judgement.hits, judgement.issue.count if judgement.issue else 0)
    return _per_minute(events, judgement.exposure - first, before=0.0)


def _per_minute(events: float, minutes: float, *, before: float) -> Rate:
    if minutes < 1:
        return Rate(before * max(minutes, 0.0), events, wording.COUNT)
    return Rate(before, events / minutes, wording.EVENTS)


def worst_first(found: Regression) -> tuple[int, float, str]:
    """A sort key: by severity, then by rate."""
    return -list(Severity).index(found.severity), -found.rate.after, found.issue.id


def _severity(plan: WatchPlan, judgement: Judgement, value: Rate, at: datetime, endpoint: EndpointShare | None) -> Severity:
    path = judgement.path
    minutes = max(plan.minutes(at), 1.0)
    per_minute = judgement.hits / minutes if judgement.by_request else value.after
    share = value.after if judgement.by_request else None
    users = (path.clients if path else None) or 0
    return severity(plan.severity, judgement.issue, per_minute=per_minute, users=users, share=share, endpoint=endpoint)


def _service_issue(plan: WatchPlan, judgement: Judgement) -> Issue:
    return Issue(
        id=SERVICE_ISSUE,
        short_id=SERVICE_ISSUE,
        title=f"failures of {', '.join(plan.projects) or 'the service'} in {plan.environment}",
        culprit=None,
        project=plan.projects[0] if len(plan.projects) == 1 else "",
        count=round(judgement.hits),
    )
