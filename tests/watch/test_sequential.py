from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.watch.sequential import (
    NEW_RATES,
    RATIOS,
    chance_to_reach,
    dispersion,
    evidence_of_decrease,
    evidence_of_increase,
    evidence_of_new,
    log_sum,
    tail,
    threshold,
)


def log_poisson(count: int, mean: float) -> float:
    return count * math.log(mean) - mean - math.lgamma(count + 1) if mean else (0.0 if count == 0 else -math.inf)


def poisson(count: int, mean: float) -> float:
    return math.exp(log_poisson(count, mean))


def log_negative_binomial(count: int, mean: float, variance_ratio: float) -> float:
    """By the product of its definition, so that nothing is shared with the code under test."""
    size, success = mean / (variance_ratio - 1), 1 / variance_ratio
    steps = (math.log((size + step) / (step + 1) * (1 - success)) for step in range(count))
    return size * math.log(success) + math.fsum(steps)


def negative_binomial(count: int, mean: float, variance_ratio: float) -> float:
    return math.exp(log_negative_binomial(count, mean, variance_ratio))


def integral(of, *, low: float, high: float, steps: int = 4000) -> float:
    """Simpson's rule."""
    width = (high - low) / steps
    inner = sum((4 if index % 2 else 2) * of(low + index * width) for index in range(1, steps))
    return (of(low) + inner + of(high)) * width / 3


class TestEvidenceOfIncrease:
    @pytest.mark.parametrize(("hits", "minutes", "base_hits", "base_minutes"), [(0, 3, 5, 30), (7, 3, 5, 30), (20, 10, 60, 90)])
    def test_is_the_ratio_of_two_likelihoods_with_the_rate_integrated_out(self, hits, minutes, base_hits, base_minutes):
        def likelihood(ratio: float) -> float:
            def at(rate: float) -> float:
                return poisson(base_hits, rate * base_minutes) * poisson(hits, ratio * rate * minutes)

            return integral(at, low=1e-9, high=5.0)

        expected = sum(weight * likelihood(ratio) for ratio, weight in RATIOS) / likelihood(1)
        found = evidence_of_increase(hits, minutes, base_hits=base_hits, base_exposure=base_minutes)
        assert math.exp(found) == pytest.approx(expected, rel=1e-4)

    @pytest.mark.parametrize("base_hits", [0, 3, 40])
    @pytest.mark.parametrize("part", [0.05, 0.5, 2.0])
    def test_does_not_grow_on_average_whatever_the_rate(self, base_hits, part):
        """Looking back until the n-th event, the counts after it depend on the ratio of times alone: their mean is exactly one."""
        events = base_hits + 1

        def log_probability(hits: int) -> float:
            ways = math.lgamma(events + hits) - math.lgamma(events) - math.lgamma(hits + 1)
            return ways - events * math.log1p(part) + hits * math.log(part / (1 + part))

        mean = sum(
            math.exp(log_probability(hits) + evidence_of_increase(hits, part, base_hits=base_hits, base_exposure=1.0))
            for hits in range(6000)
        )
        assert mean == pytest.approx(1.0, abs=1e-6)

    @pytest.mark.parametrize("noise", [1.0, 1.5, 4.0])
    @pytest.mark.parametrize("expected", [0.5, 5.0])
    def test_does_not_grow_on_average_for_noisy_counts_of_a_known_rate(self, noise, expected):
        long = 1e9
        base = {"base_hits": round(expected * long), "base_exposure": long, "dispersion": noise}
        mass = log_poisson if noise == 1 else (lambda n, mean: log_negative_binomial(n, mean, noise))
        mean = sum(math.exp(mass(hits, expected) + evidence_of_increase(hits, 1.0, **base)) for hits in range(600))
        assert mean == pytest.approx(1.0, abs=1e-4)

    def test_noise_makes_the_same_counts_say_less(self):
        values = [evidence_of_increase(30, 5, base_hits=180, base_exposure=90, dispersion=noise) for noise in (1, 1.001, 2, 5)]
        assert values == sorted(values, reverse=True)
        assert values[0] == pytest.approx(values[1], abs=0.2)

    @given(hits=st.integers(0, 500), more=st.integers(1, 50), minutes=st.floats(0.1, 60), base=st.integers(0, 1000))
    def test_more_events_never_say_less(self, hits, more, minutes, base):
        few = evidence_of_increase(hits, minutes, base_hits=base, base_exposure=90)
        assert evidence_of_increase(hits + more, minutes, base_hits=base, base_exposure=90) >= few

    def test_nothing_is_said_without_any_time(self):
        assert evidence_of_increase(9, 0.0, base_hits=1, base_exposure=90) == 0
        assert evidence_of_increase(9, 1.0, base_hits=0, base_exposure=0) == 0

    def test_a_rate_that_drifts_by_a_tenth_speaks_against(self):
        assert evidence_of_increase(220, 100, base_hits=400, base_exposure=200) < 0


class TestEvidenceOfDecrease:
    def test_silence_speaks_as_much_as_was_to_be_expected(self):
        """With a known rate and no event it is the mixture of ``exp(expected * (1 - ratio))``."""
        found = evidence_of_decrease(0, 10.0, base_hits=2_000_000, base_exposure=1_000_000)
        expected = 0.4 * math.exp(20 * 0.98) + 0.3 * math.exp(20 * 0.9) + 0.3 * math.exp(20 * 0.7)
        assert found == pytest.approx(math.log(expected), abs=1e-3)

    def test_nothing_can_decrease_that_never_happened(self):
        assert evidence_of_decrease(0, 1000.0, base_hits=0, base_exposure=90) == 0

    def test_going_on_as_before_is_no_evidence(self):
        assert evidence_of_decrease(20, 10.0, base_hits=180, base_exposure=90) < 0


