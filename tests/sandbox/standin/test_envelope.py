"""Envelopes: what is read is what was written, and garbage is refused and not swallowed."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.sandbox.standin import envelope
from deploywatch.sandbox.standin.answers import Refusal

payloads = st.dictionaries(st.text(), st.text() | st.integers() | st.none(), max_size=4)


def written(items: list[tuple[str, dict[str, Any]]], *, with_length: bool, last_newline: bool) -> bytes:
    lines = [b"{}"]
    for kind, payload in items:
        text = json.dumps(payload).encode()
        lines += [json.dumps({"type": kind, **({"length": len(text)} if with_length else {})}).encode(), text]
    return b"\n".join(lines) + (b"\n" if last_newline else b"")


@given(
    items=st.lists(st.tuples(st.sampled_from(["event", "transaction", "odd"]), payloads)), length=st.booleans(), end=st.booleans()
)
def test_what_was_written_is_read(items: list[tuple[str, dict[str, Any]]], length: bool, end: bool) -> None:
    read = envelope.read(written(items, with_length=length, last_newline=end))
    assert [(item.type, item.json()) for item in read.items] == items


def test_a_payload_with_a_length_may_hold_newlines() -> None:
    body = b'{}\n{"type":"attachment","length":5}\na\n\nb\n\n{"type":"event","length":2}\n{}'
    assert [(item.type, item.payload) for item in envelope.read(body).items] == [("attachment", b"a\n\nb\n"), ("event", b"{}")]


@given(st.binary(max_size=200))
def test_garbage_is_refused_or_read(body: bytes) -> None:
    status, read = 200, None
    try:
        read = envelope.read(body)
    except Refusal as refused:
        status = refused.answer.status
    assert (status, type(read)) in ((400, type(None)), (200, envelope.Envelope))


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}\n[]\n{}", b'{}\n{"type":"event","length":99}\n{}', b'{}\n{"length":-1}\n{}', b"[" * 9999]
)
def test_malformed(body: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        envelope.read(body)
    assert refused.value.answer.status == 400


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [("", b"text"), ("identity", b"text"), ("gzip", gzip.compress(b"text", mtime=0)), ("DEFLATE", zlib.compress(b"text"))],
)
def test_decode(encoding: str, packed: bytes) -> None:
    assert envelope.decode(packed, encoding) == b"text"


def test_brotli() -> None:
    brotli = pytest.importorskip("brotli", reason="an SDK sends brotli only where this package is installed")
    assert envelope.decode(brotli.compress(b"text"), "br") == b"text"


def test_brotli_without_the_package_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "brotli", None)
    with pytest.raises(Refusal) as refused:
        envelope.decode(b"x", "br")
    assert refused.value.answer.status == 415
    assert "brotli" in str(refused.value.answer.body)


@pytest.mark.parametrize(
    ("encoding", "packed", "status"),
    [
        ("gzip", b"no gzip", 400),
        ("gzip", gzip.compress(b"text" * 100, mtime=0)[:-12], 400),
        ("zstd", b"", 415),
        ("gzip", gzip.compress(b"\0" * (envelope.MAX_BYTES + 1), mtime=0), 413),
    ],
    ids=["garbage", "cut", "unknown", "bomb"],
)
def test_decode_refuses(encoding: str, packed: bytes, status: int) -> None:
    with pytest.raises(Refusal) as refused:
        envelope.decode(packed, encoding)
    assert refused.value.answer.status == status
