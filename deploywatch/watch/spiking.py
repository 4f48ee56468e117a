"""The issues that were there before: do they happen more often since the deploy?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from deploywatch.model import RegressionKind
from deploywatch.watch.baselines import baseline_of
from deploywatch.watch.control import Walk
from deploywatch.watch.counting import Baseline, knows_clients
from deploywatch.watch.judgement import Judgement, Path
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.ruler import Bar, Ruler
from deploywatch.watch.seen import Seen, SeenIssue
from deploywatch.watch.sequential import threshold

# Of these issues' alarms: for those that were silent in the whole baseline, whose number nobody can know beforehand.
_DORMANT_SHARE: Final = 0.1


def judge_known(plan: WatchPlan, seen: Seen, at: datetime) -> tuple[Judgement, ...]:
    """A judgement for each that has an event and whose time before the deploy is known.

    The alarms are shared out evenly among the issues that were active before the deploy, so that many issues make no more
    false alarms than one; those that were not get shares of what is kept for them in the order of their first event.
    """
    ruler = Ruler.of(plan, seen)
    found = [_Known.of(plan, seen, issue, at, ruler) for issue in seen.known() if issue.before is not None]
    found = [known for known in found if known.path.times]
    shares = _shares(plan, seen, found)
    return tuple(_judge(plan, known, at, ruler, alpha) for known, alpha in zip(found, shares, strict=True))


def service_share(plan: WatchPlan) -> float:
    """The known issues' part of ``plan.alpha`` where they have to stand for the service's failures too."""
    return plan.known.alpha_share + plan.failures.alpha_share


@dataclass(frozen=True, slots=True)
class _Known:
    seen: SeenIssue
    baseline: Baseline
    path: Path

    @classmethod
    def of(cls, plan: WatchPlan, seen: Seen, issue: SeenIssue, at: datetime, ruler: Ruler) -> _Known:
        # By client only where that is fair to both sides of the deploy.
        by_client = knows_clients(issue.before or ()) and all(event.client is not None for event in issue.events)
        # Requests are counted for the release alone, and then its events must be too.
        path = Path.of(plan, issue, at, by_client=by_client, own=ruler.exposure.is_own, named=bool(ruler.control))
        return cls(issue, baseline_of(plan, seen, issue, by_client=by_client), path)


def _shares(plan: WatchPlan, seen: Seen, found: Sequence[_Known]) -> list[float]:
    """Each one's part of ``plan.alpha``; the part of the service's failures is theirs where those are not told."""
    whole = plan.alpha * (plan.known.alpha_share if seen.failures_before else service_share(plan))
    active = max(1, len(seen.known()) if seen.active is None else seen.active)
    dormant = sorted((known.path.times[0], known.seen.issue.id) for known in found if not known.baseline.hits)
    places = {issue_id: place for place, (_, issue_id) in enumerate(dormant, start=1)}
    return [
        whole * _DORMANT_SHARE / (place * (place + 1))
        if (place := places.get(known.seen.issue.id))
        else whole * (1 - _DORMANT_SHARE) / active
        for known in found
    ]


def _judge(plan: WatchPlan, known: _Known, at: datetime, ruler: Ruler, alpha: float) -> Judgement:
    bar = Bar(needed=threshold(alpha), least=plan.known.min_events, ratio=plan.known.min_ratio)
    times, walk = known.path.times, Walk.of(known.path.times, known.path.others, ruler.control)
    now = max(plan.minutes(at), times[-1])
    proof = ruler.prove(walk, known.baseline, bar, now)
    return Judgement(
        kind=RegressionKind.SPIKING,
        issue=known.seen.issue,
        evidence=proof.evidence,
        needed=bar.needed,
        reached=proof.reached,
        hits=len(times),
        exposure=ruler.exposure.until(now),
        by_request=ruler.exposure.points is not None,
        baseline=known.baseline,
        path=known.path,
        before=known.seen.before or (),
        beside=ruler.told(walk, now),
        shared=proof.shared,
    )
