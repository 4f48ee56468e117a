"""Sentry's envelope format: a JSON header line, then items, each a JSON header line and a payload.

Follows the developer documentation of the data model: ``length`` counts bytes and is optional, a payload without it ends at
the line's end, the last newline is optional. Unknown item types are the caller's to skip.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from deploywatch.sandbox.standin.answers import Refusal, bad_request

# Relay takes 200 MiB; a sandbox on loopback does not need that, and must not be blown up by a few hostile bytes.
MAX_BYTES = 20 * 1024 * 1024
_WINDOW_BITS = {"gzip": 31, "deflate": 15}


@dataclass(frozen=True, slots=True)
class Item:
    """One item; ``payload`` is the raw bytes."""

    type: str
    payload: bytes

    def json(self) -> dict[str, Any]:
        """The payload as an object. Answers 400 when it is none."""
        return _object(self.payload, "item payload")


@dataclass(frozen=True, slots=True)
class Envelope:
    """A read envelope."""

    header: dict[str, Any]
    items: tuple[Item, ...]


def decode(body: bytes, encoding: str) -> bytes:
    """The body as it was before ``Content-Encoding``. Answers 400 for garbage, 413 when too large, 415 for an unknown coding."""
    coding = encoding.strip().lower()
    if coding in ("", "identity"):
        return body
    if coding == "br":
        return _brotli(body)
    if coding not in _WINDOW_BITS:
        raise Refusal(415, {"detail": f"unsupported content encoding {coding!r}"})
    inflater = zlib.decompressobj(_WINDOW_BITS[coding])
    try:
        plain = inflater.decompress(body, MAX_BYTES)
    except zlib.error as error:
        raise bad_request(f"cannot decompress the body: {error}") from error
    if inflater.unconsumed_tail:
        raise Refusal(413, {"detail": "envelope too large"})
    if not inflater.eof:
        raise bad_request("cannot decompress the body: it ends too early")
    return plain


def read(body: bytes) -> Envelope:
    """The envelope in ``body``, already decompressed. Answers 400 when it is malformed."""
    head, _, rest = body.partition(b"\n")
    return Envelope(_object(head, "envelope header"), tuple(_items(rest)))


def _items(rest: bytes) -> Iterator[Item]:
    while rest.strip():
        line, _, rest = rest.lstrip(b"\n").partition(b"\n")
        header = _object(line, "item header")
        length = header.get("length")
        if length is None:
            payload, _, rest = rest.partition(b"\n")
        elif isinstance(length, int) and 0 <= length <= len(rest):
            payload, rest = rest[:length], rest[length:]
        else:
            raise bad_request("item length does not fit the body")
        yield Item(str(header.get("type")), payload)


def _object(text: bytes, what: str) -> dict[str, Any]:
    try:
        read_value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise bad_request(f"invalid {what}") from error
    if not isinstance(read_value, dict):
        raise bad_request(f"invalid {what}: not an object")
    return read_value


def _brotli(body: bytes) -> bytes:
    # An SDK sends brotli only where the package is installed, which is then mostly so here too.
    try:
        import brotli  # type: ignore[import-not-found,unused-ignore]
    except ImportError as error:
        raise Refusal(415, {"detail": "brotli needs the Python package 'brotli' beside the stand-in"}) from error
    try:
        plain: bytes = brotli.decompress(body)
    except brotli.error as error:
        raise bad_request("cannot decompress the body") from error
    return plain
