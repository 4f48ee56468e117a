"""Weights, probabilities and the reasons for "none of these"."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.suspects.model import Model, load_model, none_reasons
from deploywatch.suspects.registry import SIGNALS
from deploywatch.suspects.signals.base import Hit
from tests.suspects.conftest import Deployed
from tests.suspects.histories import At

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


def test_the_weights_of_the_package_are_of_signals_that_there_are(deployed: Deployed) -> None:
    model = load_model()
    assert model.signals.keys() <= SIGNALS.keys()
    assert all(math.isfinite(weight) for weight in (*model.signals.values(), *model.none.values()))
    scene = deployed({"a.py": "a = 1\n"}).scene(At("a.py", "a = 1"))
    assert model.none.keys() <= none_reasons(scene, []).keys()


def test_reasons_for_none_are_about_the_whole_window(deployed: Deployed) -> None:
    history = deployed({"a.py": "a = 1\n"})
    scene = history.scene(At("a.py", "a = 1"))
    one, other = {"file": Hit(1.0, "")}, {"raising-line": Hit(1.0, "")}
    alone, both = none_reasons(scene, [one]), none_reasons(scene, [one, other])
    assert all(isinstance(value, float) for value in both.values())
    assert (alone["file-hit"], alone["raising-line-hit"]) == (1.0, 0.0)
    assert (both["file-hit"], both["raising-line-hit"]) == (1.0, 1.0)
    assert both["window-size"] > alone["window-size"] > none_reasons(scene, [])["window-size"]
