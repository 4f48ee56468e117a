"""Thousands of simulated deploys of one kind of service, judged by every rule."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final

import numpy as np

from ci.bench.deploys import rules, wald
from ci.bench.deploys.traffic import TRAFFIC, Change, Deploy

OURS: Final = "deploywatch"
RULES: Final[Mapping[str, Callable[[Deploy], float]]] = {
    OURS: rules.deploywatch,
    "10 events in 5 minutes": rules.ten_in_five_minutes,
    "Sentry's default alerts": rules.sentry_defaults,
    "Mann-Whitney after 15 min": rules.mann_whitney,
}
BOUND: Final = "Wald's bound"
CHANGES: Final[Mapping[str, Change]] = {
    "x2": Change(2),
    "x4": Change(4),
    "x10": Change(10),
    "new, 0.5/min": Change(new=0.5),
    "new, 1/min": Change(new=1),
    "new, 5/min": Change(new=5),
}


@dataclass(frozen=True, slots=True)
class Delay:
    """The median minute of the alarm, infinite where most deploys have none in time, and the share that has none."""

    minutes: float
    missed: float


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of traffic: each rule's false alarms out of ``deploys``, and its delay for each change (and Wald's bound's)."""

    name: str
    promised: bool
    deploys: int
    alarms: Mapping[str, int]
    delays: Mapping[str, Mapping[str, Delay]]

    def ratio(self, change: str) -> float:
        """Our median delay, in units of Wald's bound."""
        return self.delays[OURS][change].minutes / self.delays[BOUND][change].minutes


def measure(task: tuple[int, int, int]) -> Kind:
    """The kind of traffic with this index, for so many deploys (a third of them for each change) and this seed."""
    index, deploys, seed = task
    traffic = TRAFFIC[index]
    streams = np.random.SeedSequence([seed, index]).spawn(1 + len(CHANGES))
    rng = np.random.default_rng(streams[0])
    alarms = dict.fromkeys(RULES, 0)
    for _ in range(deploys):
        deploy = traffic.deploy(rng, Change())
        for name, rule in RULES.items():
            alarms[name] += math.isfinite(rule(deploy))
    delays: dict[str, dict[str, Delay]] = {name: {} for name in (*RULES, BOUND)}
    for (label, change), stream in zip(CHANGES.items(), streams[1:], strict=True):
        rng = np.random.default_rng(stream)
        changed = [traffic.deploy(rng, change) for _ in range(deploys // 3)]
        for name, rule in RULES.items():
            delays[name][label] = _delay([rule(deploy) for deploy in changed])
        # A test for each issue, and the same share of alarms for each.
        alpha = rules.PLAN.alpha / (1 if change.new else 1 + len(traffic.others))
        delays[BOUND][label] = _delay([wald.bound(traffic, deploy, change, alpha=alpha) for deploy in changed])
    return Kind(traffic.name, traffic.promised, deploys, alarms, delays)


def _delay(minutes: list[float]) -> Delay:
    return Delay(median(minutes), sum(map(math.isinf, minutes)) / len(minutes))
