"""What a release's failures are compared with: the time before the deploy and, while others serve beside it, those."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

from deploywatch.watch.baselines import control_of, exposure_after, exposure_alone
from deploywatch.watch.control import Beside, Control, Walk
from deploywatch.watch.counting import MINUTE, Baseline, Exposure
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.seen import Seen
from deploywatch.watch.sequential import evidence_of_increase

# Half an order of magnitude: where Jeffreys ("Theory of probability", 1961) begins to call evidence substantial.
_SUBSTANTIAL: Final = math.log(10) / 2
# The alarms that are allowed may be spent before an outage begins: only a quarter of them is left for what it makes alike.
_LEFT: Final = math.log(4)
# For how long, in minutes, an outage may have been going on.
_SPANS: Final = (1.0, 3.0, 10.0, math.inf)


@dataclass(frozen=True, slots=True)
class Proof:
    """When it was ``reached`` (minutes since the deploy), if it was; and the ``evidence`` as of now.

    ``shared``: it would have been reached, but the releases beside fail as well.
    """

    reached: float | None
    evidence: float
    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What must be reached: the evidence ``needed``, so many failures, and so many times as many as usual."""

    needed: float
    least: int
    ratio: float

    def is_passed(self, hits: float, usual: float, evidence: float) -> bool:
        """Whether so many are enough."""
        return hits >= self.least and hits >= self.ratio * usual and evidence >= self.needed


@dataclass(frozen=True, slots=True)
class Ruler:
    """``exposure`` is the whole since the deploy, of which a part is ``alone``; ``others`` served beside in the rest.

    The question is always whether the release fails more often than *before the deploy*, and without that evidence there is no
    alarm: so with or without others an innocent release is accused with a probability of at most alpha. Only where the others,
    by themselves, fail more often than before, too, must the release fail more often than *they* do at the same time as well:
    else an outage that hits all alike would be held against it. The others, who serve at least as many requests, see it as soon
    as the release does; they are given until ``patience`` after the alarm, which a watch waits anyway. How seldom they see it too
    late is measured in ``ci/bench/detection.py``. To ask for both at all times would cost up to half of the information (which is
    the price of a test that no change of the rate can mislead: Lindon and Malek 2022), in every canary.
    """

    exposure: Exposure
    alone: Exposure
    others: Exposure
    control: Control
    patience: float

    @classmethod
    def of(cls, plan: WatchPlan, seen: Seen) -> Ruler:
        """Of everything that is seen so far."""
        control = control_of(plan, seen)
        others = control.others(seen.failures_after, seen.failures_all, plan.deployed_at)
        patience = plan.settling / MINUTE
        return cls(exposure_after(plan, seen), exposure_alone(plan, seen, control), others, control, patience)

    def prove(self, walk: Walk, baseline: Baseline, bar: Bar, now: float) -> Proof:
        """Looks at every failure of the release, and at what was known a moment after it."""
        shared = False
        for step in (step for step in walk.steps if step.is_own):
            done = self.exposure.until(step.minutes)
            if bar.is_passed(step.hits, baseline.rate * done, increase(step.hits, done, baseline)):
                if not self._is_shared(walk, baseline, bar, min(step.minutes + self.patience, max(now, step.minutes))):
                    return Proof(step.minutes, self._evidence(walk, baseline, now))
                shared = True
        return Proof(None, self._evidence(walk, baseline, now), shared)

    def told(self, walk: Walk, minutes: float) -> Beside | None:
        """What happened beside, with the others' requests; ``None`` where there was nobody."""
        return replace(walk.at(minutes).beside, others_requests=self.others.until(minutes)) if self.control else None

    def _evidence(self, walk: Walk, baseline: Baseline, now: float) -> float:
        plain = increase(walk.at(now).hits, self.exposure.until(now), baseline)
        return min(plain, self._compared(walk, baseline, now)) if self._have_others_risen(walk, baseline, now) else plain

    def _is_shared(self, walk: Walk, baseline: Baseline, bar: Bar, minutes: float) -> bool:
        """Whether the others fail more often, too, and the release not certainly more often than they."""
        step = walk.at(minutes)
        usual = baseline.rate * self.alone.until(minutes) + step.beside.expected
        return self._have_others_risen(walk, baseline, minutes) and not bar.is_passed(
            step.hits, usual, self._compared(walk, baseline, minutes) - _LEFT
        )

    def _compared(self, walk: Walk, baseline: Baseline, minutes: float) -> float:
        step = walk.at(minutes)
        return increase(step.alone, self.alone.until(minutes), baseline, step.beside)

    def _have_others_risen(self, walk: Walk, baseline: Baseline, minutes: float) -> bool:
        """Whether the others' failures of some time until then speak for an increase; an outage may be young."""
        if not self.control:
            return False
        return any(self._others_evidence(walk, baseline, max(0.0, minutes - span), minutes) >= _SUBSTANTIAL for span in _SPANS)

    def _others_evidence(self, walk: Walk, baseline: Baseline, start: float, end: float) -> float:
        failed = walk.at(end).beside.others_failed - (walk.at(start).beside.others_failed if start else 0.0)
        return increase(failed, self.others.until(end) - self.others.until(start), baseline)


def increase(hits: float, exposure: float, baseline: Baseline, beside: Beside | None = None) -> float:
    """The evidence that ``hits`` in ``exposure`` are more than the baseline's rate, and of what happened ``beside`` otherwise."""
    return evidence_of_increase(
        math.floor(hits),
        exposure,
        base_hits=baseline.hits,
        base_exposure=baseline.exposure,
        dispersion=baseline.dispersion,
        beside=beside.logs if beside else (),
    )
