from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from deploywatch.deliver.channel import CannotTell, Outcome, Parcel
from deploywatch.deliver.channels import opsgenie, pagerduty
from deploywatch.deliver.options import Tools
from deploywatch.model import Severity
from tests.deliver.support import resolution, told
from tests.fakes.api import Answer, FakeApi
from tests.fakes.openapi import Contract
from tests.report.samples import finding, healthy_report, issue, regression, report

KEY, NEXT = "a" * 40, "b" * 40
ROUTING_KEY = "e93facc04764012d7bfb" + "002500d5d1a6"
ACCEPTED = Answer(202, {"status": "success", "message": "Event processed", "dedup_key": "x"})


@pytest.fixture
def server():
    routes = {
        ("POST", r"/v2/(?:change/)?enqueue"): lambda asked: ACCEPTED,
        ("POST", r"/v2/alerts(?:/\w+/close)?"): lambda asked: Answer(202, {"requestId": "r"}),
    }
    with FakeApi(routes) as server:
        yield server


def make(kind: str, server: FakeApi, tools: Tools, environ: dict[str, str]):
    environ["SECRET"] = ROUTING_KEY
    factory, secret = {
        "incident": (pagerduty.make, "routing_key"),
        "change": (pagerduty.make_changes, "routing_key"),
        "opsgenie": (opsgenie.make, "token"),
    }[kind]
    return factory("pager", {"url": server.url, secret: "env:SECRET", "allow_private": True}, tools)


def sent(channel, told=None, key: str = KEY):
    payload = channel.compose(told or report(), key)
    return channel.send(Parcel(payload, key)), json.loads(payload)


@pytest.mark.parametrize("kind", ["incident", "change", "opsgenie"])
def test_the_secret_goes_with_the_request_and_not_into_the_payload(
    kind: str, server: FakeApi, tools: Tools, environ: dict[str, str]
):
    channel = make(kind, server, tools, environ)
    receipt, payload = sent(channel)
    assert receipt.outcome is Outcome.TAKEN
    assert ROUTING_KEY not in json.dumps(payload) + repr(channel)
    (asked,) = server.requests
    assert ROUTING_KEY in json.dumps(asked.body) + asked.headers.get("authorization", "")


def test_an_incident_tells_the_worst_first(server: FakeApi, tools: Tools, environ: dict[str, str]):
    _, event = sent(make("incident", server, tools, environ))
    assert (event["event_action"], event["payload"]["severity"]) == ("trigger", "critical")
    assert "KeyError" in event["payload"]["summary"]
    assert event["payload"]["custom_details"]["findings"][0]["owners"] == list(report().findings[0].regression.owner.names)


@pytest.mark.parametrize(("kind", "place"), [("incident", "dedup_key"), ("opsgenie", "alias")])
def test_news_and_repetitions_go_to_the_same_alert(kind: str, place: str, server: FakeApi, tools: Tools, environ: dict[str, str]):
    channel = make(kind, server, tools, environ)
    news = replace(report(), findings=(*report().findings, finding(regression=regression(issue=issue(99)))))
    other = replace(report(), release="shop@9")
    keys = [sent(channel, told, key)[1][place] for told, key in ((report(), KEY), (news, NEXT), (other, NEXT))]
    assert keys[0] == keys[1] != keys[2]
    assert channel.policy.repeatable
    assert isinstance(channel.find(Parcel("{}", KEY)), CannotTell)


def test_an_incident_is_resolved_when_nothing_of_it_is_left(server: FakeApi, tools: Tools, environ: dict[str, str]):
    channel = make("incident", server, tools, environ)
    _, event = sent(channel)
    assert channel.resolve(resolution(1, "SHOP-2"), told(json.dumps(event)), NEXT) is None
    receipt = channel.send(Parcel(channel.resolve(resolution(1), told(json.dumps(event)), NEXT), NEXT))
    assert (receipt.outcome, receipt.reference) == (Outcome.TAKEN, event["dedup_key"])
    asked = server.requests[-1].body
    assert asked == {"routing_key": ROUTING_KEY, "event_action": "resolve", "dedup_key": event["dedup_key"]}


