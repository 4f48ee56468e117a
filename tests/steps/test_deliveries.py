"""Reports to channels by their routes, and what can be done with deliveries afterwards, over real adapters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from deploywatch.bootstrap import Setup
from deploywatch.errors import ConfigError, UsageError
from deploywatch.model import Delivery, DeliveryState, Owner, RankingVerdict, Report, Severity
from deploywatch.requests import DeliveriesRequest, DeliveryRequest, PruneRequest
from deploywatch.steps.deliveries import listed, pruned, replayed, retried, shown
from deploywatch.steps.delivering import deliver_report
from deploywatch.steps.outbox import opened_outbox
from tests.deliver.support import resolution
from tests.fakes.api import Answer, FakeApi
from tests.report.samples import finding, healthy_report, inconclusive_report, issue, ranking, regression
from tests.report.samples import report as whole_report
from tests.steps.conftest import Stage

ASKED = DeliveryRequest()


@pytest.fixture
def receiver() -> Iterator[FakeApi]:
    routes = {
        ("POST", "/hook"): lambda asked: Answer(200),
        ("POST", r"/v2/(?:change/)?enqueue"): lambda asked: Answer(202, {"status": "success", "dedup_key": "x"}),
    }
    with FakeApi(routes) as server:
        yield server


@pytest.fixture
def setup(stage: Stage, receiver: FakeApi) -> Setup:
    return with_routes(stage, receiver)


def with_routes(stage: Stage, receiver: FakeApi, *routes: dict[str, Any]) -> Setup:
    pager = {"url": receiver.url, "routing_key": "env:KEY", "allow_private": True}
    channels = [
        {"name": "hook", "type": "webhook", "url": f"{receiver.url}/hook", "allow_private": True},
        {"name": "pager", "type": "pagerduty", **pager},
        {"name": "changes", "type": "pagerduty-change", **pager},
    ]
    setup = stage.settings(channels=channels, routes=routes)
    return replace(setup, environ={**setup.environ, "KEY": "0123456789abcdef0123456789abcdef"})


def report() -> Report:
    """One incident of two issues."""
    whole = whole_report()
    return replace(whole, findings=whole.findings[:2])


def of_severity(severity: Severity):
    return replace(report(), findings=(finding(regression=regression(severity=severity)),))


def ended(setup: Setup, is_open) -> tuple[Delivery, ...]:
    with opened_outbox(setup, None) as (outbox, switchboard):
        return outbox.resolve(resolution(1), tuple(switchboard.channels.values()), is_open)


def told(setup: Setup, what) -> list[str]:
    return [delivery.channel for delivery in deliver_report(setup, None, what, ASKED)]


def test_of_a_regression_all_are_told(setup: Setup):
    assert told(setup, report()) == ["hook", "pager", "changes"]


def test_where_nothing_routes_a_pager_hears_of_what_is_critical_only(setup: Setup):
    assert told(setup, of_severity(Severity.HIGH)) == ["hook", "changes"]
    assert told(setup, of_severity(Severity.CRITICAL)) == ["hook", "pager", "changes"]


def test_a_pager_that_is_alone_hears_of_everything(setup: Setup):
    alone = [channel for channel in setup.settings.channels if channel.name != "hook"]
    assert told(
        replace(setup, settings=setup.settings.model_copy(update={"channels": tuple(alone)})), of_severity(Severity.LOW)
    ) == [
        "pager",
        "changes",
    ]


def test_a_route_to_a_pager_is_taken_at_its_word(stage: Stage, receiver: FakeApi):
    assert "pager" in told(with_routes(stage, receiver, {"channels": ["pager"]}), of_severity(Severity.LOW))


@pytest.mark.parametrize("calm", [healthy_report(), inconclusive_report()], ids=["healthy", "inconclusive"])
def test_of_any_deploy_those_are_told_whom_it_does_not_disturb(setup: Setup, receiver: FakeApi, calm):
    assert told(setup, calm) == ["changes"]
    assert told(setup, calm) == ["changes"]
    assert receiver.writes() == [("POST", "/v2/change/enqueue")]


@pytest.mark.parametrize(
    ("environment", "what", "names"),
    [
        ("production", healthy_report(), ["changes"]),
        ("staging", healthy_report(), []),
        ("production", report(), ["changes"]),
        (None, healthy_report(), ["changes"]),
    ],
)
def test_routes_say_of_which_environment(stage: Stage, receiver: FakeApi, environment: str | None, what, names: list[str]):
    route = {"channels": ["changes"]} | ({"environment": environment} if environment else {})
    assert told(with_routes(stage, receiver, route), what) == names


def test_a_route_that_does_not_fit_a_regression_does_not_hide_the_deploy(stage: Stage, receiver: FakeApi):
    assert told(with_routes(stage, receiver, {"channels": ["changes", "hook"], "owner": "@nobody"}), report()) == ["changes"]


def test_channels_that_are_asked_for_are_the_only_ones(setup: Setup):
    asked = DeliveryRequest(channels=("hook",))
    assert [each.channel for each in deliver_report(setup, None, report(), asked)] == ["hook"]
    assert deliver_report(setup, None, healthy_report(), asked) == ()


def test_a_dry_run_says_what_would_be_sent(stage: Stage, setup: Setup, receiver: FakeApi):
    assert deliver_report(setup, None, healthy_report(), DeliveryRequest(dry_run=True)) == ()
    assert (receiver.requests, listed(setup, DeliveriesRequest())) == ([], ())
    assert "changes would be told" in " ".join(stage.said)


def test_what_did_not_arrive_is_shown_and_tried_again(setup: Setup, receiver: FakeApi):
    receiver.mishaps = [403]
    (dead,) = deliver_report(setup, None, report(), DeliveryRequest(channels=("hook",)))
    assert shown(setup, dead.id) == dead == listed(setup, DeliveriesRequest(states=(DeliveryState.DEAD,)))[0]
    (alive,) = retried(setup, None, [dead.id])
    assert (alive.id, alive.state) == (dead.id, DeliveryState.DELIVERED)
    with pytest.raises(UsageError, match="no delivery 999"):
        shown(setup, 999)


def test_a_report_is_replayed_to_another_channel_once(setup: Setup, receiver: FakeApi):
    (first,) = deliver_report(setup, None, report(), DeliveryRequest(channels=("hook",)))
    found = replayed(setup, None, [first.id, first.id], "pager")
    assert {(each.channel, each.state) for each in found} == {("pager", DeliveryState.DELIVERED)}
    assert receiver.writes() == [("POST", "/hook"), ("POST", "/v2/enqueue")]
    with pytest.raises(ConfigError, match="no channel 'nobody'"):
        replayed(setup, None, [first.id], "nobody")


def test_old_deliveries_are_forgotten(stage: Stage, setup: Setup):
    told(setup, report())
    stage.clock.sleep(timedelta(days=40).total_seconds())
    settled = (DeliveryState.DELIVERED,)
    assert pruned(setup, PruneRequest(older_than=timedelta(days=50), states=settled)) == 0
    assert pruned(setup, PruneRequest(older_than=timedelta(days=30), states=settled, dry_run=True)) == 3
    assert len(listed(setup, DeliveriesRequest())) == 3
    assert pruned(setup, PruneRequest(older_than=timedelta(days=30), states=settled)) == 3
    assert listed(setup, DeliveriesRequest()) == ()


def test_those_who_were_told_hear_once_that_it_is_over(setup: Setup, receiver: FakeApi):
    told(setup, report())
    for _ in range(2):
        over = ended(setup, lambda issue: False)
        assert [(each.channel, each.kind) for each in over] == [("hook", "resolved"), ("pager", "resolved")]
    resolved = [asked.body for asked in receiver.requests[3:]]
    assert sorted(body.get("type") or body["event_action"] for body in resolved) == ["deploywatch.resolved", "resolve"]


def test_a_pager_stays_open_while_another_issue_of_the_incident_happens(setup: Setup):
    told(setup, report())
    over = ended(setup, lambda issue: True)
    assert [each.channel for each in over] == ["hook"]
    assert json.loads(over[0].payload)["data"]["left"]


def test_people_of_the_configuration_are_known_to_channels(stage: Stage, receiver: FakeApi):
    bot = {"name": "bot", "type": "slack-bot", "token": "env:TOKEN", "channel": "C01", "url": receiver.url, "allow_private": True}
    setup = stage.settings(channels=[bot], people=[{"github": "kim", "slack": "U012AB3CD"}])
    setup = replace(setup, environ={**setup.environ, "TOKEN": "xoxb-1"})
    owned = regression(owner=Owner(("@kim",), "its rule says so"), ranking=ranking(RankingVerdict.UNSURE))
    with opened_outbox(setup, None) as (outbox, switchboard):
        (draft,) = outbox.preview(replace(report(), findings=(finding(regression=owned),)), tuple(switchboard.channels.values()))
    assert "<@U012AB3CD>" in draft.payload


def test_an_issue_is_assigned_to_its_owner_once_and_never_over_a_humans_choice(stage: Stage):
    team = stage.sentry.state.add_team("payments")
    stage.fails("tea-cosy")
    (there,) = stage.sentry.state.issues.values()
    setup = stage.settings(channels=[{"name": "assign", "type": "sentry-assign"}], owners={"names": {"@acme/pay": "#payments"}})
    broken = regression(issue=issue(id=str(there.id)), owner=Owner(("@acme/pay",), "its rule says so"))
    first, second = (replace(report(), release=name, findings=(finding(regression=broken),)) for name in ("shop@1", "shop@2"))
    (made,) = deliver_report(setup, stage.client, first, ASKED)
    assert (there.assigned_to, made.attempts[0].answer) == (team, "assigned to #payments")
    there.assigned_to = stage.sentry.state.users[0]
    (left,) = deliver_report(setup, stage.client, second, ASKED)
    assert there.assigned_to is stage.sentry.state.users[0]
    assert "assigned already" in (left.attempts[0].answer or "")


def test_the_token_of_sentry_and_every_secret_in_use_never_reach_a_message(stage: Stage, setup: Setup):
    token = stage.client.connection.token.reveal()
    hostile = replace(report(), why=f"it said {token} and {setup.environ['KEY']}")
    with opened_outbox(setup, stage.client) as (outbox, switchboard):
        payloads = " ".join(
            draft.payload + draft.report for draft in outbox.preview(hostile, tuple(switchboard.channels.values()))
        )
    assert "it said" in payloads.lower()
    assert token not in payloads
    assert setup.environ["KEY"] not in payloads
