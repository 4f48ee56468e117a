"""What must be true before "healthy" may be said: something could be seen, and enough happened to see a change in it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from deploywatch.watch.baselines import baseline_of, exposure_after, failure_baseline
from deploywatch.watch.counting import MINUTE, Baseline
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.ruler import increase
from deploywatch.watch.seen import Seen
from deploywatch.watch.sequential import chance_to_reach, tail, threshold
from deploywatch.watch.spiking import service_share

# Silence is suspicious where so many events were to be expected: none at all then has a probability of exp(-5), under 1 %.
_EXPECTED_NOISE: Final = 5.0
_STEPS: Final = 12
_MANY_EVENTS: Final = 150


@dataclass(frozen=True, slots=True)
class Power:
    """``chance`` of having seen ``what`` rise from the rate ``before`` to ``doubled`` (per minute, or per request)."""

    what: str
    chance: float
    before: float
    doubled: float
    by_request: bool


def power(plan: WatchPlan, seen: Seen, at: datetime) -> Power:
    """The chance to have called a doubling by ``at``, or where there is little to double, the smallest rise that matters."""
    baseline, exposure = usual(plan, seen), exposure_after(plan, seen)
    by_request, minutes = exposure.points is not None, plan.minutes(at)
    done = exposure.until(minutes)
    rise = _smallest_rise(plan, baseline, per_minute=done / minutes if minutes else 0.0, by_request=by_request)
    doubled = baseline.rate + max(baseline.rate, rise)
    share = plan.failures.alpha_share if seen.failures_before else service_share(plan)
    chance = _chance(plan, baseline, doubled, done, alpha=plan.alpha * share)
    what = seen.failures_before.definition if seen.failures_before else "errors"
    return Power(what, chance, baseline.rate, doubled, by_request)


def is_suspiciously_silent(plan: WatchPlan, seen: Seen, at: datetime) -> bool:
    """Whether nothing at all arrived since the deploy though about as much as before was to be expected."""
    if exposure_after(plan, seen).points is not None or seen.event_count():
        return False
    if seen.failures_after and any(tally.failed for tally in seen.failures_after.tallies):
        return False
    return usual(plan, seen).rate * plan.minutes(at) >= _EXPECTED_NOISE


def is_release_heard(seen: Seen) -> bool:
    """Whether anything that carries this very release has arrived."""
    after = seen.failures_after
    requests = after is not None and any(tally.total for tally in after.tallies)
    return bool(seen.issues) or requests or (seen.sight is not None and seen.sight.release_heard)


def usual(plan: WatchPlan, seen: Seen) -> Baseline:
    """How often the service failed before the deploy, by the best that could be had; nothing known counts as never."""
    told = failure_baseline(plan, seen.failures_before)
    if told is not None:
        return told
    known = [baseline_of(plan, seen, issue, by_client=False) for issue in seen.known() if issue.before is not None]
    minutes = plan.level / MINUTE
    return Baseline(round(sum(issue.rate for issue in known) * minutes), minutes)


def _smallest_rise(plan: WatchPlan, baseline: Baseline, *, per_minute: float, by_request: bool) -> float:
    """In the unit of the exposure, of which there is so much ``per_minute``; nothing where there is enough to double."""
    health = plan.health
    if not per_minute or baseline.rate * per_minute >= health.smallest_rate:
        return 0.0
    rise = health.smallest_rate / per_minute
    return min(max(rise, health.smallest_share), health.largest_share) if by_request else rise


def _chance(plan: WatchPlan, baseline: Baseline, rate: float, exposure: float, *, alpha: float) -> float:
    """Looked at in a few steps only, so it is a little too low; with many events one look at the end is near enough."""
    steps = _STEPS if rate * exposure < _MANY_EVENTS else 1
    limits = [_hits_needed(plan, baseline, exposure * step / steps, alpha=alpha) for step in range(1, steps + 1)]
    if steps == 1:
        return tail(limits[0], rate * exposure, baseline.dispersion)
    return chance_to_reach(limits, [rate * exposure / steps] * steps, baseline.dispersion)


def _hits_needed(plan: WatchPlan, baseline: Baseline, exposure: float, *, alpha: float) -> int:
    """The fewest events that would be called a regression, or a great many more than that are likely."""
    needed = threshold(alpha)
    low = max(plan.failures.min_failures, math.ceil(plan.failures.min_ratio * baseline.rate * exposure))
    high = 8 * low + 50
    if increase(high, exposure, baseline) < needed:
        return high
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if increase(middle, exposure, baseline) >= needed else (middle + 1, high)
    return low
