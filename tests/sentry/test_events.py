from __future__ import annotations

from datetime import timedelta

import pytest

from deploywatch.errors import SentryUnavailable, SentryUnknownEnvironment
from deploywatch.sentry.events import any_event, latest_event, occurrences
from deploywatch.sentry.issues import IssueQuery
from deploywatch.sentry.wire import stamp
from deploywatch.watch.source import Occurrence
from tests.sentry.support import DETAIL_404, NOW, link, page, raw, reply, stage

PATH = "/organizations/acme/issues/901/events/"
SINCE = NOW - timedelta(minutes=15)
EVENT = {
    "id": "a" * 32,
    "eventID": "a" * 32,
    "groupID": "901",
    "dateCreated": "2026-11-21T11:59:00Z",
    "platform": "python",
    "release": {"version": "shop@2.4.0"},
    "tags": [{"key": "environment", "value": "prod"}, None],
    "entries": [
        None,
        {
            "type": "exception",
            "data": {
                "values": [
                    {
                        "type": "TypeError",
                        "value": "x",
                        "stacktrace": {
                            "frames": [{"filename": "shop/cart.py", "lineNo": 41, "function": "total", "inApp": True}, None]
                        },
                    },
                    None,
                ]
            },
        },
    ],
}
QUERY = IssueQuery("shop@2.4.0", "prod", ("shop",), SINCE)


def test_the_latest_event_with_its_trace():
    s = stage(reply(EVENT))
    event = latest_event(s.client, "901", environment="prod")
    assert (event.id, event.issue_id, event.release, event.environment) == ("a" * 32, "901", "shop@2.4.0", "prod")
    assert [(frame.path, frame.line) for frame in event.stacktrace.frames] == [("shop/cart.py", 41)]
    assert s.script.asked[0].line == f"GET {PATH}latest/"
    assert s.script.asked[0].query == (("environment", "prod"),)


def test_an_event_without_its_issue_gets_it():
    assert latest_event(stage(reply(EVENT | {"groupID": None})).client, "901").issue_id == "901"


def test_an_issue_whose_latest_event_is_gone():
    assert latest_event(stage(reply({"detail": "Event not found"}, 404)).client, "901") is None


@pytest.mark.parametrize(
    "entries",
    [
        None,
        [],
        [{"type": "exception", "data": None}],
        [{"type": "exception", "data": {"values": [{"type": "E", "stacktrace": {"frames": []}}]}}],
        [{"type": "exception", "data": {"values": [{"type": "E", "stacktrace": {"frames": [None, None]}}]}}],
        [{"type": "message", "data": {"formatted": "hello"}}],
    ],
)
def test_an_event_without_frames_is_an_event(entries):
    event = latest_event(stage(reply(EVENT | {"entries": entries})).client, "901")
    assert event.stacktrace.frames == ()


def test_an_event_that_cannot_be_read_is_told():
    with pytest.raises(SentryUnavailable, match="901"):
        latest_event(stage(reply({"unrelated": 1})).client, "901")


def test_an_old_server_is_asked_the_old_way():
    s = stage(page(200), reply(EVENT))
    latest_event(s.client, "901")
    assert s.script.lines == [f"GET {PATH}latest/", "GET /issues/901/events/latest/"]


# --- counting ------------------------------------------------------------------------------------------------------


def item(minutes_ago: float, number: int, *, release: str | None = "shop@2.4.0", environment: str | None = "prod") -> dict:
    tags = [{"key": "release", "value": release}, {"key": "environment", "value": environment}]
    return {"id": f"{number:032x}", "dateCreated": stamp(NOW - timedelta(minutes=minutes_ago)), "tags": tags}


def test_when_and_where_events_happened():
    s = stage(reply([item(1, 1), item(2, 2, release=None)]))
    found = occurrences(s.client, "901", since=SINCE, environment="prod")
    assert found.events == (
        Occurrence(f"{1:032x}", NOW - timedelta(minutes=1), "shop@2.4.0"),
        Occurrence(f"{2:032x}", NOW - timedelta(minutes=2)),
    )
    assert found.complete
    assert dict(s.script.asked[0].query) == {
        "start": "2026-11-21T11:45:00Z",
        "end": "2026-11-21T12:01:00Z",
        "per_page": "100",
        "environment": "prod",
    }


