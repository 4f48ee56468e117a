"""Everything seen so far -> a verdict, or none yet. Pure: the same evidence gives the same decision, whenever it is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from deploywatch.durations import format_duration
from deploywatch.model import Regression, RegressionKind, Verdict
from deploywatch.watch import wording
from deploywatch.watch.brought import judge_brought
from deploywatch.watch.doubts import View, doubts
from deploywatch.watch.failing import judge_failures
from deploywatch.watch.findings import rate, regression, worst_first
from deploywatch.watch.health import power
from deploywatch.watch.ignoring import ignored_by
from deploywatch.watch.judgement import Judgement
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.seen import Novelty, Seen
from deploywatch.watch.spiking import judge_known


class Ending(StrEnum):
    """Where the watch stands: still running, at its end, or ended from outside."""

    RUNNING = "running"
    OVER = "over"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Decision:
    """``verdict`` is ``None`` while it is too early; ``regressions`` are worst first.

    ``reached_at`` is when the first of them was certain. ``notes`` are sentences about what was seen and does not count.
    """

    verdict: Verdict | None
    why: str
    regressions: tuple[Regression, ...] = ()
    reached_at: datetime | None = None
    notes: tuple[str, ...] = ()


def decide(plan: WatchPlan, seen: Seen, view: View, *, at: datetime, ending: Ending = Ending.RUNNING) -> Decision:
    """The decision by all that was seen until ``at``.

    A regression counts as soon as its evidence is enough. Healthy needs the end, sight until the end, and the power to have
    seen something; what is neither is inconclusive, with the reason.
    """
    judged = judge(plan, seen, at)
    certain = [judgement for judgement in judged if judgement.reached is not None]
    notes = tuple(_notes(plan, seen, judged, at))
    if certain:
        found = tuple(sorted((regression(plan, one, at, seen.endpoints) for one in certain), key=worst_first))
        first = min(judgement.reached or 0.0 for judgement in certain)
        return Decision(Verdict.REGRESSION, wording.found(found), found, plan.deployed_at + timedelta(minutes=first), notes)
    if ending is Ending.RUNNING:
        return Decision(None, "nothing certain speaks against the release so far", notes=notes)
    watched = at - view.started_at
    if ending is Ending.STOPPED:
        return Decision(Verdict.INCONCLUSIVE, f"stopped after {format_duration(watched)}, before its end", notes=notes)
    if doubt := next(doubts(plan, seen, view, judged, at), None):
        return Decision(Verdict.INCONCLUSIVE, doubt, notes=notes)
    rare = sum(judgement.kind is not RegressionKind.SPIKING for judgement in judged)
    why = wording.healthy(watched, seen.event_count(), power(plan, seen, at), rare=rare)
    return Decision(Verdict.HEALTHY, why, notes=notes)


def judge(plan: WatchPlan, seen: Seen, at: datetime) -> tuple[Judgement, ...]:
    """Every issue that counts; the service as a whole only where no issue, ignored or not, explains what is wrong with it."""
    judged = (*judge_brought(plan, seen, at), *judge_known(plan, seen, at))
    issues = tuple(judgement for judgement in judged if _counts(plan, judgement, at))
    service = judge_failures(plan, seen)
    if service is not None and plan.levels and not service.by_request:
        return issues  # errors are counted whatever their level
    if service is None or any(judgement.reached is not None for judgement in judged):
        return issues
    return (*issues, service)


def _counts(plan: WatchPlan, judgement: Judgement, at: datetime) -> bool:
    issue = judgement.issue
    return issue is None or (ignored_by(plan.ignore, issue, at) is None and (not plan.levels or issue.level in plan.levels))


def _notes(plan: WatchPlan, seen: Seen, judged: Sequence[Judgement], at: datetime) -> Iterator[str]:
    for _, one in sorted(seen.issues.items()):
        if rule := ignored_by(plan.ignore, one.issue, at):
            yield f"{wording.name(one.issue)} is ignored: {rule.reason}"
        elif one.novelty is Novelty.ELSEWHERE:
            yield f"{wording.name(one.issue)} was first seen here with {plan.release}, but is known from elsewhere before it"
    for judgement in judged:
        if judgement.shared:
            yield wording.shared(plan, judgement)
        elif judgement.reached is None and judgement.kind is not RegressionKind.SPIKING:
            yield f"{wording.against(plan, judgement, rate(judgement))}: too few to hold against the release"
    if seen.issues or seen.failures_before:
        yield wording.known_by(plan, seen)
