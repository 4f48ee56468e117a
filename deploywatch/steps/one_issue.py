"""What speaks for and against a release about one issue that somebody asks for by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from deploywatch.errors import SentryError
from deploywatch.model import Issue, Rate, Regression, RegressionKind, Severity, Verdict, WatchResult
from deploywatch.watch import wording
from deploywatch.watch.brought import judge_brought
from deploywatch.watch.endpoints import main_endpoints
from deploywatch.watch.findings import regression
from deploywatch.watch.judgement import Judgement
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.seen import Novelty, Seen
from deploywatch.watch.source import EndpointTally, EventTimes, IssueSource
from deploywatch.watch.spiking import judge_known

REGRESSED: Final = "regressed"
"""The substatus of an issue that was resolved and came back."""


def examine(plan: WatchPlan, source: IssueSource, issue: Issue, at: datetime) -> WatchResult:
    """The issue as a regression of ``plan.release``, so that its suspects can be named.

    The verdict is ``regression`` where the release brought it, brought it back, or made it certainly more frequent; else
    ``inconclusive``, for nothing shows that the release is to blame. Raises ``SentryError``.
    """
    times = source.event_times(issue, plan.since)
    issue, novelty = _counted(issue, times), _novelty(plan, issue)
    seen = Seen().with_issue(issue, novelty).with_events(issue.id, times.events)
    if novelty is Novelty.KNOWN:
        before = source.baseline(issue, plan.deployed_at - plan.baseline, plan.deployed_at, plan.bucket)
        seen = replace(seen, issues={issue.id: replace(seen.issues[issue.id], before=before)})
    judgement = next(iter((*judge_brought(plan, seen, at), *judge_known(plan, seen, at))), None)
    requests, blind_spots = _requests(plan, source, judgement, at)
    found = regression(plan, judgement, at, requests) if judgement else _silent(plan, issue, novelty)
    blamed = novelty is not Novelty.KNOWN or _is_certain(judgement)
    return WatchResult(
        release=plan.release,
        environment=plan.environment,
        verdict=Verdict.REGRESSION if blamed else Verdict.INCONCLUSIVE,
        why=found.why if blamed else f"{_known_before(plan, issue)}; {found.why}",
        started_at=at,
        ended_at=at,
        regressions=(found,),
        events_seen=issue.count,
        polls=1,
        blind_spots=blind_spots,
        deployed_at=plan.deployed_at,
    )


def _requests(
    plan: WatchPlan, source: IssueSource, judgement: Judgement | None, at: datetime
) -> tuple[dict[str, EndpointTally], tuple[str, ...]]:
    """The requests to the issue's endpoints by name, and what could not be seen of them."""
    names = main_endpoints(plan, judgement) if judgement else ()
    try:
        tallies = source.endpoints(names, plan.deployed_at, at) if names else None
    except SentryError as error:
        return {}, (error.message,)
    return {tally.endpoint: tally for tally in tallies or ()}, ()


def _counted(issue: Issue, times: EventTimes) -> Issue:
    """With the counts of the window, as everywhere; a page of its own counts the whole life."""
    clients = {event.client for event in times.events if event.client}
    if not times.complete:
        return issue
    return replace(issue, count=len(times.events), user_count=len(clients) or None)


def _novelty(plan: WatchPlan, issue: Issue) -> Novelty:
    if issue.first_release in (plan.release, None):
        return Novelty.NEW
    return Novelty.REGRESSED if issue.substatus == REGRESSED else Novelty.KNOWN


def _is_certain(judgement: Judgement | None) -> bool:
    return judgement is not None and judgement.reached is not None


def _silent(plan: WatchPlan, issue: Issue, novelty: Novelty) -> Regression:
    kind = {Novelty.NEW: RegressionKind.NEW, Novelty.REGRESSED: RegressionKind.REGRESSED}.get(novelty, RegressionKind.SPIKING)
    why = f"no event of {wording.name(issue)} is to be seen in {plan.environment} since {plan.since:%Y-%m-%d %H:%M} UTC"
    return Regression(kind, Severity.LOW, issue, Rate(None, 0.0), why)


def _known_before(plan: WatchPlan, issue: Issue) -> str:
    since = f" on {issue.first_seen:%Y-%m-%d %H:%M} UTC" if issue.first_seen else ""
    return f"{issue.short_id} is older than {plan.release} (first seen in {issue.first_release}{since}) and need not be its doing"
