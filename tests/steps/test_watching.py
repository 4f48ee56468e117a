from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from deploywatch.errors import SentryAuthError, StateError, UsageError
from deploywatch.model import RegressionKind, Verdict
from deploywatch.requests import PlaceRequest, WatchRequest
from deploywatch.sandbox.standin.faults import Fault
from deploywatch.sandbox.standin.ingest import take_sessions
from deploywatch.sentry.deploys import NewDeploy, create_deploy
from deploywatch.sentry.releases import create_release
from deploywatch.steps.watching import watch_release
from tests.steps.conftest import DEPLOYED, NEW, OLD, busy_before

REQUEST = WatchRequest(
    place=PlaceRequest(release=NEW, environment="production"), duration=timedelta(minutes=5), every=timedelta(seconds=30)
)


def watch(stage, setup=None, request=REQUEST, *, progress=None, stopped=lambda: False, client=None):
    setup = setup or stage.setup
    return watch_release(setup, client or setup.connect(), request, progress or stage.ticks.append, stopped)


def deploy(stage, release=NEW, *, environment="production"):
    create_release(stage.client, release, ("shop",))
    return create_deploy(stage.client, release, NewDeploy(environment))


# --- what it finds ---------------------------------------------------------------------------------------------------


def test_a_new_issue_is_found_and_an_event_of_the_release_is_attached(stage):
    busy_before(stage)
    deploy(stage)
    stage.clock.after(20, lambda: stage.fails("spoon", times=6))
    stage.clock.after(25, lambda: stage.fails("fork", times=1))
    result = watch(stage)
    assert result.verdict is Verdict.REGRESSION
    (found,) = result.regressions
    assert (found.kind, found.issue.title, found.issue.first_release) == (RegressionKind.NEW, "KeyError: 'spoon'", NEW)
    assert (found.event.release, found.event.environment, found.event.issue_id) == (NEW, "production", found.issue.id)
    assert found.event.stacktrace.frames[0].function == "price"
    assert result.deployed_at == DEPLOYED
    assert result.blind_spots == ()
    assert result.ended_at < DEPLOYED + timedelta(minutes=2)
    assert stage.ticks[-1].result.verdict is Verdict.REGRESSION


def test_an_issue_of_an_older_release_is_not_called_new(stage):
    busy_before(stage)
    deploy(stage)
    for minute in range(5):
        stage.clock.after(minute * 60 + 10, lambda: stage.fails("fork"))
    result = watch(stage)
    assert result.verdict is not Verdict.REGRESSION
    assert result.regressions == ()
    assert result.events_seen == 5


def test_an_issue_that_was_resolved_and_is_back(stage):
    stage.fails("fork", OLD, seconds=-86_400)
    stage.sentry.state.issues[1].status = "resolved"
    deploy(stage)
    stage.clock.after(20, lambda: stage.fails("fork", times=6))
    (found,) = watch(stage).regressions
    assert (found.kind, found.event.release) == (RegressionKind.REGRESSED, NEW)


def test_a_known_issue_that_happens_far_more_often(stage):
    busy_before(stage)
    deploy(stage)
    stage.clock.after(20, lambda: stage.fails("fork", times=60))
    (found,) = watch(stage).regressions
    assert found.kind is RegressionKind.SPIKING
    assert found.rate.before == pytest.approx(1, abs=0.2)
    assert found.rate.after > 5


def test_what_the_rollout_broke_before_the_deploy_was_recorded_is_not_taken_for_old(stage):
    stage.fails("spoon", times=6, seconds=-600)
    deploy(stage)
    result = watch(stage)
    assert [found.kind for found in result.regressions] == [RegressionKind.NEW]
    assert result.deployed_at == DEPLOYED - timedelta(minutes=10)


def test_the_settings_narrow_what_counts(stage):
    deploy(stage)
    stage.clock.after(20, lambda: stage.fails("spoon", times=6))
    rule = {"message": "spoon", "reason": "spoons are being sold out"}
    result = watch(stage, stage.settings(watch={"ignore": [rule]}))
    assert result.regressions == ()
    assert any("spoons are being sold out" in note for note in result.notes)


@pytest.mark.parametrize(("query", "found"), [("level:error", 1), ("level:warning", 0)])
def test_the_search_narrows_what_is_seen(stage, query, found):
    deploy(stage)
    stage.clock.after(20, lambda: stage.fails("spoon", times=6))
    assert len(watch(stage, request=replace(REQUEST, query=query)).regressions) == found


# --- which event -----------------------------------------------------------------------------------------------------


