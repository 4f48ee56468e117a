"""Wald's bound: how soon a test could be certain that is told the truth beforehand. No test with as few errors is quicker.

For any test that calls an innocent deploy guilty with a probability of at most alpha and misses no guilty one, the mean
information until its alarm is at least ``log(1/alpha)`` (Wald 1945, "Sequential tests of statistical hypotheses"; optimal among
all tests: Wald and Wolfowitz 1948). The truth that it is told: both rates, the noise, the hour of the day, the release's part
of the traffic, and which events are one client's retries. Of an outage that hits all releases it is not told: against that only
the releases that serve at the same time can be held.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ci.bench.deploys.rules import PLAN, polled
from ci.bench.deploys.traffic import AFTER, Change, Deploy, Traffic, outage

Values = NDArray[np.float64]
_COUNTS: Final = np.arange(400)
_FACTORIALS: Final = np.array([math.lgamma(count + 1) for count in _COUNTS.tolist()])


def bound(traffic: Traffic, deploy: Deploy, change: Change, *, alpha: float) -> float:
    """The minute, as seen at the polls, by which the expected information pays for ``alpha``."""
    gained = np.concatenate(([0.0], np.cumsum(_information(traffic, deploy, change))))
    price = math.log(1 / alpha)
    if gained[-1] < price:
        return math.inf
    return polled(float(np.interp(price, gained, np.arange(AFTER + 1))))


def _information(traffic: Traffic, deploy: Deploy, change: Change) -> Values:
    """How much each minute after the deploy tells on average, if the change was made."""
    if traffic.level is outage and not change.new:
        return _beside(deploy, change.ratio)
    low, high = _rates(deploy, change)
    if traffic.noise is None:
        return np.asarray(high * np.log(high / low) - high + low)
    return np.array([_divergence(float(one), float(other), traffic.noise) for one, other in zip(high, low, strict=True)])


def _beside(deploy: Deploy, ratio: float) -> Values:
    """Where an outage begins that nobody is told of: of which release each failure is (Kullback and Leibler 1951)."""
    share = deploy.share
    guilty = ratio * share / (1 + (ratio - 1) * share)
    tells = guilty * np.log(guilty / share) + (1 - guilty) * np.log((1 - guilty) / (1 - share))
    return np.asarray(deploy.level * (1 + (ratio - 1) * share) * tells)


def _rates(deploy: Deploy, change: Change) -> tuple[Values, Values]:
    """Per minute after the deploy: if nothing was changed, and if ``change`` was made."""
    if change.new:
        background = np.full(AFTER, PLAN.new.background_per_hour / 60)
        return background, np.maximum(change.new * deploy.share * deploy.level / deploy.level.mean(), background)
    if deploy.requests_after is not None:
        return deploy.level * deploy.share, deploy.level * deploy.share * change.ratio
    return deploy.level, deploy.level * (1 + (change.ratio - 1) * deploy.share)


def _divergence(high: float, low: float, shape: float) -> float:
    """Of two negative binomial counts with the same shape (Kullback and Leibler 1951)."""
    logs = [_log_probabilities(mean, shape) for mean in (high, low)]
    return float((np.exp(logs[0]) * (logs[0] - logs[1])).sum())


def _log_probabilities(mean: float, shape: float) -> Values:
    rising = np.array([math.lgamma(count + shape) for count in _COUNTS.tolist()]) - math.lgamma(shape)
    return np.asarray(rising - _FACTORIALS + shape * math.log(shape / (shape + mean)) + _COUNTS * math.log(mean / (shape + mean)))