class TestEvidenceOfNew:
    @pytest.mark.parametrize("discovery", [0.001, 0.05])
    @pytest.mark.parametrize("minutes", [1.0, 15.0])
    def test_all_issues_together_do_not_grow_on_average(self, discovery, minutes):
        """Innocent issues turn up at ``discovery`` and go on at the background rate: the terms' mean is what is missing to one."""
        background = 0.3

        def mean_of_term(first: float) -> float:
            later = background * (minutes - first)
            rates = {"discovery_rate": discovery, "background_rate": background}
            return discovery * sum(
                math.exp(log_poisson(more, later) + evidence_of_new(1 + more, first=first, now=minutes, **rates))
                for more in range(400)
            )

        found = integral(mean_of_term, low=0.0, high=minutes, steps=200)
        assert found == pytest.approx(sum(1 - math.exp(-rate * minutes) for rate in NEW_RATES) / len(NEW_RATES), rel=3e-3)

    def test_one_event_is_news_where_news_is_rare(self):
        rare = evidence_of_new(1, first=1, now=1, discovery_rate=1 / 10_080, background_rate=1 / 60)
        usual = evidence_of_new(1, first=1, now=1, discovery_rate=1 / 10, background_rate=1 / 60)
        assert rare > threshold(0.01 * 0.35) > usual

    def test_coming_late_and_staying_rare_exonerates(self):
        def at(first: float, now: float) -> float:
            return evidence_of_new(1, first=first, now=now, discovery_rate=1 / 60, background_rate=1 / 60)

        assert at(1, 1) > at(10, 10) > at(10, 60)

    def test_no_event_says_nothing(self):
        assert evidence_of_new(0, first=0, now=5, discovery_rate=0.1, background_rate=0.1) == 0


class TestDispersion:
    def test_independent_events_are_not_noisy(self):
        source = random.Random(5)
        found = [dispersion([sum(source.random() < 0.02 for _ in range(100)) for _ in range(240)]) for _ in range(60)]
        assert sum(value > 1 for value in found) <= 6

    def test_events_that_come_in_threes_are(self):
        source = random.Random(6)
        counts = [3 * sum(source.random() < 0.02 for _ in range(100)) for _ in range(240)]
        assert dispersion(counts) == pytest.approx(3, rel=0.5)

    def test_a_slow_drift_is_no_noise(self):
        assert dispersion([index // 8 for index in range(240)]) == 1

    def test_slow_waves_are_noise_though_neighbours_agree(self):
        assert dispersion([10 if index // 10 % 2 else 2 for index in range(240)]) > 5

    def test_what_requests_explain_is_no_noise(self):
        requests = [100 if index // 10 % 2 else 1000 for index in range(240)]
        assert dispersion([amount / 50 for amount in requests], requests) == 1

    @pytest.mark.parametrize("counts", [[], [0] * 240, [5], [1, 2, 3]])
    def test_too_little_to_measure_is_taken_for_quiet(self, counts):
        assert dispersion(counts) == 1


class TestTail:
    @pytest.mark.parametrize(("least", "mean"), [(0, 3), (1, 3), (5, 3), (40, 25), (3, 0.1)])
    def test_is_what_the_probabilities_add_up_to(self, least, mean):
        assert tail(least, mean) == pytest.approx(sum(poisson(n, mean) for n in range(least, 300)), abs=1e-12)

    @pytest.mark.parametrize(("least", "mean", "noise"), [(1, 3, 2.0), (30, 20, 4.0)])
    def test_of_noisy_counts_too(self, least, mean, noise):
        expected = sum(negative_binomial(n, mean, noise) for n in range(least, 800))
        assert tail(least, mean, noise) == pytest.approx(expected, abs=1e-9)

    def test_huge_counts_are_told_by_the_bell_curve(self):
        assert tail(30_000, 30_000) == pytest.approx(0.5, abs=0.01)
        assert tail(31_000, 30_000) < 1e-6

    def test_nothing_can_come_of_nothing(self):
        assert tail(1, 0) == 0


class TestChanceToReach:
    def test_in_one_step_is_the_tail(self):
        assert chance_to_reach([7], [4.0]) == pytest.approx(tail(7, 4.0))
        assert chance_to_reach([7], [4.0], 3.0) == pytest.approx(tail(7, 4.0, 3.0))

    def test_in_two_steps_is_the_sum_over_all_ways(self):
        means, limits = (1.0, 2.0), (2, 4)
        never = sum(
            poisson(first, means[0]) * poisson(second, means[1])
            for first in range(limits[0])
            for second in range(limits[1] - first)
        )
        assert chance_to_reach(limits, means) == pytest.approx(1 - never)

    def test_looking_more_often_only_adds(self):
        assert chance_to_reach([5, 8], [3, 3]) > tail(8, 6)


def test_log_sum_neither_overflows_nor_minds_nothing():
    assert log_sum([1000.0, 1000.0]) == pytest.approx(1000 + math.log(2))
    assert log_sum([]) == -math.inf
    assert log_sum([-math.inf, 0.0]) == 0


def test_the_threshold_is_what_ville_says():
    assert math.exp(threshold(0.01)) == pytest.approx(100)
