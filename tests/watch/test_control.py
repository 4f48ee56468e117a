"""Beside the releases that go on serving: what hits all alike is nobody's fault, and what only the new one does is its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from deploywatch.model import RegressionKind, Verdict
from deploywatch.watch.baselines import control_of, exposure_alone
from deploywatch.watch.control import LARGEST_SHARE, Control, Walk
from deploywatch.watch.counting import Baseline
from deploywatch.watch.decide import Decision, Ending, decide
from deploywatch.watch.findings import SERVICE_ISSUE
from deploywatch.watch.loop import watch
from deploywatch.watch.ruler import increase
from deploywatch.watch.seen import Novelty, Seen, SeenIssue
from deploywatch.watch.sequential import RATIOS, evidence_beside
from deploywatch.watch.source import Failures, FailureTally, Occurrence
from tests.fakes.watching import DEPLOYED, EARLIER, RELEASE, FakeClock, FakeSource, Happening, Served
from tests.watch.test_decide import END, SIGHT, VIEW, issue, tallies
from tests.watch.worlds import after, plan, poisson, steady_world

MINUTE = timedelta(minutes=1)
REQUESTS = 1000.0
OUTAGE = 5


def counted(total: Callable[[int], float], failed: Callable[[int], float], *, first: int = 0, last: int = 15) -> Failures:
    buckets = (FailureTally(after(minutes=minute), MINUTE, failed(minute), total(minute)) for minute in range(first, last))
    return Failures("failed HTTP server transactions", tuple(buckets))


def canary(share: float = 0.1, *, own: Callable[[int], float] = lambda _: 1.0, others: Callable[[int], float] = lambda _: 1.0):
    """Ten in a thousand requests fail, times what ``own`` and ``others`` say for a minute."""
    mine, rest = REQUESTS * share, REQUESTS * (1 - share)
    return {
        "failures_before": counted(lambda _: REQUESTS, lambda _: 10, first=-240, last=0),
        "failures_after": counted(lambda _: mine, lambda minute: mine * own(minute) / 100),
        "failures_all": counted(lambda _: REQUESTS, lambda minute: (mine * own(minute) + rest * others(minute)) / 100),
    }


def happened(share: float, *, own: float = 1.0, others: float = 1.0, start: float = 0.0) -> tuple[Occurrence, ...]:
    """The known issue, ten times a minute before the deploy, in both releases; ``own`` and ``others`` times from ``start`` on."""
    found = []
    for release, rate, times in ((RELEASE, 10 * share, own), (EARLIER, 10 * (1 - share) + 1e-9, others)):
        early = poisson(rate, start=DEPLOYED, end=after(minutes=start), seed=5)
        late = poisson(rate * times, start=after(minutes=start), end=END, seed=6)
        found += [Occurrence(f"{release}-{number}", at, release) for number, at in enumerate((*early, *late))]
    return tuple(found)


def known(events: tuple[Occurrence, ...]) -> dict[str, SeenIssue]:
    about = issue(first_seen=after(days=-30), first_release=EARLIER, count=len(events))
    return {"1": SeenIssue(about, Novelty.KNOWN, events, tallies(10))}


def over(issues: dict[str, SeenIssue] | None = None, **values) -> Decision:
    given = Seen(issues=issues or {}, sight=SIGHT, history_asked=True, **values)
    return decide(plan(), given, VIEW, at=END, ending=Ending.OVER)


def rising(times: float) -> Callable[[int], float]:
    return lambda minute: times if minute >= OUTAGE else 1.0


# --- a known issue -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("times", [3, 10, 40])
@pytest.mark.parametrize("share", [0.1, 0.3])
def test_an_outage_that_hits_all_releases_is_not_held_against_the_new_one(share, times):
    events = happened(share, own=times, others=times, start=OUTAGE)
    found = over(known(events), **canary(share, own=rising(times), others=rising(times)))
    assert found.regressions == ()
    (note,) = (note for note in found.notes if "SHOP-1" in note)
    assert note.endswith("and is not held against the release")
    assert "the releases before it fail as often per request now (" in note
    mine = tuple(event for event in events if event.release == RELEASE)
    assert over(known(mine), **canary(share, own=rising(times))).verdict is Verdict.REGRESSION, "the others are why"


@pytest.mark.parametrize("times", [4, 15])
def test_a_canary_that_fails_more_often_than_the_rest_is_a_regression(times):
    found = over(known(happened(0.1, own=times)), **canary(own=lambda _: times))
    assert [one.kind for one in found.regressions] == [RegressionKind.SPIKING]
    assert "% of requests in the releases beside it" in found.regressions[0].why
    assert any("with the releases that serve beside it as a control" in note for note in found.notes)


def test_a_canary_that_is_hurt_more_by_an_outage_than_the_rest_is_a_regression():
    found = over(known(happened(0.1, own=30, others=3, start=OUTAGE)), **canary(own=rising(30), others=rising(3)))
    assert found.verdict is Verdict.REGRESSION


def test_without_anybody_beside_nothing_changes():
    events = tuple(event for event in happened(1.0, own=2) if event.release == RELEASE)
    alone = {**canary(1.0, own=lambda _: 2.0), "failures_all": None}
    assert over(known(events), **canary(1.0, own=lambda _: 2.0)) == over(known(events), **alone)
    assert over(known(events), **alone).verdict is Verdict.REGRESSION


# --- new issues, and the service ---------------------------------------------------------------------------------------------


def fresh(*releases: str) -> dict[str, SeenIssue]:
    events = tuple(Occurrence(f"n{number}", after(seconds=200 + 3 * number), name) for number, name in enumerate(releases))
    return {"2": SeenIssue(issue(id="2", short_id="SHOP-2", first_release=RELEASE, count=len(events)), Novelty.NEW, events)}


def test_a_new_issue_that_all_releases_have_is_not_held_against_the_new_one():
    found = over(fresh(*(RELEASE, *[EARLIER] * 9) * 6), **canary())
    assert found.regressions == ()
    assert any("SHOP-2" in note and "is new, but not in shop@2.4.0 alone" in note for note in found.notes)


@pytest.mark.parametrize("others", [(), (EARLIER,)], ids=["in it alone", "nearly in it alone"])
def test_a_new_issue_that_the_release_has_is_held_against_it(others):
    assert [one.kind for one in over(fresh(*[RELEASE] * 12, *others), **canary()).regressions] == [RegressionKind.NEW]


def test_an_issue_that_came_back_is_held_against_the_release_whatever_those_without_the_fix_do():
    back = {key: replace(one, novelty=Novelty.REGRESSED) for key, one in fresh(*(RELEASE, *[EARLIER] * 9) * 6).items()}
    assert [one.kind for one in over(back, **canary()).regressions] == [RegressionKind.REGRESSED]


def test_the_service_is_judged_beside_the_others_too():
    shared = over(**canary(own=rising(5), others=rising(5)))
    assert shared.regressions == ()
    assert any("the service as a whole" in note and "fail as often per request now" in note for note in shared.notes)
    assert [one.issue.id for one in over(**canary(own=rising(5))).regressions] == [SERVICE_ISSUE]


# --- what is counted ---------------------------------------------------------------------------------------------------------


def test_where_the_requests_of_the_release_are_not_counted_those_of_all_are_the_denominator():
    busy = counted(lambda _: 3 * REQUESTS, lambda _: 30)
    found = over(
        known(happened(0.5, own=3, others=3)),
        **{**canary(), "failures_after": counted(lambda _: 0, lambda _: 0), "failures_all": busy},
    )
    assert found.verdict is Verdict.HEALTHY
    assert any("are not counted by themselves, so all releases together were compared" in note for note in found.notes)
    assert over(known(happened(0.5, own=3, others=3))).verdict is Verdict.REGRESSION, (
        "as counts it looks like three times as many"
    )


def test_the_share_is_that_of_some_minutes_and_none_where_few_are_left_beside():
    own = counted(lambda minute: 100 if minute < 8 else 900, lambda _: 0, last=30)
    control = Control.of(own, counted(lambda _: REQUESTS, lambda _: 0, last=30), DEPLOYED)
    assert control.share_at(0) == control.share_at(2.5) == pytest.approx(0.1)
    assert control.share_at(25) is control.share_at(99) is None
    seen = Seen(**{**canary(), "failures_after": own, "failures_all": counted(lambda _: REQUESTS, lambda _: 0, last=30)})
    alone = exposure_alone(plan(), seen, control_of(plan(), seen))
    assert (alone.until(3), alone.until(30) - alone.until(29)) == (0, 900)


@pytest.mark.parametrize(
    ("own", "everybody"),
    [
        (None, canary()["failures_all"]),
        (canary()["failures_after"], None),
        (canary()["failures_after"], counted(lambda _: 100, lambda _: 0)),
        (canary()["failures_after"], counted(lambda _: REQUESTS, lambda _: 0, first=90, last=95)),
        (counted(lambda _: 0, lambda _: 0), canary()["failures_all"]),
    ],
    ids=["nothing of the release", "nothing of all", "it alone", "of another time", "no request of it"],
)
def test_there_is_no_control(own, everybody):
    assert not Control.of(own, everybody, DEPLOYED)


def test_a_share_that_scatters_is_taken_for_larger():
    scattered = counted(lambda minute: 200 * (minute % 2), lambda _: 0)
    share = Control.of(scattered, counted(lambda _: REQUESTS, lambda _: 0), DEPLOYED).share_at(7)
    assert 0.1 < share < 0.15


# --- the statistics ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, LARGEST_SHARE])
def test_evidence_beside_is_a_martingale_where_all_fail_alike_and_grows_where_the_release_does_more(share):
    own, others = evidence_beside(1, 0, share=share), evidence_beside(0, 1, share=share)
    for mine, rest, (ratio, _) in zip(own, others, RATIOS, strict=True):
        assert share * math.exp(mine) + (1 - share) * math.exp(rest) == pytest.approx(1)
        guilty = ratio * share / (1 + (ratio - 1) * share)
        assert guilty * mine + (1 - guilty) * rest > 0


def test_evidence_beside_is_a_product_over_the_failures():
    walk = Walk.of((1.0, 2.0, 4.0), (1.5, 3.0), Control(((10.0, 0.2),)))
    assert walk.at(9).beside.logs == pytest.approx(evidence_beside(3, 2, share=0.2))
    assert (walk.at(9).hits, walk.at(9).alone, walk.at(9).beside.expected) == (3, 0, pytest.approx(0.5))
    assert (walk.at(1.9).hits, walk.at(0.5).hits) == (1, 0)


def test_clumps_are_one_trial_each():
    logs = Walk.of([1.0] * 6, (), Control(((10.0, 0.1),))).at(2).beside
    clumped, single = (increase(0, 0, Baseline(10, 100, dispersion), logs) for dispersion in (3.0, 1.0))
    assert clumped < single / 2


# --- the loop ------------------------------------------------------------------------------------------------------------------


def test_an_alarm_is_taken_back_when_the_others_turn_out_to_fail_too_and_the_watch_goes_on():
    """The release's events of an outage show at once, the others' two thirds of a minute later."""
    world = steady_world(per_minute=3)
    world.served = [Served(after(minutes=minute), REQUESTS, 10, EARLIER) for minute in range(-240, 0)]
    for minute in range(60):
        rise = 20 if minute >= 6 else 1
        world.served += [Served(after(minutes=minute), 300, 3 * rise), Served(after(minutes=minute), 700, 7 * rise, EARLIER)]
    world.happenings = [one for one in world.happenings if one.at < DEPLOYED]
    for release, rate, delay in ((RELEASE, 0.9, 0), (EARLIER, 2.1, 40)):
        for start, end, times in ((0, 6, 1), (6, 60, 20)):
            moments = poisson(rate * times, start=after(minutes=start), end=after(minutes=end), seed=start + delay)
            world.happenings += [Happening("KNOWN", at, release, delay=timedelta(seconds=delay)) for at in moments]
    clock, verdicts = FakeClock(), []
    result = watch(
        FakeSource(world, clock), plan(), now=clock.now, sleep=clock.sleep, progress=lambda tick: verdicts.append(tick.verdict)
    )
    assert Verdict.REGRESSION in verdicts
    assert (result.verdict, result.watched) == (Verdict.HEALTHY, timedelta(minutes=15))
    assert any("is not held against the release" in note for note in result.notes)
