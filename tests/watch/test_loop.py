"""The loop in simulated time: what is lost on the way changes when something is found, never what is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from deploywatch.errors import (
    SentryAuthError,
    SentryEndpointMissing,
    SentryError,
    SentryNotFound,
    SentryRejected,
    SentryUnavailable,
    SentryUnknownEnvironment,
    StateError,
)
from deploywatch.model import RegressionKind, Severity, Verdict, WatchResult
from deploywatch.watch.loop import watch, watch_all
from deploywatch.watch.plan import HealthSettings
from deploywatch.watch.running import Watch
from deploywatch.watch.source import EndpointTally
from deploywatch.watch.tick import Tick
from tests.fakes.watching import DEPLOYED, EARLIER, RELEASE, FakeClock, FakeSource, FakeStore, Fault, Served, World
from tests.watch.worlds import after, every, plan, poisson, steady_world

FAULTS: dict[str, Callable[[], SentryError]] = {
    "unreachable": lambda: SentryUnavailable("timed out", hint="wait", sent=False),
    "half an answer": lambda: SentryUnavailable("the answer broke off", hint="wait"),
    "server error": lambda: SentryUnavailable("502", hint="wait", status=502),
    "refused for now": lambda: SentryRejected("the query timed out", hint="wait", status=400),
    "not found for now": lambda: SentryNotFound("404", hint="look", status=404),
    "unknown environment": lambda: SentryUnknownEnvironment("unknown environment", hint="look", status=404),
    "token refused": lambda: SentryAuthError("403", hint="scopes", status=403),
    "endpoint missing": lambda: SentryEndpointMissing("404", hint="old", status=404),
}


def broken_world() -> World:
    return (
        steady_world()
        .add("FRESH", every(20, start=after(minutes=2), end=after(hours=1)), client="ana")
        .add("FRESH", every(20, start=after(minutes=2, seconds=5), end=after(hours=1)), client="bo")
    )


def small_endpoint() -> World:
    world = steady_world().add("FRESH", every(40, start=after(minutes=2), end=after(hours=1)), endpoint="POST /checkout")
    world.endpoints = (EndpointTally("POST /checkout", 20, 18, 20),)
    return world


EVERY = timedelta(minutes=5)

WORLDS: dict[str, tuple[Callable[[], World], Verdict]] = {
    "healthy": (lambda: steady_world(per_minute=3), Verdict.HEALTHY),
    "new issue": (broken_world, Verdict.REGRESSION),
    "spike": (
        lambda: steady_world().add("KNOWN", poisson(8, start=after(minutes=3), end=after(hours=1), seed=9)),
        Verdict.REGRESSION,
    ),
    "a small endpoint": (small_endpoint, Verdict.REGRESSION),
}


def run(world: World, clock: FakeClock | None = None, fault=lambda _call, _method: None, **changes) -> WatchResult:
    clock = clock or FakeClock()
    kept = {name: changes.pop(name) for name in ("progress", "checkpoint", "stopped") if name in changes}
    return watch(FakeSource(world, clock, fault), plan(**changes), now=clock.now, sleep=clock.sleep, **kept)


def unreachable(clock: FakeClock, start: datetime, end: datetime | None = None) -> Fault:
    """Sentry is down from ``start``, until ``end`` or for good."""
    return lambda _call, _method: FAULTS["unreachable"]() if start <= clock.now() and (end is None or clock.now() < end) else None


def refusing(kind: str, *methods: str) -> Fault:
    return lambda _call, method: FAULTS[kind]() if method in methods else None


def found(result: WatchResult) -> tuple[Verdict, tuple[tuple[RegressionKind, str], ...]]:
    return result.verdict, tuple((one.kind, one.issue.short_id) for one in result.regressions)


@pytest.mark.parametrize("name", WORLDS)
def test_an_undisturbed_watch_finds_what_there_is(name):
    world, verdict = WORLDS[name]
    result = run(world())
    assert result.verdict is verdict, result.why
    assert result.blind_spots == ()


class TestEnds:
    def test_soon_after_a_regression_is_certain(self):
        result = run(broken_world())
        assert timedelta(minutes=2) < result.watched < timedelta(minutes=4)
        assert result.ended_at - result.started_at == result.watched

    def test_but_not_before_the_counts_mean_something(self):
        def events(**changes) -> int:
            return run(broken_world(), **changes).regressions[0].issue.count

        assert events(settle=timedelta(0)) < events() < events(settle=timedelta(seconds=90))

    def test_at_the_end_of_its_time_if_nothing_is_found_and_not_later(self):
        clock = FakeClock()
        result = run(steady_world(per_minute=3), clock)
        assert clock.now() == result.ended_at == after(minutes=15)

    def test_at_the_end_of_its_time_if_it_shall_not_stop_early(self):
        assert run(broken_world(), early_stop=False).watched == timedelta(minutes=15)

    def test_early_on_health_only_if_asked(self):
        early = run(steady_world(per_minute=3), health=HealthSettings(early=True))
        assert early.verdict is Verdict.HEALTHY
        assert timedelta(minutes=2) < early.watched < timedelta(minutes=12)

    def test_at_once_when_the_regression_is_there_from_the_start(self):
        result = run(broken_world(), FakeClock(after(minutes=10)), settle=timedelta(0))
        assert (result.verdict, result.watched, result.polls) == (Verdict.REGRESSION, timedelta(0), 1)


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_at_any_call_changes_nothing_once_sight_returns(name, kind):
    world = WORLDS[name][0]()
    calls: list[str] = []
    undisturbed = run(world, fault=lambda _call, method: calls.append(method), interval=EVERY)
    # Being refused before anything was ever seen is no passing fault.
    first_look = calls.index("new_issues", 1) if kind == "token refused" else 0
    for broken in range(first_look, len(calls)):
        result = run(world, fault=lambda call, _method, broken=broken: FAULTS[kind]() if call == broken else None, interval=EVERY)
        assert found(result) == found(undisturbed), (broken, calls[broken], result.why)


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("minutes", [1, 4, 9])
def test_sentry_down_for_minutes_changes_nothing_but_is_told(name, minutes):
    world = WORLDS[name][0]()
    clock = FakeClock()
    result = run(world, clock, unreachable(clock, after(minutes=1), after(minutes=1 + minutes)))
    assert found(result) == found(run(world))
    assert any("timed out" in sentence for sentence in result.blind_spots)


class TestBlindness:
    @pytest.mark.parametrize("kind", [kind for kind in FAULTS if kind != "token refused"])
    @pytest.mark.parametrize("name", WORLDS)
    def test_of_the_whole_watch_is_never_healthy(self, kind, name):
        result = run(WORLDS[name][0](), fault=lambda _call, _method: FAULTS[kind]())
        assert result.verdict is Verdict.INCONCLUSIVE
        assert result.regressions == ()

    def test_at_the_end_is_inconclusive_after_some_patience(self):
        clock = FakeClock()
        result = run(steady_world(per_minute=3), clock, unreachable(clock, after(minutes=10)))
        assert result.verdict is Verdict.INCONCLUSIVE
        assert "at the end" in result.why
        assert timedelta(minutes=17) <= result.watched < timedelta(minutes=18)

    def test_at_the_end_is_forgiven_if_it_passes(self):
        clock = FakeClock()
        passing = unreachable(clock, after(minutes=10), after(minutes=16))
        assert run(steady_world(per_minute=3), clock, passing).verdict is Verdict.HEALTHY

    def test_does_not_hide_a_regression_that_was_seen_before(self):
        clock = FakeClock()
        gone = unreachable(clock, after(minutes=3, seconds=1))
        assert run(broken_world(), clock, gone, settle=timedelta(minutes=5)).verdict is Verdict.REGRESSION

    def test_for_want_of_a_token_is_an_error_at_once(self):
        clock = FakeClock()
        with pytest.raises(SentryAuthError):
            run(World(), clock, lambda *_: FAULTS["token refused"]())
        assert clock.now() == DEPLOYED

    @pytest.mark.parametrize("kind", FAULTS)
    def test_of_a_helpful_extra_alone_is_only_told(self, kind):
        result = run(steady_world(per_minute=3), fault=refusing(kind, "failures", "active", "discovered"))
        assert result.verdict is Verdict.HEALTHY
        assert result.blind_spots == (FAULTS[kind]().message,)

    @pytest.mark.parametrize("kind", FAULTS)
    def test_of_the_requests_to_endpoints_alone_leaves_the_verdict_as_it_is(self, kind):
        result = run(small_endpoint(), fault=refusing(kind, "endpoints"))
        assert found(result) == found(run(small_endpoint()))
        assert (result.regressions[0].endpoint, result.regressions[0].severity) == (None, Severity.MEDIUM)
        assert result.blind_spots == (FAULTS[kind]().message,)


class TestTheEnvironment:
    def test_that_is_unknown_until_its_first_event_is_normal(self):
        world = broken_world()
        world.environment_from = after(minutes=2)
        result = run(world)
        assert result.verdict is Verdict.REGRESSION
        assert result.blind_spots == ("the environment was unknown to Sentry for the first 2m",)

    def test_that_is_unknown_to_the_end_is_inconclusive_and_its_name_suspected(self):
        world = World(environment_from=after(days=1))
        result = run(world)
        assert result.verdict is Verdict.INCONCLUSIVE
        assert "'prod'" in result.why
        assert result.watched == timedelta(minutes=15)


class TestCandidates:
    def test_that_are_known_from_elsewhere_are_not_new(self):
        world = steady_world(per_minute=3).add("STAGED", [after(minutes=1), after(minutes=2)])
        world.elsewhere["STAGED"] = (after(days=-3), RELEASE)
        result = run(world)
        assert result.verdict is Verdict.HEALTHY
        assert "STAGED" in result.notes[0]

    def test_that_are_gone_when_they_are_looked_up_are_left_out_and_told(self):
        result = run(broken_world(), fault=refusing("not found for now", "detail"))
        assert result.regressions == ()
        assert any("FRESH was listed" in sentence for sentence in result.blind_spots)

    def test_that_stand_among_the_known_are_found_by_their_age(self):
        world = broken_world()

        class Glitch(FakeSource):
            """Knows no search for first releases, and so lists everything under the release."""

            def new_issues(self, since):
                return ()

            def known_issues(self, since):
                return (*super().known_issues(since), *super().new_issues(since))

        clock = FakeClock()
        result = watch(Glitch(world, clock), plan(), now=clock.now, sleep=clock.sleep)
        assert found(result) == found(run(world))

    def test_that_sentry_counts_but_has_no_event_of_in_the_window_are_no_regression(self):
        world = steady_world(per_minute=3).add("FRESH", [after(minutes=1)])
        world.about["FRESH"] = {"count": 0}
        world.lists_events = False
        assert run(world).regressions == ()

    def test_that_came_back_count_by_events_of_this_release_only(self):
        world = steady_world(per_minute=3).add("BACK", [after(days=-9)], release=EARLIER)
        world.returned.add("BACK")
        world.add("BACK", every(20, start=after(minutes=1), end=after(hours=1)))
        assert found(run(world)) == (Verdict.REGRESSION, ((RegressionKind.REGRESSED, "BACK"),))

    def test_that_arrive_late_and_out_of_order_count_by_when_they_happened(self):
        world = steady_world(per_minute=3)
        late = World().add("FRESH", every(20, start=after(minutes=2), end=after(hours=1))).happenings
        world.happenings += [replace(one, delay=timedelta(seconds=40 + 50 * (number % 3))) for number, one in enumerate(late)]
        assert found(run(world)) == found(run(broken_world()))

    def test_whose_events_are_not_listed_count_by_their_number(self):
        world = broken_world()
        world.lists_events = False
        assert found(run(world)) == (Verdict.REGRESSION, ((RegressionKind.NEW, "FRESH"),))


class TestTheService:
    def served(self, failed_after: float) -> World:
        before = [Served(after(minutes=minute), 1000, 10, EARLIER) for minute in range(-240, 0)]
        return World(served=[*before, *(Served(after(minutes=minute), 1000, failed_after) for minute in range(60))])

    def test_failing_more_without_any_issue_is_a_regression(self):
        result = run(self.served(25))
        assert found(result) == (Verdict.REGRESSION, ((RegressionKind.SPIKING, "failure-rate"),))
        assert result.regressions[0].rate.unit == "share of requests"

    def test_numbers_that_are_not_to_be_trusted_are_told_so(self):
        class Sampled(FakeSource):
            def failures(self, start, end, width, *, release):
                counted = super().failures(start, end, width, release=release)
                return counted and replace(counted, caveats=("extrapolated from one request in ten",))

        clock = FakeClock()
        result = watch(Sampled(self.served(10), clock), plan(), now=clock.now, sleep=clock.sleep)
        assert result.blind_spots == ("extrapolated from one request in ten",)

    def test_failing_as_before_is_healthy(self):
        assert run(self.served(10)).verdict is Verdict.HEALTHY

    def test_a_canary_with_a_tenth_of_the_traffic_is_judged_by_its_share(self):
        world = self.served(10)
        world.served = [replace(one, total=100, failed=1) if one.release == RELEASE else one for one in world.served or ()]
        quiet = run(world, duration=timedelta(minutes=60))
        world.served = [replace(one, total=100, failed=5) if one.release == RELEASE else one for one in world.served or ()]
        assert quiet.verdict is Verdict.HEALTHY
        assert run(world).verdict is Verdict.REGRESSION


class TestEndpoints:
    def test_are_asked_for_while_something_is_held_against_the_release_and_not_before(self):
        for name, (world, _) in WORLDS.items():
            clock = FakeClock()
            source = FakeSource(world(), clock)
            watch(source, plan(), now=clock.now, sleep=clock.sleep)
            assert ("endpoints" in source.calls) is (name == "a small endpoint")
        assert source.calls.count("endpoints") <= 3

    def test_what_was_seen_of_them_outlives_an_answer_that_fails_and_the_process(self):
        clock, store, world = FakeClock(), FakeStore(), small_endpoint()

        def die(tick: Tick) -> None:
            if tick.seen.endpoints:
                raise _Killed

        with pytest.raises(_Killed):
            run(world, clock, checkpoint=store, progress=die)
        clock.sleep(5)
        (regression,) = run(world, clock, refusing("server error", "endpoints"), checkpoint=store).regressions
        assert regression.severity is Severity.HIGH
        assert "requests of POST /checkout" in regression.why


class TestStopping:
    def test_gives_what_there_is_at_once(self):
        clock = FakeClock()
        result = run(steady_world(), clock, stopped=lambda: clock.now() >= after(minutes=4))
        assert result.verdict is Verdict.INCONCLUSIVE
        assert "stopped after 4m" in result.why
        assert result.events_seen > 0

    def test_before_the_first_look_is_inconclusive_too(self):
        result = run(steady_world(), stopped=lambda: True)
        assert (result.verdict, result.polls) == (Verdict.INCONCLUSIVE, 0)

    def test_after_a_regression_is_a_regression(self):
        clock = FakeClock()
        result = run(broken_world(), clock, stopped=lambda: clock.now() >= after(minutes=4), early_stop=False)
        assert result.verdict is Verdict.REGRESSION


class _Killed(Exception):
    """The process ends here."""


class TestResuming:
    @pytest.mark.parametrize("name", WORLDS)
    def test_after_being_killed_at_any_poll_ends_as_if_nothing_had_been(self, name):
        world = WORLDS[name][0]()
        undisturbed = run(world, interval=EVERY)
        for last in range(1, undisturbed.polls):
            clock, store = FakeClock(), FakeStore()

            def die(tick: Tick, last: int = last) -> None:
                if tick.polls == last:
                    raise _Killed

            with pytest.raises(_Killed):
                run(world, clock, checkpoint=store, progress=die, interval=EVERY)
            clock.sleep(20)
            resumed = run(world, clock, checkpoint=store, interval=EVERY)
            assert found(resumed) == found(undisturbed)
            assert [one.severity for one in resumed.regressions] == [one.severity for one in undisturbed.regressions]
            assert resumed.started_at == DEPLOYED
            assert resumed.ended_at <= undisturbed.ended_at + timedelta(minutes=1)

    def test_after_being_killed_within_a_look_loses_only_that_look(self):
        world, calls = broken_world(), []
        run(world, fault=lambda call, method: calls.append(method), interval=EVERY)
        for last in range(len(calls)):
            clock, store = FakeClock(), FakeStore()

            def die(call: int, method: str, last: int = last) -> None:
                if call == last:
                    raise _Killed

            with pytest.raises(_Killed):
                run(world, clock, die, checkpoint=store, interval=EVERY)
            assert found(run(world, clock, checkpoint=store)) == found(run(world))

    def test_long_after_the_end_looks_once_more(self):
        clock, store = FakeClock(), FakeStore()
        Watch(FakeSource(steady_world(per_minute=3), clock), plan(), now=clock.now, checkpoint=store).look()
        clock.sleep(3600)
        result = run(steady_world(per_minute=3), clock, checkpoint=store)
        assert (result.verdict, result.polls) == (Verdict.HEALTHY, 2)

    def test_a_finished_watch_is_not_gone_on_with(self):
        clock, store = FakeClock(), FakeStore()
        first = run(steady_world(), clock, checkpoint=store)
        assert run(steady_world(), clock, checkpoint=store).started_at == first.ended_at

    def test_a_damaged_state_is_told_and_not_trusted(self):
        store = FakeStore()
        run(steady_world(), checkpoint=store, stopped=lambda: True)
        (key,) = store.kept
        store.kept[key] = {"version": "deploywatch.watch-state/2", "state": {"started_at": 3}}
        result = run(steady_world(per_minute=3), checkpoint=store)
        assert result.verdict is Verdict.HEALTHY
        assert any("could not be read" in sentence for sentence in result.blind_spots)

    def test_another_deploy_is_another_watch(self):
        store = FakeStore()
        run(steady_world(), checkpoint=store, stopped=lambda: True)
        run(steady_world(), checkpoint=store, stopped=lambda: True, deployed_at=after(minutes=1))
        assert len(store.kept) == 2

    def test_a_store_that_cannot_be_written_is_an_error(self):
        class Full(FakeStore):
            def put(self, key, value):
                raise StateError("the disk is full", hint="make room")

        with pytest.raises(StateError):
            run(steady_world(), checkpoint=Full())


class TestPolling:
    def test_obeys_what_sentry_asks_for(self):
        clock = FakeClock()
        source = FakeSource(steady_world(), clock)
        source.hint = timedelta(minutes=4)
        result = watch(source, plan(), now=clock.now, sleep=clock.sleep)
        assert set(clock.naps) == {240.0}
        assert result.polls == 5

    def test_asks_for_a_candidate_once_and_for_a_baseline_once(self):
        clock = FakeClock()
        source = FakeSource(broken_world(), clock)
        watch(source, plan(early_stop=False), now=clock.now, sleep=clock.sleep)
        assert source.calls.count("detail") == 1
        assert source.calls.count("baseline") == 1
        assert source.calls.count("active") == 1
        assert source.calls.count("can_see") == 1

    def test_does_not_ask_for_events_when_nothing_happened(self):
        clock = FakeClock()
        world = steady_world().add("FRESH", [after(minutes=10)])
        source = FakeSource(world, clock)
        watch(source, plan(), now=clock.now, sleep=clock.sleep)
        assert source.calls.count("event_times") < 8


class TestSeveral:
    def test_are_watched_side_by_side(self):
        clock = FakeClock()
        ticks: list[Tick] = []
        good, bad = steady_world(per_minute=3), broken_world()
        plans = [plan(interval=timedelta(seconds=30)), replace(plan(), environment="staging")]
        sources = [FakeSource(good, clock), FakeSource(bad, clock)]
        results = watch_all(list(zip(sources, plans, strict=True)), now=clock.now, sleep=clock.sleep, progress=ticks.append)
        assert [result.verdict for result in results] == [Verdict.HEALTHY, Verdict.REGRESSION]
        assert clock.now() == after(minutes=15)
        assert sum(tick.plan.environment == "staging" for tick in ticks) == results[1].polls

    def test_are_stopped_together(self):
        clock = FakeClock()
        pairs = [(FakeSource(steady_world(), clock), replace(plan(), environment=name)) for name in ("a", "b")]
        results = watch_all(pairs, now=clock.now, sleep=clock.sleep, stopped=lambda: clock.now() > after(minutes=1))
        assert [result.verdict for result in results] == [Verdict.INCONCLUSIVE] * 2


def test_progress_is_told_of_every_look_and_of_the_result():
    ticks: list[Tick] = []
    result = run(broken_world(), progress=ticks.append)
    assert [tick.polls for tick in ticks] == list(range(1, result.polls + 1))
    assert [tick.result for tick in ticks[:-1]] == [None] * (len(ticks) - 1)
    assert ticks[-1].result == result
    assert all(tick.wait is not None for tick in ticks[:-1])
