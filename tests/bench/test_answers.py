"""Measures by hand."""

from __future__ import annotations

import pytest

numpy = pytest.importorskip("numpy", reason="the accuracy benchmark needs numpy")

from ci.bench.ranking.answers import Answer, at_coverage, bins, calibration_error, interval, measure  # noqa: E402


def answer(*groups: str, culprit: str | None = "c", told: float | None = None, case: str = "1", repo: str = "r") -> Answer:
    """``groups`` are of one-letter commits: ``"c"``, ``"ab"``."""
    return Answer(case, repo, "Python", tuple(tuple(group) for group in groups), told, culprit)


@pytest.mark.parametrize(
    ("given", "first", "three", "reciprocal"),
    [
        (answer("c", "a"), 1, 1, 1),
        (answer("a", "b", "c"), 0, 1, 1 / 3),
        (answer("a", "b"), 0, 0, 0),
        (answer(), 0, 0, 0),
        (answer("abcd"), 1 / 4, 3 / 4, (1 + 1 / 2 + 1 / 3 + 1 / 4) / 4),
        (answer("a", "bcd"), 0, 2 / 3, (1 / 2 + 1 / 3 + 1 / 4) / 3),
    ],
)
def test_equals_share_their_places(given, first, three, reciprocal):
    assert (given.hit(1), given.hit(3), given.reciprocal()) == pytest.approx((first, three, reciprocal))


@pytest.mark.parametrize(
    ("given", "accuses"),
    [
        (answer("a"), True),
        (answer("ab"), False),
        (answer(), False),
        (answer("a", told=0.5), False),
        (answer("a", told=0.51), True),
    ],
)
def test_who_is_accused(given, accuses):
    assert given.accuses is accuses


def test_the_measures_of_five_answers():
    rows = [
        answer("c", told=0.9),
        answer("a", "c", told=0.9),
        answer("c", told=0.4),
        answer("c", culprit=None, told=0.6),
        answer("c", culprit=None, told=0.2),
    ]
    found = measure(rows)
    assert (found.cases, found.innocent) == (3, 2)
    assert (found.top1, found.top3, found.mrr) == pytest.approx((2 / 3, 1, (1 + 0.5 + 1) / 3))
    assert found.sure == (2, 1)
    assert found.ece == pytest.approx((2 * abs(0.9 - 0.5) + abs(0.4 - 1)) / 3)
    assert found.ece_all == pytest.approx((2 * 0.4 + 0.6 + 0.6 + 0.2) / 5)
    assert found.brier == pytest.approx((0.01 + 0.81 + 0.36) / 3)
    assert found.accused == 0.5


def test_coverage_takes_the_surest_first_and_the_mean_of_equals():
    rows = [answer("c", told=0.9), answer("a", told=0.8), answer("c", told=0.3), answer("a", told=0.1)]
    assert at_coverage(rows, 0.5) == 0.5
    assert at_coverage(rows, 0.25) == 1.0
    rules = [answer("c"), answer("c"), answer("a"), answer()]
    assert at_coverage(rules, 0.5) == pytest.approx(2 / 3)
    assert at_coverage(rules, 1.0) == 0.5


def test_a_method_without_probabilities_has_no_calibration():
    found = measure([answer("c"), answer("a", culprit=None)])
    assert (found.ece, found.brier, found.sure) == (None, None, (0, 0))


def test_certainty_itself_is_in_the_last_range():
    assert bins([(1.0, 1.0), (0.95, 0.0)]) == [(0.975, 0.5, 2)]
    assert calibration_error([(0.5, 1.0), (0.5, 0.0)]) == 0


def test_the_bootstrap_is_the_same_every_time_and_wider_where_repositories_are_drawn():
    values, repos = [1.0] * 30 + [0.0] * 30, ["a"] * 30 + ["b"] * 30
    alone, grouped = interval(values), interval(values, repos)
    assert alone == interval(values)
    assert alone[0] == pytest.approx(0.5 - 1.96 * 0.5 / 60**0.5, abs=0.03)
    assert grouped == (0.0, 1.0)