def test_pages_are_read_until_the_window_begins():
    s = stage(
        reply([item(1, 1), item(2, 2)], headers=link("0:2:0", more=True)),
        reply([item(2, 2), item(20, 3)], headers=link("0:4:0", more=True)),
    )
    found = occurrences(s.client, "901", since=SINCE)
    assert (len(found.events), found.complete) == (2, True)


def test_a_flood_is_counted_as_a_floor():
    pages = [reply([item(n / 100, n * 100 + k) for k in range(100)], headers=link(f"0:{n}:0", more=True)) for n in range(10)]
    found = occurrences(stage(*pages).client, "901", since=SINCE)
    assert (len(found.events), found.complete) == (1000, False)


def test_a_server_that_ignores_the_filters_is_filtered_here():
    s = stage(reply([item(-30, 1), item(1, 2, environment="staging"), item(1, 3, environment=None), item(2, 4)]))
    found = occurrences(s.client, "901", since=SINCE, environment="prod")
    assert [one.id for one in found.events] == [f"{3:032x}", f"{4:032x}"]


def test_odd_events_are_left_out_and_odd_tags_are_read():
    items = [{"id": "1"}, {"id": "2", "dateCreated": "soon"}, {"id": "3", "date_created": stamp(NOW), "tags": None}, None]
    items += [{"id": "4", "dateCreated": stamp(NOW), "tags": [{"key": "sentry:release", "value": "v"}, "x", {}]}]
    assert occurrences(stage(reply(items)).client, "901", since=SINCE).events == (
        Occurrence("3", NOW),
        Occurrence("4", NOW, "v"),
    )


@pytest.mark.parametrize(
    "user", [{"id": "7"}, {"id": None, "email": "a@b.example"}, {"username": "ana"}, {"ip_address": "203.0.113.9"}, {"id": 7}]
)
def test_who_met_an_event_is_a_key_that_names_nobody(user):
    events = occurrences(stage(reply([item(n, n) | {"user": user} for n in (1, 2)])).client, "901", since=SINCE).events
    assert events[0].client == events[1].client
    assert events[0].client is None if user == {"id": 7} else len(events[0].client) == 16
    assert not any(str(value) in repr(events) for value in user.values() if isinstance(value, str) and len(value) > 2)


def test_two_people_are_told_apart_and_nobody_is_nobody():
    items = [item(1, 1) | {"user": {"id": "7"}}, item(1, 2) | {"user": {"id": "8"}}, item(1, 3) | {"user": None}]
    clients = [one.client for one in occurrences(stage(reply(items)).client, "901", since=SINCE).events]
    assert clients[2] is None
    assert len(set(clients)) == 3


def test_the_old_address_for_the_list_too():
    s = stage(raw("", 404, "text/html"), reply([item(1, 1)]))
    assert len(occurrences(s.client, "901", since=SINCE).events) == 1
    assert s.script.lines == [f"GET {PATH}", "GET /issues/901/events/"]


# --- anything at all -----------------------------------------------------------------------------------------------


def test_the_newest_event_of_any_release_proves_that_it_can_see():
    s = stage(reply([{"id": "1", "lastSeen": "2026-11-21T11:58:00Z"}]))
    assert any_event(s.client, QUERY) == NOW - timedelta(minutes=2)
    assert s.script.asked[0].values("query") == [""]
    assert s.script.asked[0].values("limit") == ["1"]


def test_nothing_seen_is_none_and_not_an_error():
    assert any_event(stage(reply([])).client, QUERY) is None


def test_not_being_able_to_look_is_an_error():
    with pytest.raises(SentryUnknownEnvironment):
        any_event(stage(reply(DETAIL_404, 404), reply([])).client, QUERY)
    with pytest.raises(SentryUnavailable):
        any_event(stage(page(200)).client, QUERY)
