"""``read_event``: both dialects, nulls everywhere, chains, groups, fallbacks, secrets and hostile values."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deploywatch.errors import InputError
from deploywatch.model import Event, Frame, Request
from deploywatch.stacktraces.events import read_event

DATA = Path(__file__).parents[1] / "data" / "stacktraces"

API_FRAME = {
    "filename": "shop/cart.py",
    "absPath": "/app/src/shop/cart.py",
    "module": "shop.cart",
    "function": "total",
    "lineNo": 41,
    "colNo": 7,
    "inApp": True,
    "context": [[40, "def total(cart):"], [41, "    return cart.tax"], [42, ""]],
    "vars": {"password": "hunter2"},
}
RAW_FRAME = {
    "filename": "shop/cart.py",
    "abs_path": "/app/src/shop/cart.py",
    "module": "shop.cart",
    "function": "total",
    "lineno": 41,
    "colno": 7,
    "in_app": True,
    "pre_context": ["def total(cart):"],
    "context_line": "    return cart.tax",
    "post_context": [""],
    "vars": {"password": "hunter2"},
}
READ_FRAME = Frame(
    path="shop/cart.py",
    line=41,
    function="total",
    module="shop.cart",
    abs_path="/app/src/shop/cart.py",
    column=7,
    in_app=True,
    context_line="    return cart.tax",
    pre_context=("def total(cart):",),
    post_context=("",),
)


def sample(name: str) -> Any:
    return json.loads((DATA / name).read_text())


def exception(type_: str, frames: Any = None, **more: Any) -> dict[str, Any]:
    return {"type": type_, "value": f"{type_}!", "stacktrace": {"frames": [RAW_FRAME] if frames is None else frames}, **more}


def raw(*values: Any, **more: Any) -> dict[str, Any]:
    return {"event_id": "a" * 32, "platform": "python", "exception": {"values": list(values)}, **more}


def types(event: Event) -> list[str | None]:
    return [raised.type for raised in event.stacktrace.exceptions]


@pytest.mark.parametrize(
    "body",
    [
        {
            "platform": "python",
            "entries": [{"type": "exception", "data": {"values": [{"type": "E", "stacktrace": {"frames": [API_FRAME]}}]}}],
        },
        raw(exception("E")),
        {"exception": [exception("E")]},
        {"exception": exception("E")},
        {"sentry.interfaces.Exception": {"values": [exception("E")]}},
        {"event": raw(exception("E"))},
        {"action": "triggered", "data": {"event": raw(exception("E")), "triggered_rule": "any"}},
        {"action": "created", "data": {"error": raw(exception("E"))}},
    ],
    ids=["api", "raw", "bare list", "bare object", "legacy name", "event look-up", "alert webhook", "error webhook"],
)
def test_every_dialect_gives_the_same_frame(body: dict[str, Any]) -> None:
    event = read_event(body)
    assert event.stacktrace.frames == (READ_FRAME,)
    assert types(event) == ["E"]
    assert event.stacktrace.language == "python"


def test_what_the_flask_sdk_sends() -> None:
    event = read_event(sample("sdk_flask_500.json"))
    final = event.stacktrace.final
    assert final is not None
    assert (final.type, final.message, final.handled, final.mechanism) == ("KeyError", "'spoon'", False, "flask")
    assert event.stacktrace.frames[0].in_app is True
    assert final.frames[0].function == "wsgi_app"
    assert final.frames[0].context_line == "                response = self.full_dispatch_request()"
    assert (event.release, event.environment, event.transaction) == ("shop@1.2.0", "production", "checkout")
    assert event.occurred_at == datetime(2026, 11, 20, 23, 50, 42, 801930, UTC)
    assert event.request == Request(method="GET", url="http://localhost/checkout/1")
    assert event.tag("region") == "eu-west-1"
    assert event.message == "KeyError: 'spoon'"
    assert (event.trace_id, event.span_id) == ("0a84d5b8c0b642d7bced384fd8449a55", "810cad9a5f365d07")


@pytest.mark.parametrize("name", ["api_event_9.1.2.json", "api_event_glitchtip.json"])
def test_what_real_servers_answer(name: str) -> None:
    data = sample(name)
    event = read_event(data)
    raising = event.stacktrace.frames[0]
    assert (event.id, event.issue_id) == (data["eventID"], "2")
    assert (raising.path, raising.function) == ("billing.py", "invoice")
    assert [frame.in_app for frame in event.stacktrace.frames] == [
        frame["inApp"] for frame in reversed(data["entries"][0]["data"]["values"][0]["stacktrace"]["frames"])
    ]
    assert raising.line is not None
    assert (
        raising.context_line == dict(data["entries"][0]["data"]["values"][0]["stacktrace"]["frames"][-1]["context"])[raising.line]
    )
    assert event.release == "shop@1.0.1"
    assert event.message == data["title"]
    assert event.received_at is not None
    assert event.occurred_at is not None
    assert event.occurred_at < event.received_at
    assert event.request == Request("GET", "http://localhost/invoice/1")


def test_frames_and_exceptions_keep_sentrys_order() -> None:
    event = read_event(raw(exception("Cause", [{"filename": "a"}, {"filename": "b"}]), exception("Outer", [{"filename": "c"}])))
    assert types(event) == ["Cause", "Outer"]
    assert [frame.path for frame in event.stacktrace.frames] == ["c", "b", "a"]


def group(number: int, parent: int | None, source: str, *, is_group: bool = False) -> dict[str, Any]:
    return {"exception_id": number, "parent_id": parent, "source": source, "is_exception_group": is_group, "type": "chained"}


@pytest.mark.parametrize("order", [(3, 2, 1, 0), (0, 1, 2, 3)])
def test_a_groups_tree_is_told_by_its_ids(order: tuple[int, ...]) -> None:
    mechanisms = [
        group(0, None, "", is_group=True),
        group(1, 0, "exceptions[0]"),
        group(2, 1, "__cause__"),
        group(3, 0, "exceptions[1]"),
    ]
    event = read_event(raw(*(exception(f"E{number}", mechanism=mechanisms[number]) for number in order)))
    assert types(event) == ["E3", "E2", "E1", "E0"]
    assert [raised.group for raised in event.stacktrace.exceptions] == [3, None, 3, None]


@pytest.mark.parametrize(
    "threads",
    [
        [
            {"id": 1, "stacktrace": {"frames": []}, "current": True},
            {"id": 2, "crashed": True, "stacktrace": {"frames": [RAW_FRAME]}},
        ],
        [
            {"id": 1, "stacktrace": {"frames": [{"filename": "x"}]}},
            {"id": 2, "current": True, "stacktrace": {"frames": [RAW_FRAME]}},
        ],
        [{"stacktrace": {"frames": [RAW_FRAME]}}],
    ],
    ids=["crashed", "current", "only one"],
)
def test_threads_stand_in_for_exceptions(threads: list[Any]) -> None:
    assert read_event({"threads": {"values": threads}}).stacktrace.frames == (READ_FRAME,)
    both = read_event({"exception": {"values": [{"type": "E", "stacktrace": None}]}, "threads": {"values": threads}})
    assert both.stacktrace.frames == (READ_FRAME,)
    assert types(both) == ["E"]


def test_an_exception_finds_the_stack_of_its_thread() -> None:
    threads = [{"id": 7, "stacktrace": {"frames": [RAW_FRAME]}}, {"id": 8, "stacktrace": {"frames": [{"filename": "x"}]}}]
    body = raw({"type": "A", "thread_id": "7"}, {"type": "B", "thread_id": 8}, threads={"values": threads})
    assert [frame.path for frame in read_event(body).stacktrace.frames] == ["x", "shop/cart.py"]


def test_a_bare_stack_and_raw_frames_are_used_when_there_is_nothing_else() -> None:
    assert read_event({"stacktrace": {"frames": [RAW_FRAME]}}).stacktrace.frames == (READ_FRAME,)
    assert read_event({"entries": [{"type": "stacktrace", "data": {"frames": [API_FRAME]}}]}).stacktrace.frames == (READ_FRAME,)
    assert read_event(raw({"type": "E", "raw_stacktrace": {"frames": [RAW_FRAME]}})).stacktrace.frames == (READ_FRAME,)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"logentry": {"message": "took %s", "params": ["5s"], "formatted": "took 5s"}}, "took 5s"),
        ({"message": "plain"}, "plain"),
        ({"message": {"message": "inner"}}, "inner"),
        ({"message": "search text", "entries": [{"type": "message", "data": {"formatted": "shown"}}]}, "shown"),
        ({"title": "only a title"}, "only a title"),
    ],
)
def test_an_event_of_a_message_only(body: dict[str, Any], message: str) -> None:
    event = read_event(body)
    assert event.message == message
    assert event.stacktrace.exceptions == ()
    assert event.stacktrace.warnings == ("the event holds no stack trace",)


def test_minified_frames_are_warned_of() -> None:
    event = read_event(
        raw(exception("E", [{"filename": "app:///static/main.4f2a.js", "lineno": 1, "colno": 48123}]), platform="javascript")
    )
    assert "source maps" in event.stacktrace.warnings[0]
    assert not read_event(raw(exception("E"))).stacktrace.warnings


@pytest.mark.parametrize("secret", ["hunter2", "s3cret", "Bearer", "sid=1", "bob:pw"])
def test_no_secret_survives(secret: str) -> None:
    body = raw(
        exception("E"),
        request={
            "url": "https://bob:pw@shop.test/pay;jsessionid=s3cret?token=s3cret#s3cret",
            "method": "POST",
            "headers": [["Authorization", "Bearer x"]],
            "cookies": "sid=1",
            "data": {"card": "s3cret"},
            "query_string": "token=s3cret",
        },
        tags={"url": "https://bob:pw@shop.test/pay?token=s3cret"},
        extra={"k": "s3cret"},
        user={"email": "s3cret"},
        breadcrumbs={"values": [{"message": "s3cret"}]},
        transaction="/pay?token=s3cret",
        culprit="https://shop.test/pay?token=s3cret",
    )
    event = read_event(body)
    assert secret not in repr(event)
    assert event.request == Request("POST", "https://shop.test/pay")
    assert (event.transaction, event.tag("url")) == ("/pay", "https://shop.test/pay")


@pytest.mark.parametrize(
    "more",
    [
        {"contexts": {"response": {"status_code": 502}}},
        {"tags": [["http.status_code", "502"]]},
        {"tags": [{"key": "http.status_code", "value": "502"}]},
        {"contexts": {"trace": {"data": {"http.response.status_code": 502}}}},
        {"contexts": {"response": {"status_code": True}}, "tags": {"http.status_code": 502}},
    ],
)
def test_the_status_code_from_each_of_its_places(more: dict[str, Any]) -> None:
    assert read_event(raw(exception("E"), **more)).status_code == 502


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (1763682642.5, datetime(2025, 11, 20, 23, 50, 42, 500000, UTC)),
        ("2025-11-20T23:50:42Z", datetime(2025, 11, 20, 23, 50, 42, tzinfo=UTC)),
        ("2025-11-21T01:50:42+02:00", datetime(2025, 11, 20, 23, 50, 42, tzinfo=UTC)),
        ("2025-11-20T23:50:42", datetime(2025, 11, 20, 23, 50, 42, tzinfo=UTC)),
        ("yesterday", None),
        (float("nan"), None),
        (1e300, None),
        (10**400, None),
        (True, None),
        ("0001-01-01T00:00:00+14:00", None),
        ({}, None),
    ],
)
def test_times_are_aware_utc_or_unknown(written: object, read: datetime | None) -> None:
    assert read_event({"message": "m", "timestamp": written}).occurred_at == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (41, 41),
        ("41", 41),
        (41.0, 41),
        (0, None),
        (-3, None),
        (True, None),
        (float("nan"), None),
        (float("inf"), None),
        (10**30, None),
        ("9" * 5000, None),
        ([], None),
    ],
)
def test_line_numbers_are_whole_and_sane(written: object, read: int | None) -> None:
    assert read_event(raw(exception("E", [{"filename": "a.py", "lineno": written}]))).stacktrace.frames[0].line == read


def test_nulls_everywhere() -> None:
    nothing = dict.fromkeys(RAW_FRAME)
    event = read_event(
        raw(
            None,
            {"type": None, "value": None, "module": None, "mechanism": None, "stacktrace": None, "thread_id": None},
            {"type": "E", "stacktrace": {"frames": [None, nothing, {**nothing, "function": "f"}, RAW_FRAME]}},
            entries=None,
            tags=[None, [None, None], ["a", None], {"key": None}],
            contexts=None,
            release=None,
            request=None,
            threads=None,
            level=None,
        )
    )
    assert [frame.function for frame in event.stacktrace.frames] == ["total", "f"]
    assert event.tags == ()


def test_control_characters_and_lone_surrogates_are_removed() -> None:
    event = read_event(raw({"type": "E\x1b[31m", "value": "a\x00b\ud800\u202ec\n"}))
    final = event.stacktrace.final
    assert final is not None
    assert (final.type, final.message) == ("E[31m", "ab\ufffdc\n")
    assert (final.message or "").encode()


def test_windows_paths_and_addresses_become_plain_paths() -> None:
    frames = [
        {"filename": "C:\\app\\src\\Cart.cs"},
        {"filename": "src\\cart.py"},
        {"filename": "https://cdn.test/a.js?v=1"},
        {"filename": "odd\\name/x.py"},
    ]
    event = read_event(raw(exception("E", frames)))
    assert [frame.path for frame in reversed(event.stacktrace.frames)] == [
        "C:/app/src/Cart.cs",
        "src/cart.py",
        "https://cdn.test/a.js",
        "odd\\name/x.py",
    ]


def test_a_native_event_of_rust_files_is_rust() -> None:
    assert read_event(raw(exception("panic", [{"filename": "src/main.rs"}]), platform="native")).stacktrace.language == "rust"


@pytest.mark.parametrize("body", [{}, {"a": 1}, {"event": None}, {"data": {"event": {}}}, {"exception": None}, [], None, 3, "x"])
def test_what_is_no_event_is_a_typed_error(body: Any) -> None:
    with pytest.raises(InputError) as caught:
        read_event(body)
    assert "SDK" in caught.value.hint


@pytest.mark.parametrize(
    "body", [{"action": "created", "data": {"issue": {"id": "1"}}}, {"id": "1", "shortId": "SHOP-1", "title": "KeyError: 'x'"}]
)
def test_an_issue_is_told_apart(body: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="Sentry issue"):
        read_event(body)


JSON_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "values",
                    "frames",
                    "stacktrace",
                    "mechanism",
                    "data",
                    "type",
                    "value",
                    "key",
                    "lineno",
                    "filename",
                    "context",
                    "id",
                    "exception_id",
                    "parent_id",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "exception",
                "entries",
                "threads",
                "stacktrace",
                "tags",
                "contexts",
                "request",
                "release",
                "timestamp",
                "message",
                "level",
                "logentry",
                "platform",
            ]
        ),
        JSON_VALUE,
    )
)
def test_no_json_crashes_it(body: dict[str, Any]) -> None:
    event = read_event({**body, "event_id": "x"})
    assert all(frame.line is None or frame.line > 0 for frame in event.stacktrace.frames)
    assert event.occurred_at is None or event.occurred_at.tzinfo is UTC
