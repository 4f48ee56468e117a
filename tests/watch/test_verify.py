from __future__ import annotations

from datetime import timedelta

import pytest

from deploywatch.errors import SentryAuthError, SentryUnavailable
from deploywatch.model import FixVerdict
from deploywatch.watch.counting import Baseline
from deploywatch.watch.source import Occurrence, Tally
from deploywatch.watch.verify import FixPlan, FixSight, decide_fix, rate_before, watch_fix
from tests.fakes.watching import EARLIER, RELEASE, FakeClock
from tests.watch.worlds import after, every, poisson

LATER = "shop@2.5.0"
PLAN = FixPlan(containing=frozenset({RELEASE, LATER}), since=after(), before=Baseline(hits=90, exposure=90.0))


def events(release: str, *minutes: float) -> tuple[Occurrence, ...]:
    return tuple(Occurrence(f"{release}{minute}", after(minutes=minute), release) for minute in minutes)


def decide(found, minutes, plan=PLAN, **sight):
    return decide_fix(plan, FixSight(tuple(found), **{"heard": True} | sight), at=after(minutes=minutes))


@pytest.mark.parametrize(
    ("found", "minutes", "verdict"),
    [
        ((), 1, FixVerdict.UNSURE),
        ((), 10, FixVerdict.FIXED),
        (events(RELEASE, 0.5), 20, FixVerdict.FIXED),
        (events(RELEASE, 0.5), 3, FixVerdict.UNSURE),
        (events(RELEASE, 0.5, 9), 20, FixVerdict.BACK),
        (events(LATER, 1, 2), 20, FixVerdict.BACK),
        (events(RELEASE, -30, -20, -10), 20, FixVerdict.FIXED),
        ((*events(RELEASE, 3), *events(RELEASE, 3)), 20, FixVerdict.FIXED),
        ((), -5, FixVerdict.UNSURE),
    ],
)
def test_the_fix_is_judged_by_the_releases_that_contain_it(found, minutes, verdict):
    assert decide(found, minutes).verdict is verdict


class TestOldReleasesThatStillSend:
    AS_EVER = events(EARLIER, *range(1, 60))

    def test_are_not_the_fix_that_failed(self):
        decision = decide(self.AS_EVER, 60, traffic=0.5)
        assert (decision.verdict, decision.hits, decision.elsewhere) == (FixVerdict.FIXED, 0, 59)
        assert "59 in releases without it" in decision.why

    def test_mean_that_the_fix_may_not_serve_at_all_where_requests_are_not_counted(self):
        assert decide(self.AS_EVER, 60).verdict is FixVerdict.UNSURE

    def test_must_fail_less_where_requests_are_not_counted(self):
        some = events(EARLIER, *range(1, 120, 5))
        assert decide(some[:2], 10).verdict is FixVerdict.UNSURE
        assert decide(some, 120).verdict is FixVerdict.FIXED

    def test_a_fix_without_any_traffic_is_not_believed(self):
        believed = 0
        for seed in range(400):
            found = [Occurrence(str(at), at, EARLIER) for at in poisson(1, start=after(), end=after(hours=2), seed=seed)]
            believed += decide(found, 120).verdict is FixVerdict.FIXED
        assert believed <= 4


def test_what_happened_seldom_cannot_be_missed_soon():
    rare = FixPlan(containing=PLAN.containing, since=PLAN.since, before=Baseline(hits=3, exposure=600.0))
    assert decide((), 120, rare).verdict is FixVerdict.UNSURE
    assert decide((), 5 * 24 * 60, rare).verdict is FixVerdict.FIXED


def test_nothing_is_believed_before_events_could_have_arrived():
    often = FixPlan(containing=PLAN.containing, since=PLAN.since, before=Baseline(hits=9000, exposure=90.0))
    assert "too early" in decide((), 1.9, often).why
    assert decide((), 2, often).verdict is FixVerdict.FIXED


def test_what_never_happened_before_is_never_missed():
    never = FixPlan(containing=PLAN.containing, since=PLAN.since, before=Baseline(hits=0, exposure=600.0))
    assert "too seldom" in decide((), 5 * 24 * 60, never).why


def test_silence_of_a_release_that_never_spoke_proves_nothing():
    assert decide((), 60, heard=False).verdict is FixVerdict.UNSURE
    assert "is it serving?" in decide((), 60, heard=False).why


def test_a_fix_with_little_of_the_traffic_needs_longer():
    assert decide((), 10, traffic=0.05).verdict is FixVerdict.UNSURE


