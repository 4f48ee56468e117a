"""Weights, probabilities and the reasons for "none of these"."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from deploywatch.suspects.model import Model, load_model, none_reasons
from deploywatch.suspects.registry import SIGNALS
from deploywatch.suspects.signals.base import Hit

SCORE = st.floats(-800, 800)


@given(st.lists(SCORE, max_size=50), SCORE)
def test_the_probabilities_of_all_and_of_none_add_up_to_one(scores: list[float], none: float) -> None:
    found, rest = Model({}, {}).probabilities(scores, none)
    assert abs(sum(found) + rest - 1) < 1e-9
    assert all(0 <= probability <= 1 for probability in [*found, rest])
    ordered = sorted(range(len(scores)), key=scores.__getitem__)
    assert [found[i] for i in ordered] == sorted(found)


def test_a_conditional_logit_by_hand() -> None:
    found, rest = Model({}, {}).probabilities([math.log(3), 0.0], math.log(4))
    assert found == pytest.approx([3 / 8, 1 / 8])
    assert rest == pytest.approx(4 / 8)
    assert Model({}, {}).probabilities([], 3.0) == ([], 1.0)


def test_scores_are_sums_of_weighted_values() -> None:
    model = Model({"line": 2.0, "file": -1.0}, {"always": 1.0, "window-size": 3.0})
    assert model.score({"line": Hit(0.5, ""), "file": Hit(1.0, ""), "unknown": Hit(1.0, "")}) == 0.0
    assert model.score({}) == 0
    assert model.none_score({"always": 1.0, "window-size": 0.5, "unknown": 9.0}) == 2.5


def test_the_weights_of_the_package_are_of_signals_and_reasons_that_there_are() -> None:
    model = load_model()
    assert model.signals.keys() <= SIGNALS.keys()
    assert model.none.keys() <= none_reasons([], knows_what_failed=False).keys()
    assert all(math.isfinite(weight) for weight in (*model.signals.values(), *model.none.values()))


def test_reasons_for_none_are_about_the_whole_window() -> None:
    weak, strong = {"file": Hit(0.2, "")}, {"file": Hit(0.9, ""), "line": Hit(1.0, "")}
    nothing, alone, both = (none_reasons(hits, knows_what_failed=len(hits) > 1) for hits in ([], [weak], [weak, strong]))
    assert nothing.keys() == alone.keys() == both.keys()
    assert (nothing["best-file"], alone["best-file"], both["best-file"]) == (0.0, 0.2, 0.9)
    assert (alone["best-line"], both["best-line"]) == (0.0, 1.0)
    assert [reasons["knows-what-failed"] for reasons in (nothing, alone, both)] == [0.0, 0.0, 1.0]
    assert both["window-size"] > alone["window-size"] > nothing["window-size"]


def test_what_is_shown_follows_the_line_of_experience() -> None:
    model = Model({}, {}, shown=((0.0, 0.0), (0.5, 0.2), (1.0, 1.0)))
    found, rest = model.probabilities([math.log(6), math.log(2)], math.log(2))
    assert found == pytest.approx([0.36, 0.32])
    assert rest == pytest.approx(0.32)
    assert model.probabilities([0.0], -1000.0) == ([1.0], 0.0)
    assert model.probabilities([], 0.0) == ([], 1.0)


@example([36.0], 0.0)
@given(st.lists(SCORE, max_size=50), SCORE)
def test_what_is_shown_adds_up_to_one(scores: list[float], none: float) -> None:
    shown, rest = load_model().probabilities(scores, none)
    assert abs(sum(shown) + rest - 1) < 1e-9
    assert all(0 <= probability <= 1 for probability in [*shown, rest])


@given(st.floats(0, 1), st.floats(0, 1))
def test_more_is_never_shown_as_less(one: float, other: float) -> None:
    model = load_model()
    low, high = (model.calibrated([raw], 1 - raw)[0][0] for raw in sorted((one, other)))
    assert low <= high + 1e-9


@example(0.7, 0.299, 0.001)
@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_the_first_stays_the_first(one: float, two: float, none: float) -> None:
    total = one + two + none
    assume(total > 0.01)
    shown, _ = load_model().calibrated([max(one, two) / total, min(one, two) / total], none / total)
    assert shown[0] >= shown[1] - 1e-9
