"""The benchmark's own parts, so that its table can be believed."""

from __future__ import annotations

import math

import pytest

numpy = pytest.importorskip("numpy", reason="the detection benchmark needs numpy")

from ci.bench.deploys import rules, wald  # noqa: E402
from ci.bench.deploys.drawing import interval, markdown, svg  # noqa: E402
from ci.bench.deploys.measure import BOUND, CHANGES, OURS, RULES, measure  # noqa: E402
from ci.bench.deploys.traffic import TRAFFIC, Change  # noqa: E402

POISSON = TRAFFIC[0]


def deploys(count: int, change: Change, *, traffic=POISSON, seed: int = 7):
    rng = numpy.random.default_rng(seed)
    return [traffic.deploy(rng, change) for _ in range(count)]


@pytest.mark.parametrize(
    ("change", "rate", "usual"), [(Change(2), 4.0, 2.0), (Change(4), 8.0, 2.0), (Change(new=1), 1.0, 1 / 60)]
)
def test_walds_bound_is_the_information_that_the_errors_cost(change, rate, usual):
    (deploy,) = deploys(1, change)
    exact = math.log(100) / (rate * math.log(rate / usual) - rate + usual)
    assert 0 <= wald.bound(POISSON, deploy, change, alpha=0.01) - exact < rules.POLL


def test_every_rule_finds_what_everybody_would():
    for deploy in deploys(5, Change(40)):
        assert [rule(deploy) < 16 for rule in RULES.values()] == [True] * len(RULES)


def test_ours_is_quiet_where_nothing_changed_and_quick_where_something_did():
    assert sum(math.isfinite(rules.deploywatch(deploy)) for deploy in deploys(60, Change())) <= 3
    delays = [rules.deploywatch(deploy) for deploy in deploys(60, Change(4))]
    assert numpy.median(delays) < 2.5


def test_the_table_has_a_row_for_every_rule_and_the_bound_and_the_picture_a_point():
    kinds = [measure((index, 6, 1)) for index in (0, 3)]
    table, picture = markdown(kinds, 1), svg(kinds)
    assert table.count(f"**{OURS}**") == table.count(BOUND + " |") == len(kinds)
    assert all(name in table for name in (*RULES, *CHANGES))
    assert picture.count("<circle") == 2 * len(kinds) * len(RULES) + len(RULES)


@pytest.mark.parametrize(("hits", "of", "low", "high"), [(0, 100, 0.0, 0.037), (1, 100, 0.0018, 0.0545), (50, 100, 0.404, 0.596)])
def test_the_interval_is_wilsons(hits, of, low, high):
    assert interval(hits, of) == pytest.approx((low, high), abs=5e-4)
