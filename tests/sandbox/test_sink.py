"""The sink remembers what is posted to it."""

from __future__ import annotations

import httpx

from deploywatch.sandbox.sink import Sink


def test_it_remembers_json_by_path() -> None:
    with Sink() as sink:
        assert httpx.post(sink.url("/slack"), json={"text": "Hello"}).text == "ok"
        httpx.post(sink.url("/webhook"), content=b"no json")
    assert [message.body for message in sink.received("/slack")] == [{"text": "Hello"}]
    assert [message.body for message in sink.received("/webhook")] == [None]
    assert sink.received("/else") == []
