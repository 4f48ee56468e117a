"""The issues that the release brought, or brought back: each of their events should not be there at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from deploywatch.model import RegressionKind
from deploywatch.watch.baselines import control_of
from deploywatch.watch.control import Control, Step, Walk
from deploywatch.watch.counting import MINUTE
from deploywatch.watch.judgement import Judgement, Path
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.seen import Novelty, Seen, SeenIssue
from deploywatch.watch.sequential import evidence_in_all, evidence_of_new, threshold


def judge_brought(plan: WatchPlan, seen: Seen, at: datetime) -> tuple[Judgement, ...]:
    """A judgement for each of them that has an event."""
    control = control_of(plan, seen)
    paths = [(issue, Path.of(plan, issue, at, by_client=True, own=True, named=bool(control))) for issue in seen.ours()]
    firsts = sorted(path.times[0] for _, path in paths if path.times)
    discovery = _Discovery(plan, seen, firsts)
    return tuple(_judge(plan, issue, path, at, discovery, control) for issue, path in paths if path.times)


class _Discovery:
    """How many new issues turn up per minute, innocent until proven: those before the deploy and those since."""

    def __init__(self, plan: WatchPlan, seen: Seen, firsts: Sequence[float]) -> None:
        self._assumed = plan.new.discoveries_per_hour / 60
        self._before, self._span, self._firsts = seen.discovered, plan.history / MINUTE, firsts

    def rate(self, minutes: float) -> float:
        if self._before is None:
            return self._assumed
        since = sum(first <= minutes for first in self._firsts)
        return (self._before + max(1, since)) / (self._span + minutes)


def _judge(plan: WatchPlan, issue: SeenIssue, path: Path, at: datetime, discovery: _Discovery, control: Control) -> Judgement:
    now = max(plan.minutes(at), path.times[-1])
    needed = threshold(plan.alpha * plan.new.alpha_share)

    def evidence(count: int, minutes: float) -> float:
        return evidence_of_new(
            count,
            first=path.times[0],
            now=minutes,
            discovery_rate=discovery.rate(minutes),
            background_rate=plan.new.background_per_hour / 60,
        )

    worth = path.times if (path.clients or 0) >= plan.new.min_users else ()
    walk = Walk.of(worth, path.others if issue.novelty is Novelty.NEW else (), control)
    own = (step for step in walk.steps if step.is_own and step.hits >= plan.new.min_events)
    proven = (step.minutes for step in own if evidence(int(step.hits), step.minutes) >= needed)
    reached, shared = _alone(plan, walk, proven, needed=needed, now=now)
    return Judgement(
        kind=RegressionKind.NEW if issue.novelty is Novelty.NEW else RegressionKind.REGRESSED,
        issue=issue.issue,
        evidence=evidence(len(path.times), now),
        needed=needed,
        reached=reached,
        hits=len(path.times),
        exposure=now,
        path=path,
        before=issue.before or (),
        beside=walk.at(now).beside if control else None,
        shared=shared,
    )


def _alone(plan: WatchPlan, walk: Walk, proven: Iterable[float], *, needed: float, now: float) -> tuple[float | None, bool]:
    """The first of the minutes at which the issue is the release's alone, a moment later too; and whether only that fails."""
    shared = False
    for minutes in proven:
        if not _is_shared(walk.at(min(minutes + plan.settling / MINUTE, now)), needed):
            return minutes, False
        shared = True
    return None, shared


def _is_shared(step: Step, needed: float) -> bool:
    """Whether the releases beside it have the issue, too, and nearly as often per request: then none of them brought it.

    What came back is no question for those: they may be without the fix that the release was to bring.
    """
    return step.beside.others_failed > 0 and evidence_in_all(step.beside.logs) < needed
