"""``read_inputs``: what an input is, is told by its content, and bad input gives one error that says what would be accepted."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from deploywatch.errors import InputError
from deploywatch.model import Event
from deploywatch.stacktraces.inputs import iter_inputs, read_inputs

DATA = Path(__file__).parents[1] / "data" / "stacktraces"
EVENT = {
    "event_id": "a" * 32,
    "exception": {"values": [{"type": "E", "value": "v", "stacktrace": {"frames": [{"filename": "a.py", "lineno": 3}]}}]},
}
TRACEBACK = 'Traceback (most recent call last):\n  File "/app/a.py", line 3, in f\n    g()\nKeyError: "x"\n'


def places(events: tuple[Event, ...]) -> list[tuple[str | None, int | None]]:
    return [(frame.path, frame.line) for event in events for frame in event.stacktrace.frames]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (json.dumps(EVENT), 1),
        (json.dumps(EVENT, indent=2), 1),
        ("\ufeff\n\n" + json.dumps(EVENT), 1),
        (json.dumps([EVENT, EVENT]), 2),
        (json.dumps([EVENT, EVENT], indent=1), 2),
        (json.dumps(EVENT) + "\r\n\r\n" + json.dumps({"event": EVENT}) + "\n", 2),
        ('{"message": "m", "stacktrace": null}\n' + json.dumps(EVENT), 1),
        (json.dumps({"id": "case", "repo": "a/b", "event": EVENT}), 1),
    ],
    ids=["object", "indented object", "byte order mark", "array", "indented array", "lines", "a message first", "case"],
)
def test_events_as_json(text: str, count: int) -> None:
    assert places(read_inputs(text)) == [("a.py", 3)] * count


def test_an_envelope_as_an_sdk_sends_it() -> None:
    lines: list[Any] = [
        {"event_id": "a" * 32, "sent_at": "2026-01-01T00:00:00Z", "dsn": "http://k@h/1", "trace": {}},
        {"type": "session", "length": 2},
        {"init": True, "status": "crashed"},
        {"type": "event", "content_type": "application/json", "length": 9},
        EVENT,
        {"type": "transaction"},
        {"type": "transaction", "message": "not a failure"},
    ]
    assert places(read_inputs("\n".join(map(json.dumps, lines)))) == [("a.py", 3)]
    with pytest.raises(InputError, match="envelope holds no event"):
        read_inputs("\n".join(map(json.dumps, lines[:3])))


@pytest.mark.parametrize(
    "text",
    [
        TRACEBACK,
        TRACEBACK.replace("\n", "\r\n"),
        "[2026-01-01 00:00:00 +0000] [7] [ERROR] boom\n" + TRACEBACK,
        json.dumps({"level": "error", "msg": "boom", "exc_info": TRACEBACK}),
        json.dumps({"message": "boom", "error": {"stack_trace": TRACEBACK}}, indent=2),
        "\n".join(json.dumps({"log": line + "\n", "stream": "stderr"}) for line in TRACEBACK.splitlines()),
        "starting\n" + json.dumps({"msg": "boom", "err": {"stack": TRACEBACK}}) + "\nstopped\n",
        json.dumps({"textPayload": "boom"}) + "\n" + json.dumps({"textPayload": TRACEBACK}),
        json.dumps([{"message": TRACEBACK}]),
        'time="2026" level=error msg=' + json.dumps(TRACEBACK),
    ],
    ids=["raw", "crlf", "gunicorn", "json log", "ecs", "docker", "mixed", "cloud", "array of logs", "logfmt"],
)
def test_a_traceback_wherever_it_is_logged(text: str) -> None:
    (event,) = read_inputs(text)
    assert places((event,)) == [("/app/a.py", 3)]
    final = event.stacktrace.final
    assert final is not None
    assert final.type == "KeyError"
    assert event.platform == event.stacktrace.language == "python"


def test_the_title_of_a_traceback() -> None:
    assert read_inputs(TRACEBACK)[0].message == 'KeyError: "x"'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "empty"),
        (" \n\ufeff\n", "empty"),
        ("no such thing", "no traceback in a known language"),
        ("[]", "array is empty"),
        ("{}", "not a Sentry event"),
        ('{"a": "no traceback"}', "not a Sentry event"),
        ("[1, 2]", "not a Sentry event"),
        ('{\n  "event_id": "x",\n  "exception": \n', "looks like JSON and is not: Expecting value .line 3"),
        (json.dumps(EVENT) + "\n{oops\n", "line 2 is not JSON"),
        ("\n\n" + json.dumps(EVENT) + "\n\n[1]\n", "line 5: this JSON object is not a Sentry event"),
        (json.dumps(EVENT) + "\n" + "[" * 100_000, "line 2 is not JSON: it is nested too deeply"),
        ("[" * 100_000, "nested too deeply"),
        ('{"lineno": ' + "9" * 5000 + "}", "looks like JSON and is not"),
        (json.dumps(EVENT) + "\n" + TRACEBACK, "line 2 is not JSON"),
    ],
)
def test_bad_input_is_one_typed_error_with_a_hint(text: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint) as caught:
        read_inputs(text)
    assert "event" in caught.value.hint


def test_json_lines_are_read_one_at_a_time() -> None:
    given_out = 0

    def lines() -> Iterator[str]:
        nonlocal given_out
        while True:
            given_out += 1
            yield json.dumps({**EVENT, "event_id": f"{given_out:032d}"}) + "\n"

    events = iter_inputs(lines())
    assert [next(events).id for _ in range(3)] == [f"{number:032d}" for number in (1, 2, 3)]
    assert given_out == 3


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=200) | st.text(alphabet='{}[]":,\n aE1\\', max_size=200))
@example('{"a": NaN}')
@example('"text"')
@example("\x00{")
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(InputError):
        assert read_inputs(text)