def test_where_the_older_release_failed_last_the_event_is_still_of_this_one(stage):
    deploy(stage)
    stage.fails("spoon", times=6)
    stage.clock.after(5, lambda: stage.fails("spoon", OLD))
    assert watch(stage).regressions[0].event.release == NEW


def test_where_the_latest_event_is_gone_another_one_is_taken(stage):
    deploy(stage)
    stage.fails("spoon", times=6)
    stage.sentry.faults.add(Fault("GET", "*/events/latest/", status=404, json={"detail": "Event not found"}, times=None))
    event = watch(stage).regressions[0].event
    assert (event.release, event.stacktrace.frames[0].function) == (NEW, "price")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Fault("GET", "*/events/?*/", status=404, json={"detail": "Event not found"}, times=None), "none of its events"),
        (Fault("GET", "*/events/?*/", status=503, times=None), "no suspects can be named for SHOP-1"),
        (Fault("GET", "*/events/?*/", json=["no event"], times=None), "no suspects can be named for SHOP-1"),
    ],
)
def test_a_regression_without_an_event_is_still_told(stage, fault, told):
    deploy(stage)
    stage.fails("spoon", times=6)
    stage.sentry.faults.add(fault)
    result = watch(stage)
    assert result.verdict is Verdict.REGRESSION
    assert result.regressions[0].event is None
    assert told in result.blind_spots[-1]


# --- what it cannot see ----------------------------------------------------------------------------------------------


def test_an_environment_that_appears_with_its_first_event(stage):
    stage.fails("fork", OLD, environment="staging", seconds=-3600)
    stage.clock.after(50, lambda: stage.fails("spoon", times=6))
    result = watch(stage)
    assert [found.issue.title for found in result.regressions] == ["KeyError: 'spoon'"]
    assert any("the environment was unknown to Sentry for the first" in blind for blind in result.blind_spots)


def test_an_environment_that_never_appears(stage):
    stage.fails("fork", OLD, environment="staging", seconds=-3600)
    result = watch(stage)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "never heard of the environment 'production'" in result.why


def test_nothing_visible_is_inconclusive(stage):
    deploy(stage)
    result = watch(stage)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "no event at all is visible" in result.why
    assert result.watched >= timedelta(minutes=5)


def test_sdks_that_report_under_another_name_are_named(stage):
    busy_before(stage)
    deploy(stage)
    stage.clock.after(30, lambda: stage.fails("fork", "e64a778a95", times=2))
    result = watch(stage)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert f"nothing that carries the release {NEW} has reached Sentry" in result.why
    assert "or do the SDKs report under another name? The events of production carry e64a778a95 (last at 10:00 UTC)" in result.why


def test_a_wrong_token(stage):
    with pytest.raises(SentryAuthError):
        watch(stage, stage.setup_with(SENTRY_AUTH_TOKEN="sntryu_" + "0" * 64))


def test_sentry_down_in_the_middle_delays_and_does_not_hide(stage):
    busy_before(stage)
    deploy(stage)
    down = Fault("GET", "*", status=503, times=None)
    stage.clock.after(10, lambda: stage.sentry.faults.add(down))
    stage.clock.after(20, lambda: stage.fails("spoon", times=6))
    stage.clock.after(150, stage.sentry.faults.clear)
    result = watch(stage)
    assert [found.issue.title for found in result.regressions] == ["KeyError: 'spoon'"]
    assert any("could not be seen from 10:00" in blind for blind in result.blind_spots)


def test_sentry_down_until_the_end_is_not_healthy(stage):
    busy_before(stage)
    deploy(stage)
    stage.clock.after(10, lambda: stage.sentry.faults.add(Fault("GET", "*", status=503, times=None)))
    result = watch(stage)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "could not be seen at the end" in result.why


def test_sentry_down_from_the_beginning_is_not_healthy(stage):
    stage.sentry.faults.add(Fault("*", "*", html=True, status=502, times=None))
    result = watch(stage)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "could not be seen at any time" in result.why
    assert "shows no deploy" in result.blind_spots[0]


@pytest.mark.parametrize("path", ["*/issues/", "*/issues/1/", "*/issues/1/events/", "*/events/latest/", "*"])
def test_half_answers_delay_and_do_not_hide(stage, path):
    deploy(stage)
    stage.fails("spoon", times=6)
    stage.sentry.faults.add(Fault("GET", path, cut=True, times=4))
    result = watch(stage)
    assert result.verdict is Verdict.REGRESSION
    assert result.regressions[0].event.release == NEW


def test_without_a_recorded_deploy_it_says_what_it_assumes(stage):
    result = watch(stage)
    assert result.deployed_at == DEPLOYED
    assert f"shows no deploy of {NEW} to production" in result.blind_spots[0]


# --- how it ends, and goes on ----------------------------------------------------------------------------------------


