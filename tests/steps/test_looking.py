from __future__ import annotations

from datetime import timedelta

import pytest

from deploywatch.errors import SentryAuthError, SentryNotFound, SentryUnavailable, UsageError
from deploywatch.model import RegressionKind, Severity, Verdict
from deploywatch.requests import InvestigateRequest, PlaceRequest
from deploywatch.sandbox.standin.faults import Fault
from deploywatch.steps.looking import look_now
from tests.steps.conftest import DEPLOYED, NEW, OLD, busy_before
from tests.steps.test_watching import deploy


def look(stage, issue=None, *, setup=None, **place):
    setup = setup or stage.setup
    return look_now(setup, setup.connect(), InvestigateRequest(issue=issue, place=PlaceRequest(**place)))


# --- one issue ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["1", "SHOP-1", "shop-1", "{url}/organizations/acme/issues/1/"])
def test_one_issue_by_whatever_name(stage, name):
    stage.fails("spoon", times=3)
    stage.clock.sleep(600)
    result = look(stage, name.format(url=stage.sentry.url))
    (found,) = result.regressions
    assert (result.verdict, result.release, result.environment) == (Verdict.REGRESSION, NEW, "")
    assert (found.kind, found.issue.short_id, found.issue.count, found.issue.user_count) == (RegressionKind.NEW, "SHOP-1", 3, 3)
    assert (found.event.release, found.event.stacktrace.frames[0].function) == (NEW, "price")
    assert "is new in shop@2.0.0: 3 events" in result.why


def test_a_single_event_is_enough_for_an_issue_that_somebody_asks_for(stage):
    stage.fails("spoon")
    assert look(stage, "SHOP-1").verdict is Verdict.REGRESSION


def test_the_environment_narrows_what_is_counted(stage):
    stage.fails("spoon", environment="staging", times=2)
    stage.fails("spoon", environment="production", times=3)
    result = look(stage, "SHOP-1", environment="production")
    assert (result.environment, result.regressions[0].issue.count) == ("production", 3)
    assert result.regressions[0].event.environment == "production"


def test_an_older_issue_is_not_held_against_the_release_and_still_looked_into(stage):
    busy_before(stage)
    deploy(stage)
    stage.fails("fork")
    result = look(stage, "SHOP-1", release=NEW, environment="production")
    assert result.verdict is Verdict.INCONCLUSIVE
    assert f"SHOP-1 is older than {NEW} (first seen in {OLD}" in result.why
    assert result.regressions[0].event.release == NEW


def test_an_older_issue_that_became_far_more_frequent_is(stage):
    busy_before(stage)
    deploy(stage)
    stage.fails("fork", times=60)
    stage.clock.sleep(60)
    result = look(stage, "SHOP-1", release=NEW, environment="production")
    assert (result.verdict, result.regressions[0].kind) == (Verdict.REGRESSION, RegressionKind.SPIKING)


def test_an_issue_that_came_back_is_about_the_release_in_which_it_did(stage):
    stage.fails("fork", OLD, seconds=-86_400)
    stage.sentry.state.issues[1].status = "resolved"
    deploy(stage)
    stage.fails("fork")
    result = look(stage, "SHOP-1")
    assert (result.release, result.regressions[0].kind) == (NEW, RegressionKind.REGRESSED)


def test_an_issue_that_is_silent_where_it_is_looked_for(stage):
    stage.fails("spoon", environment="staging")
    deploy(stage)
    result = look(stage, "SHOP-1", environment="production")
    assert result.regressions[0].rate.before is None
    assert "no event of SHOP-1" in result.why
    assert "no suspects can be named for SHOP-1" in result.blind_spots[-1]


def test_an_issue_that_names_no_release(stage):
    stage.sentry.receive({"message": "Hello", "timestamp": DEPLOYED.isoformat()}, project="shop")
    with pytest.raises(UsageError, match="names a release"):
        look(stage, "SHOP-1")


@pytest.mark.parametrize(("name", "error"), [("SHOP-9", SentryNotFound), ("9", SentryNotFound), ("not an issue", UsageError)])
def test_an_issue_that_is_none(stage, name, error):
    with pytest.raises(error):
        look(stage, name)


