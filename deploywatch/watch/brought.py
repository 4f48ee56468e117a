"""The issues that the release brought, or brought back: each of their events should not be there at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from deploywatch.model import RegressionKind
from deploywatch.watch.counting import MINUTE
from deploywatch.watch.judgement import Judgement, Path
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.seen import Novelty, Seen, SeenIssue
from deploywatch.watch.sequential import evidence_of_new, threshold


def judge_brought(plan: WatchPlan, seen: Seen, at: datetime) -> tuple[Judgement, ...]:
    """A judgement for each of them that has an event."""
    paths = [(issue, Path.of(plan, issue, at, by_client=True, own=True)) for issue in seen.ours()]
    firsts = sorted(path.times[0] for _, path in paths if path.times)
    return tuple(_judge(plan, issue, path, at, _Discovery(plan, seen, firsts)) for issue, path in paths if path.times)


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


def _judge(plan: WatchPlan, issue: SeenIssue, path: Path, at: datetime, discovery: _Discovery) -> Judgement:
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
    counts = enumerate(worth, start=1)
    reached = (minutes for count, minutes in counts if count >= plan.new.min_events and evidence(count, minutes) >= needed)
    return Judgement(
        kind=RegressionKind.NEW if issue.novelty is Novelty.NEW else RegressionKind.REGRESSED,
        issue=issue.issue,
        evidence=evidence(len(path.times), now),
        needed=needed,
        reached=next(reached, None),
        hits=len(path.times),
        exposure=now,
        path=path,
        before=issue.before or (),
    )
