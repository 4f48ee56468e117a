from __future__ import annotations

import pytest

from deploywatch.watch.counting import Baseline
from deploywatch.watch.source import Occurrence
from deploywatch.watch.verify import FixPlan, FixVerdict, decide_fix
from tests.fakes.watching import EARLIER, RELEASE
from tests.watch.worlds import after, every

LATER = "shop@2.5.0"
PLAN = FixPlan(containing=frozenset({RELEASE, LATER}), since=after(), before=Baseline(hits=90, exposure=90.0))


def events(release: str, *minutes: float) -> list[Occurrence]:
    return [Occurrence(f"{release}{minute}", after(minutes=minute), release) for minute in minutes]


@pytest.mark.parametrize(
    ("found", "minutes", "verdict"),
    [
        ([], 1, FixVerdict.UNSURE),
        ([], 10, FixVerdict.FIXED),
        (events(RELEASE, 0.5), 20, FixVerdict.FIXED),
        (events(RELEASE, 0.5), 3, FixVerdict.UNSURE),
        (events(RELEASE, 0.5, 9), 20, FixVerdict.BACK),
        (events(LATER, 1, 2), 20, FixVerdict.BACK),
        (events(EARLIER, *range(1, 20)), 20, FixVerdict.FIXED),
        (events(RELEASE, -30, -20, -10), 20, FixVerdict.FIXED),
        ([*events(RELEASE, 3), *events(RELEASE, 3)], 20, FixVerdict.FIXED),
    ],
)
def test_the_fix_is_judged_by_the_releases_that_contain_it(found, minutes, verdict):
    assert decide_fix(PLAN, found, at=after(minutes=minutes)).verdict is verdict


def test_what_happened_seldom_cannot_be_missed_soon():
    rare = FixPlan(containing=PLAN.containing, since=PLAN.since, before=Baseline(hits=3, exposure=600.0))
    assert decide_fix(rare, [], at=after(hours=2)).verdict is FixVerdict.UNSURE
    assert decide_fix(rare, [], at=after(days=5)).verdict is FixVerdict.FIXED


def test_a_fix_with_little_of_the_traffic_needs_longer():
    canary = FixPlan(containing=PLAN.containing, since=PLAN.since, before=PLAN.before, traffic=0.05)
    assert decide_fix(canary, [], at=after(minutes=10)).verdict is FixVerdict.UNSURE


def test_old_releases_are_counted_apart():
    decision = decide_fix(
        PLAN, [Occurrence(str(at), at, EARLIER) for at in every(60, start=after(), end=after(minutes=9))], at=after(minutes=9)
    )
    assert (decision.hits, decision.elsewhere) == (0, 9)
    assert "no events" in decision.why
