"""Reports to people within the limits of ``[noise]``, over a real store and real receivers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from deploywatch.bootstrap import Setup
from deploywatch.model import Delivery, DeliveryState, Finding, Issue, Owner, Report, Severity
from deploywatch.requests import DeliveryRequest
from deploywatch.sandbox.sink import Sink
from deploywatch.steps.deliveries import sent_due, tell_resolution
from deploywatch.steps.delivering import deliver_report
from tests.deliver.support import resolution
from tests.report import samples
from tests.steps.conftest import Stage

HOUR = 3600


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as receiving:
        yield receiving


def setup_of(stage: Stage, sink: Sink, **noise: object) -> Setup:
    hook = {"name": "hook", "type": "webhook", "url": sink.url("/hook"), "allow_private": True}
    return stage.settings(channels=[hook], noise=noise)


def finding(number: int, severity: Severity = Severity.MEDIUM, owner: str = "@shop") -> Finding:
    """One of its own cause."""
    issue = Issue(str(number), f"SHOP-{number}", f"Error{number}", None, "shop", first_seen=samples.DEPLOYED)
    bare = replace(samples.bare_regression(), issue=issue, severity=severity, owner=Owner((owner,), "rule"))
    return Finding(bare)


def report(*findings: Finding) -> Report:
    return replace(samples.report(), findings=findings)


def tell(setup: Setup, *findings: Finding, **request: object) -> tuple[Delivery, ...]:
    return deliver_report(setup, None, report(*findings), DeliveryRequest(**request))


def heard(sink: Sink) -> list[list[str]]:
    return [[one["issue"]["short_id"] for one in message.body["data"]["findings"]] for message in sink.received("/hook")]


def test_one_message_for_each_incident_and_not_for_each_issue(stage, sink):
    deliver_report(setup_of(stage, sink), None, samples.report(), DeliveryRequest())
    by_incident = heard(sink)
    assert len(by_incident) == 3
    assert len(by_incident[0]) == 2
    assert sum(map(len, by_incident)) == len(samples.report().findings)


def test_what_waits_already_is_not_said_in_its_old_form(stage, sink):
    quiet = {"from": "09:00", "to": "18:00"}
    setup = setup_of(stage, sink, quiet=quiet)
    tell(setup, finding(1))
    stage.clock.sleep(60)
    again = replace(finding(1), endpoint="GET /")
    assert tell(setup, again, finding(2)) != ()
    assert heard(sink) == []
    stage.clock.sleep(9 * HOUR)
    tell(setup, finding(3))
    assert sorted(map(tuple, heard(sink))) == [("SHOP-1",), ("SHOP-2",), ("SHOP-3",)]


def test_quiet_hours_hold_back_all_but_what_is_critical_and_say_so(stage, sink):
    setup = setup_of(stage, sink, quiet={"from": "09:00", "to": "18:00", "zone": "UTC"})
    held, critical = sorted(tell(setup, finding(1), finding(2, Severity.CRITICAL)), key=lambda one: one.incident)
    assert (held.state, held.due_at.hour) == (DeliveryState.PENDING, 18)
    assert critical.state is DeliveryState.DELIVERED
    assert heard(sink) == [["SHOP-2"]]
    assert "hook will be told by a run after 2026-05-04 18:00 UTC: quiet hours" in stage.said
    assert [one.state for one in sent_due(setup, None)] == [DeliveryState.PENDING]
    stage.clock.sleep(9 * HOUR)
    assert [one.state for one in sent_due(setup, None)] == [DeliveryState.DELIVERED]
    deliver_report(setup, None, samples.healthy_report(), DeliveryRequest())
    assert heard(sink) == [["SHOP-2"], ["SHOP-1"]]


def test_an_incident_that_goes_on_is_left_alone_for_a_while_unless_it_gets_worse(stage, sink):
    setup = setup_of(stage, sink, cool_down="30m")
    tell(setup, finding(1))
    stage.clock.sleep(60)
    tell(setup, finding(1))
    assert len(heard(sink)) == 1
    tell(setup, finding(1, Severity.HIGH))
    assert len(heard(sink)) == 2
    stage.clock.sleep(HOUR)
    tell(setup, finding(1, Severity.HIGH))
    tell(setup, finding(1, Severity.LOW))
    stage.clock.sleep(HOUR)
    tell(setup, finding(1, Severity.LOW))
    assert len(heard(sink)) == 2, "the same thing is never said twice"


def test_beyond_the_budget_the_rest_comes_together(stage, sink):
    setup = setup_of(stage, sink, per_hour=2)
    tell(setup, *(finding(number) for number in range(1, 6)), finding(9, Severity.CRITICAL), finding(7, owner="@pay"))
    messages = heard(sink)
    assert sorted(len(message) for message in messages) == [1, 1, 1, 1, 4] or sorted(map(len, messages)) == [1, 1, 1, 4]
    assert sorted(issue for message in messages for issue in message) == [f"SHOP-{number}" for number in (1, 2, 3, 4, 5, 7, 9)]
    assert "told together (more than 2 incidents in an hour)" in sink.received("/hook")[-1].body["data"]["why"]
    tell(setup, finding(6))
    assert len(heard(sink)) == len(messages), "one digest an hour"
    stage.clock.sleep(HOUR + 60)
    tell(setup)
    assert heard(sink)[-1] == ["SHOP-6"]


def test_a_dry_run_tells_nobody_and_holds_nothing(stage, sink):
    setup = setup_of(stage, sink, quiet={"from": "09:00", "to": "18:00"})
    assert tell(setup, finding(1), dry_run=True) == ()
    assert any("dry run: hook would be told" in said for said in stage.said)
    stage.clock.sleep(9 * HOUR)
    tell(setup)
    assert heard(sink) == []


def test_who_heard_of_three_incidents_hears_of_each_when_it_is_over(stage, sink):
    setup = setup_of(stage, sink)
    deliver_report(setup, None, samples.report(), DeliveryRequest())
    over = tell_resolution(setup, None, resolution(1), lambda issue: False)
    assert [one.kind for one in over] == ["resolved"]
    assert len(sink.received("/hook")) == 4


def test_a_zone_that_is_none(stage, sink):
    with pytest.raises(ValueError, match="not a time zone"):
        setup_of(stage, sink, quiet={"from": "09:00", "to": "18:00", "zone": "Mars/Olympus"})


def test_the_same_cause_in_the_next_release_is_told_again_at_once(stage, sink):
    setup = setup_of(stage, sink)
    tell(setup, finding(1))
    deliver_report(setup, None, replace(report(finding(1)), release="shop@9"), DeliveryRequest())
    assert heard(sink) == [["SHOP-1"], ["SHOP-1"]]