class Killed(BaseException):
    """As a process that is killed: nothing behind it is run."""


def killed_after(looks):
    def progress(tick):
        if tick.polls == looks:
            raise Killed

    return progress


@pytest.mark.parametrize("seconds", [10, 70])
@pytest.mark.parametrize("is_recorded", [True, False])
def test_a_killed_watch_goes_on_whatever_happened_meanwhile(stage, is_recorded, seconds):
    if is_recorded:
        deploy(stage)
    with pytest.raises(Killed):
        watch(stage, progress=killed_after(3))
    assert stage.clock.now() < DEPLOYED + timedelta(seconds=65)
    stage.clock.after(seconds, lambda: stage.fails("spoon", times=6))
    stage.clock.sleep(20)
    result = watch(stage)
    assert (result.started_at, result.deployed_at) == (DEPLOYED, DEPLOYED)
    assert result.polls > 3
    assert result.verdict is Verdict.REGRESSION


def test_a_watch_that_came_to_its_end_begins_anew(stage):
    deploy(stage)
    watch(stage)
    again = stage.clock.now()
    assert watch(stage).started_at == again


def test_a_watch_of_another_environment_is_another_watch(stage):
    deploy(stage)
    with pytest.raises(Killed):
        watch(stage, progress=killed_after(3))
    elsewhere = replace(REQUEST, place=PlaceRequest(release=NEW, environment="staging"))
    assert watch(stage, request=elsewhere).started_at > DEPLOYED


def test_being_stopped_is_inconclusive(stage):
    deploy(stage)
    result = watch(stage, stopped=lambda: stage.clock.now() > DEPLOYED + timedelta(seconds=40))
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "stopped after" in result.why


def test_a_place_for_the_state_that_cannot_be_written(stage, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError):
        watch(stage, stage.settings(state={"folder": str(tmp_path / "file" / "state")}))


def test_a_name_that_no_release_can_have(stage):
    with pytest.raises(UsageError):
        watch(stage, request=replace(REQUEST, place=PlaceRequest(release="a/b", environment="production")))


# --- what counts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "ignored"),
    [
        ({"path": "*steps/conftest.py"}, True),
        ({"path": "shop/*"}, False),
        ({"type": "KeyError"}, True),
        ({"type": "ValueError"}, False),
        ({"issue": "SHOP-1"}, True),
        ({"message": "^KeyError: 'spoon'$", "path": "*/conftest.py"}, True),
        ({"message": "spoon", "until": "2026-05-04"}, True),
        ({"message": "spoon", "until": "2026-05-03"}, False),
    ],
)
def test_every_way_to_ignore_and_its_last_day(stage, rule, ignored):
    deploy(stage)
    stage.clock.after(20, lambda: stage.fails("spoon", times=6))
    result = watch(stage, stage.settings(watch={"ignore": [rule | {"reason": "spoons are being sold out"}]}))
    assert (result.regressions == ()) is ignored
    assert any("is ignored: spoons are being sold out" in note for note in result.notes) is ignored


def test_it_says_by_what_the_failure_rate_is_known(stage):
    busy_before(stage)
    deploy(stage)
    stage.clock.after(20, lambda: stage.fails("spoon", times=6))
    assert (
        "failures are unhandled errors, and errors with an HTTP status of 5xx; requests are not counted" in watch(stage).notes[-1]
    )


def test_where_nothing_is_traced_sessions_are_the_traffic(stage):
    """A share that stays the same is no regression, however much the traffic grows; one that grows is."""

    def served(release, minute, *, exited, crashed):
        started = DEPLOYED + timedelta(minutes=minute)
        attributes = {"release": release, "environment": "production"}
        counts = [{"started": started.isoformat(), "exited": exited, "crashed": crashed}]
        project = stage.sentry.state.find_project("shop")
        take_sessions(stage.sentry.state, project, {"attrs": attributes, "aggregates": counts})

    for minute in range(-240, 0):
        served(OLD, minute, exited=98, crashed=2)
    for minute in range(15):
        served(NEW, minute, exited=490, crashed=10)
    deploy(stage)
    busy_before(stage)
    result = watch(stage, request=replace(REQUEST, duration=timedelta(minutes=12)))
    assert "the failure rate is that of crashed sessions, out of all requests of the release" in " ".join(result.notes)
    assert result.verdict is not Verdict.REGRESSION
    for minute in range(15, 40):
        served(NEW, minute, exited=400, crashed=100)
    worse = watch(stage, request=replace(REQUEST, duration=timedelta(minutes=12)))
    assert worse.verdict is Verdict.REGRESSION
    assert "crashed sessions" in worse.why
