"""What can be done with issues and their events."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from deploywatch.sandbox.standin.server import StandIn
from tests.sandbox.payloads import error


@pytest.fixture
def issue(sentry: StandIn) -> str:
    """The address of an issue of release 1.0.0."""
    sentry.receive(error(), project="shop")
    return "issues/1/"


@pytest.mark.parametrize("root", ["issues/1/", "groups/1/", "organizations/acme/issues/1/", "organizations/1/issues/1/"])
def test_an_issue_has_several_addresses(issue: str, api: httpx.Client, root: str) -> None:
    assert api.get(root).json()["firstRelease"]["version"] == "shop@1.0.0"


@pytest.mark.parametrize(
    "path", ["issues/2/", "issues/x/", "organizations/nope/issues/1/", "organizations/acme/shortids/SHOP-9/"]
)
def test_what_is_not_there_is_404(issue: str, api: httpx.Client, path: str) -> None:
    assert api.get(path).status_code == 404


@pytest.mark.parametrize(
    ("assignee", "name"),
    [("user:1", "Robin Release"), ("team:1", "backend"), ("robin@shop.example", "Robin Release"), ("1", "Robin Release")],
)
def test_assign(sentry: StandIn, issue: str, api: httpx.Client, assignee: str, name: str) -> None:
    sentry.state.add_team("backend")
    assert api.put(issue, json={"assignedTo": assignee}).json()["assignedTo"]["name"] == name
    assert api.put(issue, json={"assignedTo": ""}).json()["assignedTo"] is None


@pytest.mark.parametrize("assignee", ["team:backend", "#backend", "nobody@example.org", "user:9"])
def test_assigning_to_nobody_known_is_400(sentry: StandIn, issue: str, api: httpx.Client, assignee: str) -> None:
    sentry.state.add_team("backend")
    assert api.put(issue, json={"assignedTo": assignee}).status_code == 400


@pytest.mark.parametrize(
    ("body", "status", "substatus", "details"),
    [
        ({"status": "resolved"}, "resolved", None, {}),
        ({"status": "resolvedInNextRelease"}, "resolved", None, {"inNextRelease": True}),
        ({"status": "resolved", "statusDetails": {"inRelease": "latest"}}, "resolved", None, {"inRelease": "shop@1.0.0"}),
        ({"status": "resolved", "statusDetails": {"inNextRelease": True}}, "resolved", None, {"inNextRelease": True}),
        ({"status": "ignored"}, "ignored", "archived_forever", {}),
        ({"status": "unresolved"}, "unresolved", "ongoing", {}),
    ],
)
def test_change_the_status(
    issue: str, api: httpx.Client, body: dict[str, Any], status: str, substatus: str | None, details: dict[str, Any]
) -> None:
    shown = api.put(issue, json=body).json()
    told = {key: value for key, value in shown["statusDetails"].items() if key != "actor"}
    assert (shown["status"], shown["substatus"], told) == (status, substatus, details)


@pytest.mark.parametrize(
    "body",
    [
        {"status": "gone"},
        {"status": "resolved", "statusDetails": {"inRelease": "nope"}},
        {"status": "resolved", "statusDetails": {"inCommit": {"commit": "f" * 40, "repository": "acme/shop"}}},
        ["resolved"],
    ],
)
def test_a_change_that_makes_no_sense_is_400(issue: str, api: httpx.Client, body: Any) -> None:
    assert api.put(issue, json=body).status_code == 400
    assert api.get(issue).json()["status"] == "unresolved"


def test_resolved_in_a_commit_is_resolved_in_its_release(issue: str, api: httpx.Client) -> None:
    commit = {"id": "f" * 40, "repository": "acme/shop", "message": "Guard"}
    api.post("organizations/acme/releases/", json={"version": "shop@2.0.0", "projects": ["shop"], "commits": [commit]})
    wanted = {"commit": "f" * 40, "repository": "acme/shop"}
    shown = api.put(issue, json={"status": "resolved", "statusDetails": {"inCommit": wanted}}).json()
    assert shown["statusDetails"]["inRelease"] == "shop@2.0.0"


@pytest.mark.parametrize(
    ("details", "release", "status"),
    [
        ({}, "shop@1.0.0", "unresolved"),
        ({"inNextRelease": True}, "shop@1.0.0", "resolved"),
        ({"inNextRelease": True}, "shop@2.0.0", "unresolved"),
        ({"inRelease": "shop@2.0.0"}, "shop@1.0.0", "resolved"),
        ({"inRelease": "shop@2.0.0"}, "shop@2.0.0", "unresolved"),
        ({"inRelease": "shop@2.0.0"}, None, "unresolved"),
    ],
)
def test_what_reopens_a_resolved_issue(
    sentry: StandIn, issue: str, api: httpx.Client, details: dict[str, Any], release: str | None, status: str
) -> None:
    if "inRelease" in details:
        api.post("organizations/acme/releases/", json={"version": "shop@2.0.0", "projects": ["shop"]})
    api.put(issue, json={"status": "resolved", "statusDetails": details})
    sentry.receive(error(release=release), project="shop")
    shown = api.get(issue).json()
    assert shown["status"] == status
    assert (shown["substatus"] == "regressed") is (status == "unresolved")


def test_a_regression_can_be_searched_for(sentry: StandIn, issue: str, api: httpx.Client) -> None:
    api.put(issue, json={"status": "resolved"})
    sentry.receive(error(release="shop@2.0.0"), project="shop")
    found = api.get("organizations/acme/issues/?query=regressed_in_release:shop@2.0.0 is:regressed").json()
    assert [each["shortId"] for each in found] == ["SHOP-1"]


def test_many_are_changed_by_id_only(sentry: StandIn, issue: str, api: httpx.Client) -> None:
    sentry.receive(error("TypeError"), project="shop")
    assert api.put("organizations/acme/issues/", json={"status": "resolved"}).status_code == 400
    api.put("organizations/acme/issues/?id=1&id=2", json={"status": "resolved"})
    assert [each.status for each in sentry.state.issues.values()] == ["resolved", "resolved"]


def test_short_id_lookup(issue: str, api: httpx.Client) -> None:
    assert api.get("organizations/acme/issues/?shortIdLookup=1&query=shop-1&environment=nope").json()[0]["id"] == "1"


@pytest.mark.parametrize(("number", "short"), [(1, "1"), (31, "Z"), (32, "10"), (1000, "Z8")])
def test_short_ids_count_in_crockfords_base_32(sentry: StandIn, issue: str, number: int, short: str) -> None:
    sentry.state.issues[1].number = number
    assert sentry.state.issues[1].short_id == f"SHOP-{short}"


def test_events_newest_first_whole_or_short(sentry: StandIn, issue: str, api: httpx.Client) -> None:
    ids = [sentry.receive(error(timestamp=f"2026-05-04T1{hour}:00:00Z"), project="shop") for hour in (2, 1, 3)]
    period = "start=2026-05-04T00:00:00Z&end=2026-05-05T00:00:00Z"
    short = api.get(f"{issue}events/?{period}").json()
    assert [event["eventID"] for event in short] == [ids[2], ids[0], ids[1]]
    assert short[0]["event.type"] == "error"
    assert "entries" not in short[0]
    assert "entries" in api.get(f"{issue}events/?{period}&full=1").json()[0]
    assert len(api.get(f"{issue}events/?{period}&query=release:nope").json()) == 0


def test_neighbours(sentry: StandIn, issue: str, api: httpx.Client) -> None:
    sentry.receive(error(), project="shop")
    sentry.receive(error(), project="shop")
    latest, oldest = (api.get(f"{issue}events/{which}/").json() for which in ("latest", "oldest"))
    middle = api.get(f"{issue}events/{latest['previousEventID']}/").json()
    assert (oldest["previousEventID"], oldest["nextEventID"]) == (None, middle["id"])
    assert (middle["previousEventID"], middle["nextEventID"], latest["nextEventID"]) == (oldest["id"], latest["id"], None)


def test_latest_of_an_environment(sentry: StandIn, issue: str, api: httpx.Client) -> None:
    staging = sentry.receive(error(environment="staging", timestamp="2026-01-01T00:00:00Z"), project="shop")
    assert api.get(f"{issue}events/latest/?environment=staging").json()["eventID"] == staging
    assert api.get(f"{issue}events/latest/?environment=nope").status_code == 404


def test_an_event_is_found_by_its_id(sentry: StandIn, issue: str, api: httpx.Client) -> None:
    event = sentry.receive(error(), project="shop")
    dashed = f"{event[:8]}-{event[8:12]}-{event[12:16]}-{event[16:20]}-{event[20:]}"
    assert api.get(f"organizations/acme/eventids/{event}/").json()["groupId"] == "1"
    assert api.get(f"{issue}events/{dashed}/").json()["id"] == event
    assert api.get(f"projects/acme/shop/events/{event}/").json()["groupID"] == "1"
    assert api.get("projects/acme/shop/events/?full=1").json()[0]["id"] == event


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("issues/1/events/no/", 404),
        (f"projects/acme/shop/events/{'e' * 32}/json/", 404),
        ("projects/acme/shop/events/e/", 400),
        ("projects/acme/no/events/", 404),
    ],
)
def test_events_that_are_not_there(issue: str, api: httpx.Client, path: str, status: int) -> None:
    assert api.get(path).status_code == status


def test_comments_newest_first_and_counted(issue: str, api: httpx.Client) -> None:
    for text in ("first", "second"):
        assert api.post(f"{issue}comments/", json={"text": text}).status_code == 201
    assert [note["data"]["text"] for note in api.get(f"{issue}notes/").json()] == ["second", "first"]
    assert api.get(issue).json()["numComments"] == 2


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": " "}, {"text": 7}])
def test_an_empty_comment_is_400(issue: str, api: httpx.Client, body: dict[str, Any]) -> None:
    assert "text" in api.post(f"{issue}comments/", json=body).json()


def test_the_tags_of_an_issue(sentry: StandIn, issue: str, api: httpx.Client) -> None:
    for release in ("shop@2.0.0", "shop@2.0.0"):
        sentry.receive(error(release=release, environment="staging"), project="shop")
    release = next(tag for tag in api.get(f"{issue}tags/").json() if tag["key"] == "release")
    assert [(value["value"], value["count"]) for value in release["topValues"]] == [("shop@2.0.0", 2), ("shop@1.0.0", 1)]
    assert api.get(f"{issue}tags/release/?environment=staging").json()["totalValues"] == 2
    assert [value["count"] for value in api.get(f"{issue}tags/release/values/").json()] == [2, 1]
    assert api.get(f"{issue}tags/nope/").status_code == 404
