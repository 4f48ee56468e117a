"""The service as a whole: does a larger share of its requests fail, or do more errors happen, since the deploy?"""

from __future__ import annotations

import math

from deploywatch.model import RegressionKind
from deploywatch.watch.baselines import exposure_after, failure_baseline
from deploywatch.watch.counting import MINUTE
from deploywatch.watch.judgement import Judgement, increase
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.seen import Seen
from deploywatch.watch.sequential import threshold


def judge_failures(plan: WatchPlan, seen: Seen) -> Judgement | None:
    """Looked at the end of every complete bucket; ``None`` where the failures cannot be told."""
    baseline, after = failure_baseline(plan, seen.failures_before), seen.failures_after
    if baseline is None or after is None:
        return None
    exposure, needed = exposure_after(plan, seen), threshold(plan.alpha * plan.failures.alpha_share)
    failed, done, evidence, reached = 0.0, 0.0, 0.0, None
    for tally in sorted(after.tallies, key=lambda tally: tally.start):
        end = (tally.start + tally.width - plan.deployed_at) / MINUTE
        if end <= 0:
            continue
        failed, done = failed + tally.failed, exposure.until(end)
        evidence = increase(math.floor(failed), done, baseline)
        is_worth_it = failed >= plan.failures.min_failures and failed >= plan.failures.min_ratio * baseline.rate * done
        if reached is None and is_worth_it and evidence >= needed:
            reached = end
    return Judgement(
        kind=RegressionKind.SPIKING,
        issue=None,
        evidence=evidence,
        needed=needed,
        reached=reached,
        hits=failed,
        exposure=done,
        by_request=exposure.points is not None,
        baseline=baseline,
        definition=after.definition,
    )
