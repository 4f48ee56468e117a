"""Evidence that may be looked at as often as one likes: the logarithms of likelihood ratios, and what they can be trusted for.

A process that starts at 1, is never negative and does not grow on average while nothing is wrong, exceeds ``1/alpha`` at any
time at all with a probability of at most ``alpha`` (Ville 1939; as a test, Robbins 1970, "Statistical methods related to the law
of the iterated logarithm", and Howard, Ramdas, McAuliffe and Sekhon 2021, "Time-uniform, nonparametric, nonasymptotic confidence
sequences"). So one compares the evidence with ``threshold(alpha)`` on every poll, and the number of polls does not matter.

All rates are per minute and all times in minutes, or per whatever unit of exposure the caller counts in. Only ``math`` is used.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

RATIOS: Final = ((2.0, 0.5), (5.0, 0.3), (15.0, 0.2))
"""How much more often, and the weight of each: a mixture costs at most ``-log(weight)`` against knowing the ratio beforehand.

Below 2 there is nothing on purpose: a rate that drifts by a tenth, as a morning does, then speaks *against* a regression."""

DECREASES: Final = ((0.02, 0.4), (0.1, 0.3), (0.3, 0.3))
"""How much more seldom, for the question whether a fix works."""

NEW_RATES: Final = (0.1, 0.5, 2.5, 12.5)
"""How often a failure that the release brought may happen, in events a minute, each with the same weight."""

SCALES: Final = (1, 5, 10, 20)
"""In how many buckets at a time the noise is measured: slow waves do not show from one minute to the next."""

# The 99th percentile of the standard normal distribution.
_Z99: Final = 2.326
_MOST_TERMS: Final = 20_000


def threshold(alpha: float) -> float:
    """What evidence must reach so that it is reached by accident in at most the share ``alpha`` of all watches."""
    return math.log(1 / alpha)


def log_sum(logarithms: Iterable[float]) -> float:
    """``log(sum(exp(x)))`` without overflow; minus infinity for nothing."""
    values = list(logarithms)
    most = max(values, default=-math.inf)
    return most if math.isinf(most) else most + math.log(sum(math.exp(value - most) for value in values))


def evidence_of_increase(
    hits: int,
    exposure: float,
    *,
    base_hits: int,
    base_exposure: float,
    dispersion: float = 1.0,
    beside: Sequence[float] = (),
) -> float:
    """How strongly ``hits`` in ``exposure`` speak for a higher rate than that of ``base_hits`` in ``base_exposure``.

    The likelihood ratio of "so many times as often" against "as often", mixed over ``RATIOS``, with the unknown rate integrated
    out. For Poisson counts it depends on the ratio of times alone, so it holds for every rate (Hendriksen, de Heide and Gruenwald
    2021, "Optional stopping with Bayes factors"; compare Lindon and Malek 2022, "Anytime-valid inference for multinomial count
    data", where both processes run at once). ``base_hits + 1`` stands for the event just beyond the baseline's far end, which
    errs on the side of no alarm. ``dispersion`` is the ratio of variance to mean (at least 1): counts are then taken for negative
    binomial with independent increments, and its exponential tilt takes the place of Poisson's.

    ``beside`` is what ``evidence_beside`` says of other times, in which ``hits`` and ``exposure`` have no part. The two are
    independent, for they share no time, and each is a test martingale for each ratio; so their product is one, and so is the
    mixture of the products over the ratios.
    """
    base = (base_hits + 1, base_exposure)
    return _mixture(hits, exposure, base=base, dispersion=dispersion, ratios=RATIOS, beside=beside)


def evidence_beside(own: float, others: float, *, share: float) -> tuple[float, ...]:
    """How strongly failures at the same time speak for "so many times as often per request", for each of ``RATIOS``: a logarithm.

    ``own`` failures of the release, which served ``share`` of the requests then, and ``others`` of the releases beside it. Given
    that a failure happens it is the release's with the probability ``share`` if all fail as often, whatever the rate is and
    however it changes; and with ``ratio * share / (1 + (ratio - 1) * share)`` if it fails ``ratio`` times as often. The product
    of the likelihood ratios of these Bernoulli trials is a test martingale (Lindon and Malek 2022, "Anytime-valid inference for
    multinomial count data", with the requests as the assignment probabilities, which may change over time). So an outage that
    hits all releases alike cannot raise it on average.
    """
    return tuple(own * math.log(ratio) - (own + others) * math.log1p((ratio - 1) * share) for ratio, _ in RATIOS)


def evidence_in_all(beside: Sequence[float]) -> float:
    """What the logarithms of ``evidence_beside``, added up over all times, say together: mixed over ``RATIOS``."""
    return log_sum(math.log(weight) + more for (_, weight), more in zip(RATIOS, beside, strict=True))


def evidence_of_decrease(hits: int, exposure: float, *, base_hits: int, base_exposure: float, dispersion: float = 1.0) -> float:
    """As ``evidence_of_increase``, for a lower rate. Without any baseline event there is none: 0."""
    if not base_hits:
        return 0.0
    return _mixture(hits, exposure, base=(base_hits, base_exposure), dispersion=dispersion, ratios=DECREASES)


def evidence_of_new(hits: int, *, first: float, now: float, discovery_rate: float, background_rate: float) -> float:
    """How strongly an issue that was never seen before the deploy speaks for a failure that came with it.

    ``first`` and ``now`` are minutes since the deploy of its first event and of this look, ``hits`` its events until then.
    Innocent is: never-seen issues turn up anyway, ``discovery_rate`` of them a minute, and each goes on with ``background_rate``.
    Guilty is: one failure that happens at one of ``NEW_RATES`` since the deploy. As the guilty one may be any of those that
    turned up, the likelihood ratio of the whole is a sum with one term for each. This is the term of one issue: all of them
    together are covered by one alpha, however many turn up, and a late one counts for less by itself.
    """
    if hits < 1:
        return 0.0
    logarithms = (
        math.log(rate / discovery_rate)
        - rate * first
        + (hits - 1) * math.log(rate / background_rate)
        - (rate - background_rate) * (now - first)
        for rate in NEW_RATES
    )
    return log_sum(logarithms) - math.log(len(NEW_RATES))


def dispersion(counts: Sequence[float], exposures: Sequence[float] | None = None) -> float:
    """The ratio of variance to mean of the counts of equal buckets, oldest first: 1 unless there is evidence of more.

    Measured on each of ``SCALES`` around a straight line through the counts (a slow drift is no noise), or around what
    ``exposures`` (requests per bucket) lead to expect. What a scale shows is taken over from the finer one unless it is beyond
    the 99th percentile of what that would do (chi-squared, by Wilson and Hilferty 1931): no scale is chosen for its luck.
    """
    found = 1.0
    for scale in SCALES:
        found = _dispersion_at(scale, counts, exposures, unless=found)
    return found


def tail(least: int, mean: float, dispersion: float = 1.0) -> float:
    """The probability of at least ``least`` events, for Poisson (or, with ``dispersion`` over 1, negative binomial) counts."""
    if least <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    if least > _MOST_TERMS:
        return 0.5 * math.erfc((least - 0.5 - mean) / math.sqrt(2 * mean * dispersion))
    return max(0.0, 1.0 - math.fsum(math.exp(_log_probability(count, mean, dispersion)) for count in range(least)))


def chance_to_reach(limits: Sequence[int], means: Sequence[float], dispersion: float = 1.0) -> float:
    """The probability that a count reaches ``limits[i]`` at the end of at least one step ``i``; it grows by ``means[i]`` in each.

    The increments are independent, Poisson or (``dispersion`` over 1) negative binomial. Exact, by carrying along how probable
    each count below the limits is.
    """
    below = [1.0]
    for limit, mean in zip(limits, means, strict=True):
        step = [_probability(count, mean, dispersion) for count in range(limit)]
        below = [math.fsum(below[old] * step[count - old] for old in range(min(count + 1, len(below)))) for count in range(limit)]
    return max(0.0, 1.0 - math.fsum(below))


def _mixture(
    hits: int,
    exposure: float,
    *,
    base: tuple[float, float],
    dispersion: float,
    ratios: Sequence[tuple[float, float]],
    beside: Sequence[float] = (),
) -> float:
    """What happened beside is divided by the dispersion: events that come in clumps of that size are one trial for each clump.

    To a power below 1 a test martingale does not grow on average either (Jensen's inequality), so that errs on the safe side.
    """
    is_known = exposure > 0 and base[1] > 0
    return log_sum(
        math.log(weight)
        + (_log_ratio(hits, exposure, base=base, dispersion=dispersion, ratio=ratio) if is_known else 0.0)
        + more / dispersion
        for (ratio, weight), more in zip(ratios, beside or (0.0,) * len(ratios), strict=True)
    )


def _log_ratio(hits: int, exposure: float, *, base: tuple[float, float], dispersion: float, ratio: float) -> float:
    """The mean of ``exp(hits * tilt - rate * exposure * growth)`` over what both counts say of an unchanged rate: a gamma."""
    base_hits, base_exposure = base
    tilt, growth = _tilt(ratio, dispersion)
    shape = (base_hits + hits) / dispersion
    return hits * tilt - shape * math.log1p(dispersion * exposure * growth / (base_exposure + exposure))


def _tilt(ratio: float, dispersion: float) -> tuple[float, float]:
    """The exponent that turns counts into counts ``ratio`` times as frequent, and what it costs per expected event."""
    if dispersion < 1.000_001:
        return math.log(ratio), ratio - 1
    spread = 1 + ratio * (dispersion - 1)
    return math.log(ratio * dispersion / spread), math.log(spread / dispersion) / (dispersion - 1)


def _dispersion_at(scale: int, counts: Sequence[float], exposures: Sequence[float] | None, *, unless: float) -> float:
    sums = _in_groups(counts, scale)
    expected = _straight_line(sums) if exposures is None else _in_proportion(sums, _in_groups(exposures, scale))
    freedom = len(sums) - (2 if exposures is None else 1)
    if freedom < 4 or sum(sums) <= 0:
        return unless
    pearson = sum((count - mean) ** 2 for count, mean in zip(sums, expected, strict=True)) * len(sums) / sum(expected)
    found = pearson / freedom
    limit = (1 - 2 / (9 * freedom) + _Z99 * math.sqrt(2 / (9 * freedom))) ** 3
    return found if found > unless * limit else unless


def _in_groups(values: Sequence[float], size: int) -> list[float]:
    """Sums of ``size`` values each, aligned to the newest; an incomplete oldest group is left out."""
    start = len(values) % size
    return [sum(values[index : index + size]) for index in range(start, len(values), size)]


def _straight_line(values: Sequence[float]) -> list[float]:
    count = len(values)
    if not count:
        return []
    mean, middle = sum(values) / count, (count - 1) / 2
    spread = sum((index - middle) ** 2 for index in range(count))
    slope = sum((index - middle) * value for index, value in enumerate(values)) / spread if spread else 0.0
    return [mean + slope * (index - middle) for index in range(count)]


def _in_proportion(values: Sequence[float], exposures: Sequence[float]) -> list[float]:
    share = sum(values) / sum(exposures) if sum(exposures) else 0.0
    return [share * exposure for exposure in exposures]


def _probability(count: int, mean: float, dispersion: float) -> float:
    if mean <= 0:
        return 1.0 if count == 0 else 0.0
    return math.exp(_log_probability(count, mean, dispersion))


def _log_probability(count: int, mean: float, dispersion: float) -> float:
    if dispersion < 1.000_001:
        return count * math.log(mean) - mean - math.lgamma(count + 1)
    size = mean / (dispersion - 1)
    return (
        math.lgamma(count + size)
        - math.lgamma(size)
        - math.lgamma(count + 1)
        - size * math.log(dispersion)
        + count * math.log1p(-1 / dispersion)
    )