def test_an_issue_says_how_much_of_its_endpoint_fails(stage):
    stage.fails("spoon", times=18, endpoint="POST /checkout")
    stage.serves("POST /checkout", requests=20, failed=18)
    stage.serves("GET /", requests=200, failed=0)
    stage.clock.sleep(600)
    (found,) = look(stage, "SHOP-1").regressions
    assert found.severity is Severity.CRITICAL
    assert found.why.endswith("; it fails 18 of 20 requests of POST /checkout (90 %)")
    stage.sentry.faults.add(Fault("GET", "*/events-timeseries/", status=503, times=6))
    result = look(stage, "SHOP-1")
    assert (result.verdict, result.regressions[0].endpoint) == (Verdict.REGRESSION, None)
    assert any("503" in blind for blind in result.blind_spots)


# --- a release ---------------------------------------------------------------------------------------------------------


def test_everything_new_of_a_release_whatever_its_evidence(stage):
    busy_before(stage)
    deploy(stage)
    stage.fails("spoon", times=6)
    stage.fails("knife")
    stage.fails("fork")
    stage.clock.sleep(3600)
    result = look(stage, release=NEW, environment="production")
    assert result.verdict is Verdict.REGRESSION
    assert [found.issue.title for found in result.regressions] == ["KeyError: 'spoon'", "KeyError: 'knife'"]
    assert all(found.event.release == NEW for found in result.regressions)
    assert result.why.endswith("; and 1 more regression")
    assert (result.polls, result.watched) == (1, timedelta(0))


def test_what_is_new_says_how_much_of_its_endpoint_fails(stage):
    busy_before(stage)
    deploy(stage)
    stage.fails("spoon", times=9, endpoint="POST /checkout")
    stage.serves("POST /checkout", requests=12, failed=9)
    stage.clock.sleep(600)
    (found,) = look(stage, release=NEW, environment="production").regressions
    assert found.why.endswith("; it fails 9 of 12 requests of POST /checkout (75 %)")


def test_without_an_environment_it_is_any(stage):
    stage.fails("spoon", environment="staging")
    result = look(stage, release=NEW)
    assert (result.environment, len(result.regressions)) == ("", 1)


def test_a_release_that_was_deployed_twice_counts_since_the_first_time(stage):
    deploy(stage)
    stage.fails("spoon", times=2)
    stage.clock.sleep(7200)
    deploy(stage, environment="production")
    result = look(stage, release=NEW, environment="production")
    assert result.deployed_at == DEPLOYED
    assert len(result.regressions) == 1


def test_a_release_that_nobody_heard_of_is_not_healthy(stage):
    stage.fails("fork", OLD)
    result = look(stage, release=NEW, environment="production")
    assert (result.verdict, result.regressions) == (Verdict.INCONCLUSIVE, ())
    assert f"nothing that carries the release {NEW} has reached Sentry" in result.why


def test_an_unknown_environment_is_not_healthy(stage):
    stage.fails("fork", OLD)
    result = look(stage, release=NEW, environment="prod")
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "never heard of the environment 'prod'" in result.why


def test_what_was_seen_is_told_though_the_rest_was_not(stage):
    deploy(stage)
    stage.fails("spoon", times=6)
    stage.sentry.faults.add(Fault("GET", "*/issues/1/events/", status=503, times=6))
    result = look(stage, release=NEW, environment="production")
    assert result.verdict is Verdict.REGRESSION
    assert any("503" in blind for blind in result.blind_spots)


def test_sentry_down_is_an_error(stage):
    stage.sentry.faults.add(Fault("*", "*", status=503, times=None))
    with pytest.raises(SentryUnavailable):
        look(stage, release=NEW, environment="production")


def test_a_token_that_may_not_read_issues(stage):
    stage.fails("spoon")
    setup = stage.setup_with(SENTRY_AUTH_TOKEN=stage.sentry.add_organization_token())
    with pytest.raises(SentryAuthError):
        look(stage, release=NEW, environment="production", setup=setup)


def test_nothing_to_look_at(stage):
    with pytest.raises(UsageError, match="nothing to look at"):
        look(stage)
