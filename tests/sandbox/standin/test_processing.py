"""What the server adds to an event."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from deploywatch.sandbox.standin import processing
from deploywatch.sandbox.standin.answers import Refusal
from tests.sandbox.payloads import error, frame, message

NOW = datetime(2026, 5, 4, 10, tzinfo=UTC)


def processed(payload: dict[str, Any]) -> dict[str, Any]:
    return processing.process(payload, project_id=3, received=NOW)


def fingerprint(payload: dict[str, Any]) -> str:
    return processed(payload)["hashes"][0]


def test_an_error_gets_title_metadata_culprit_and_location() -> None:
    data = processed(error())
    assert (data["type"], data["title"], data["culprit"], data["location"]) == (
        "error",
        "KeyError: 'spoon'",
        "/checkout",
        "shop/cart.py",
    )
    assert data["metadata"] == {"type": "KeyError", "value": "'spoon'", "filename": "shop/cart.py", "function": "price"}


def test_without_a_transaction_the_raising_frame_is_the_culprit() -> None:
    assert processed(error(transaction=None))["culprit"] == "shop.cart in price"


def test_a_message_gets_its_first_line_as_title() -> None:
    data = processed(message("Hello\nworld"))
    assert (data["type"], data["title"], data["metadata"], data["level"]) == ("default", "Hello", {"title": "Hello"}, "error")


def test_the_exception_that_left_the_program_is_the_last() -> None:
    payload = error()
    payload["exception"]["values"].append({"type": "RuntimeError", "value": "checkout failed"})
    assert processed(payload)["title"] == "RuntimeError: checkout failed"


def test_tags_are_the_events_own_and_the_servers() -> None:
    tags = dict(map(tuple, processed(error(tags={"region": "eu", "empty": ""}))["tags"]))
    assert tags == {
        "environment": "production",
        "handled": "no",
        "level": "error",
        "mechanism": "starlette",
        "region": "eu",
        "release": "shop@1.0.0",
        "runtime": "CPython 3.11.7",
        "runtime.name": "CPython",
        "server_name": "web-1.example",
        "transaction": "/checkout",
        "url": "http://shop.example/checkout",
        "user": "id:7",
    }


def test_tags_may_come_as_pairs() -> None:
    assert ("region", "eu") in processing.tags_of({"tags": [["region", "eu"], None, ["odd"]]})


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [("2026-05-04T09:59:00Z", -60), (NOW.timestamp() - 5, -5), (None, 0), ("yesterday", 0), (1e300, 0), (True, 0)],
)
def test_the_time_is_the_events_own_where_it_has_one(timestamp: object, expected: float) -> None:
    assert processed(error(timestamp=timestamp))["timestamp"] == NOW.timestamp() + expected


def test_one_issue_for_one_failure() -> None:
    assert fingerprint(error(value="'spoon'")) == fingerprint(error(value="'fork'", release="shop@2.0.0", user=None))


@pytest.mark.parametrize(
    "other",
    [
        error("TypeError"),
        error(frames=[frame("shop/cart.py", "total", 7)]),
        error(frames=[frame("shop/other.py", "price", 7)]),
        error(fingerprint=["mine"]),
        message("KeyError: 'spoon'"),
    ],
    ids=["type", "function", "file", "fingerprint", "message"],
)
def test_another_issue_for_another_failure(other: dict[str, Any]) -> None:
    assert fingerprint(other) != fingerprint(error())


def test_frames_of_libraries_do_not_group() -> None:
    ours = [frame("shop/cart.py", "price", 7)]
    assert fingerprint(error(frames=[*ours, frame("decimal.py", "quantize", 1, in_app=False)])) == fingerprint(error(frames=ours))


def test_a_fingerprint_may_widen_the_default() -> None:
    assert fingerprint(error(fingerprint=["{{ default }}"])) == fingerprint(error())
    assert fingerprint(error(fingerprint=["{{ default }}", "eu"])) != fingerprint(error())


def test_messages_group_by_their_template() -> None:
    assert fingerprint(message("x", logentry={"message": "user %s", "formatted": "user 1"})) == fingerprint(
        message("x", logentry={"message": "user %s", "formatted": "user 2"})
    )


@pytest.mark.parametrize("given", ["f" * 32, "ffffffff-ffff-ffff-ffff-ffffffffffff"])
def test_event_id(given: str) -> None:
    assert processing.event_id(given) == "f" * 32


def test_a_missing_id_is_made_up_and_a_wrong_one_refused() -> None:
    assert len(processing.event_id(None)) == 32
    with pytest.raises(Refusal):
        processing.event_id("../../etc")


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"exception": {"values": [None, {"type": None, "value": None, "stacktrace": None, "mechanism": None}]}},
        {"exception": [{"type": "E", "stacktrace": {"frames": [None, {"filename": None, "function": None, "in_app": None}]}}]},
        {"exception": "odd", "tags": 7, "user": "odd", "request": None, "contexts": None, "logentry": "text", "level": 7},
        {"exception": [{"stacktrace": 7, "mechanism": "odd"}], "request": [], "contexts": {"runtime": "odd"}},
    ],
)
def test_nulls_and_oddities_are_taken(payload: dict[str, Any]) -> None:
    data = processed(payload)
    assert data["title"]
    assert data["level"] == "error"


@pytest.mark.parametrize(("handled", "expected"), [(False, True), (True, False), (None, False)])
def test_is_unhandled(handled: object, expected: bool) -> None:
    assert processing.is_unhandled(error(handled=handled)) is expected


@pytest.mark.parametrize(
    ("user", "expected"),
    [({"id": 7}, "id:7"), ({"email": "a@b"}, "email:a@b"), ({"ip_address": "::1"}, "ip:::1"), ({}, None), (None, None)],
)
def test_user_of(user: object, expected: str | None) -> None:
    assert processing.user_of({"user": user}) == expected