def test_an_alert_is_closed_by_its_alias_when_nothing_of_it_is_left(server: FakeApi, tools: Tools, environ: dict[str, str]):
    channel = make("opsgenie", server, tools, environ)
    _, alert = sent(channel)
    assert channel.resolve(resolution(1, "SHOP-2"), told(json.dumps(alert)), NEXT) is None
    receipt = channel.send(Parcel(channel.resolve(resolution(1), told(json.dumps(alert)), NEXT), NEXT))
    assert (receipt.outcome, receipt.reference) == (Outcome.TAKEN, alert["alias"])
    asked = server.requests[-1]
    assert (asked.path, asked.query) == (f"/v2/alerts/{alert['alias']}/close", {"identifierType": "alias"})
    assert "no events in 2h" in asked.body["note"].lower()


def test_a_change_event_has_no_end(server: FakeApi, tools: Tools, environ: dict[str, str]):
    channel = make("change", server, tools, environ)
    assert channel.resolve(resolution(), told("{}"), NEXT) is None
    assert channel.policy.every_deploy


def test_a_change_event_is_sent_for_every_deploy_at_most_once(server: FakeApi, tools: Tools, environ: dict[str, str]):
    channel = make("change", server, tools, environ)
    receipt, event = sent(channel, healthy_report())
    assert (receipt.outcome, server.writes()) == (Outcome.TAKEN, [("POST", "/v2/change/enqueue")])
    assert "shop@1.4.0 deployed to production" in event["payload"]["summary"]
    assert not channel.policy.repeatable
    assert isinstance(channel.find(Parcel("{}", KEY)), CannotTell)


@pytest.mark.parametrize("kind", ["incident", "opsgenie"])
def test_nobody_is_woken_where_nothing_broke(kind: str, server: FakeApi, tools: Tools, environ: dict[str, str]):
    assert make(kind, server, tools, environ).compose(healthy_report(), KEY) is None


@pytest.mark.parametrize("kind", ["incident", "change", "opsgenie"])
@pytest.mark.parametrize(
    ("status", "outcome"),
    [(400, Outcome.REFUSED), (401, Outcome.REFUSED), (429, Outcome.LATER), (500, Outcome.LATER), (502, Outcome.UNSURE)],
)
def test_documented_errors(kind: str, status: int, outcome: Outcome, server: FakeApi, tools: Tools, environ: dict[str, str]):
    server.routes.insert(
        0,
        ("POST", re.compile(".*"), lambda asked: Answer(status, {"errors": ["Length of 'routing_key' is wrong"]})),
    )
    receipt, _ = sent(make(kind, server, tools, environ))
    assert receipt.outcome is outcome
    if status == 400 and kind != "opsgenie":
        assert "routing_key" in (receipt.error or "")


def test_long_texts_keep_the_limits(server: FakeApi, tools: Tools, environ: dict[str, str]):
    long = replace(
        report(), findings=(finding(regression=regression(issue=replace(issue(), title="x" * 9000, error_type="E" * 9000))),)
    )
    assert len(sent(make("incident", server, tools, environ), long)[1]["payload"]["summary"]) <= 1024
    alert = sent(make("opsgenie", server, tools, environ), long)[1]
    assert len(alert["message"]) <= 130
    assert len(alert["description"]) <= 15_000


@pytest.mark.parametrize(("severity", "priority"), [(Severity.CRITICAL, "P1"), (Severity.LOW, "P5")])
def test_severity_decides_the_priority(severity: Severity, priority: str, server: FakeApi, tools: Tools, environ: dict[str, str]):
    told = replace(report(), findings=(finding(regression=regression(severity=severity)),))
    _, alert = sent(make("opsgenie", server, tools, environ), told)
    assert alert["priority"] == priority


@pytest.mark.shared
def test_pagerdutys_description_allows_every_request(server: FakeApi, tools: Tools, environ: dict[str, str], shared):
    for kind in ("incident", "change"):
        sent(make(kind, server, tools, environ))
    incidents = make("incident", server, tools, environ)
    incidents.send(Parcel(incidents.resolve(resolution(), told(json.dumps(sent(incidents)[1])), NEXT), NEXT))
    contract = Contract(shared / "contracts" / "pagerduty-events-v2.openapi.json")
    for asked in server.requests:
        contract.check(asked, prefix="/v2")
