"""The service as a whole: does a larger share of its requests fail, or do more errors happen, since the deploy?"""

from __future__ import annotations

from collections.abc import Iterator

from deploywatch.model import RegressionKind
from deploywatch.watch.baselines import failure_baseline
from deploywatch.watch.control import Control, Walk
from deploywatch.watch.counting import MINUTE
from deploywatch.watch.judgement import Judgement
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.ruler import Bar, Ruler
from deploywatch.watch.seen import Seen
from deploywatch.watch.sequential import threshold
from deploywatch.watch.source import Failures


def judge_failures(plan: WatchPlan, seen: Seen) -> Judgement | None:
    """Looked at the end of every complete bucket; ``None`` where the failures cannot be told."""
    baseline, ruler = failure_baseline(plan, seen.failures_before), Ruler.of(plan, seen)
    after = seen.failures_all if ruler.exposure.everybody else seen.failures_after
    if baseline is None or after is None:
        return None
    settings = plan.failures
    bar = Bar(needed=threshold(plan.alpha * settings.alpha_share), least=settings.min_failures, ratio=settings.min_ratio)
    walk = Walk.of_counts(_counts(plan, after, seen.failures_all, ruler.control))
    end = walk.steps[-1].minutes if walk.steps else 0.0
    proof = ruler.prove(walk, baseline, bar, end)
    return Judgement(
        kind=RegressionKind.SPIKING,
        issue=None,
        evidence=proof.evidence,
        needed=bar.needed,
        reached=proof.reached,
        hits=walk.at(end).hits,
        exposure=ruler.exposure.until(end),
        by_request=ruler.exposure.points is not None,
        baseline=baseline,
        definition=after.definition,
        beside=ruler.told(walk, end),
        shared=proof.shared,
    )


def _counts(
    plan: WatchPlan, after: Failures, everybody: Failures | None, control: Control
) -> Iterator[tuple[float, float | None, float, float]]:
    """For each bucket its end, the release's share of the requests, its failures and those of the others."""
    whole = {tally.start: tally.failed for tally in everybody.tallies} if everybody else {}
    for tally in sorted(after.tallies, key=lambda tally: tally.start):
        end = (tally.start + tally.width - plan.deployed_at) / MINUTE
        if end > 0:
            share = control.share_at(end) if tally.start in whole else None
            yield end, share, tally.failed, max(0.0, whole.get(tally.start, 0.0) - tally.failed)