def test_it_came_back_in_the_last_release_that_has_it():
    assert decide((*events(LATER, 3), *events(RELEASE, 1, 2)), 10).returned_in == LATER


def test_old_releases_are_counted_apart():
    found = [Occurrence(str(at), at, EARLIER) for at in every(60, start=after(), end=after(minutes=9))]
    assert (decide(found, 9).hits, decide(found, 9).elsewhere) == (0, 9)


def test_what_older_releases_sent_a_moment_before_the_fix_is_not_held_against_it():
    late = events(EARLIER, *(number / -70 for number in range(1, 60)))
    assert (decide(late, 10).verdict, decide(late, 10).elsewhere) == (FixVerdict.FIXED, 0)
    assert decide(events(RELEASE, -0.5, -0.4), 10).verdict is FixVerdict.BACK, "clocks of senders may be wrong"


def test_the_rate_before_begins_with_the_first_event_and_does_not_count_it():
    tallies = [Tally(after(minutes=minute), timedelta(minutes=1), 1) for minute in range(-10, 0)]
    found = rate_before(tallies, start=after(minutes=-10), end=after(), width=timedelta(minutes=1))
    assert (found.hits, found.exposure, found.dispersion) == (9, 10, 1)
    assert rate_before([], start=after(minutes=-10), end=after(), width=timedelta(minutes=1)).hits == 0


def test_no_fix_that_did_nothing_is_believed_more_often_than_alpha_however_often_it_is_looked_at():
    believed = 0
    for seed in range(400):
        before = sum(1 for _ in poisson(1, start=after(minutes=-60), end=after(), seed=seed))
        plan = FixPlan(containing=frozenset({RELEASE}), since=after(), before=Baseline(hits=max(0, before - 1), exposure=60.0))
        times = list(poisson(1, start=after(), end=after(hours=1), seed=1000 + seed))
        ours = [Occurrence(str(at), at, RELEASE) for at in times]
        looks = (after(seconds=15 * number) for number in range(240))
        verdicts = (
            decide_fix(plan, FixSight(tuple(one for one in ours if one.at <= at), heard=True), at=at).verdict for at in looks
        )
        believed += next((verdict for verdict in verdicts if verdict is not FixVerdict.UNSURE), None) is FixVerdict.FIXED
    assert believed <= 8


class TestTheLoop:
    def run(self, look, *, minutes=30, stopped=lambda: False):
        clock = FakeClock()
        decision = watch_fix(
            PLAN,
            lambda at: look(at, clock),
            ends_at=after(minutes=minutes),
            every=timedelta(minutes=1),
            now=clock.now,
            sleep=clock.sleep,
            stopped=stopped,
        )
        return decision, clock

    def test_ends_as_soon_as_it_is_proven(self):
        decision, clock = self.run(lambda _at, _clock: FixSight(heard=True))
        assert decision.verdict is FixVerdict.FIXED
        assert clock.time < after(minutes=12)

    def test_ends_as_soon_as_it_is_refuted(self):
        decision, clock = self.run(lambda at, _clock: FixSight(events(RELEASE, *(m for m in (2, 3) if after(minutes=m) <= at))))
        assert (decision.verdict, clock.time) == (FixVerdict.BACK, after(minutes=3))

    def test_ends_with_its_time_or_when_it_is_told_to(self):
        decision, clock = self.run(lambda _at, _clock: FixSight())
        assert (decision.verdict, clock.time) == (FixVerdict.UNSURE, after(minutes=30))
        _, clock = self.run(lambda _at, _clock: FixSight(), stopped=lambda: True)
        assert clock.time == after()

    def test_waits_while_sentry_is_down_and_is_not_sure_where_it_stays_so(self):
        def down(at, _clock):
            if after(minutes=2) <= at < after(minutes=8):
                raise SentryUnavailable("Sentry is down", hint="wait")
            return FixSight(heard=True)

        assert self.run(down)[0].verdict is FixVerdict.FIXED

        def gone(at, _clock):
            if at >= after(minutes=2):
                raise SentryUnavailable("Sentry is down", hint="wait")
            return FixSight(heard=True)

        decision, _ = self.run(gone)
        assert decision.verdict is FixVerdict.UNSURE
        assert "could not be seen at the end: Sentry is down" in decision.why

    def test_a_token_that_will_not_do_is_told_at_once(self):
        def refused(_at, _clock):
            raise SentryAuthError("no", hint="get another")

        with pytest.raises(SentryAuthError):
            self.run(refused)
