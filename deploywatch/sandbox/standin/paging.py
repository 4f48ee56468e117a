"""Cursors and the ``Link`` header. A cursor reads ``0:<offset>:<is previous>``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from deploywatch.sandbox.standin.answers import bad_request
from deploywatch.sandbox.standin.call import Call

MAX_SIZE = 100

T = TypeVar("T")


def page(call: Call, items: Sequence[T]) -> tuple[list[T], dict[str, str]]:
    """The page that the request asks for, and its ``Link`` header. Answers 400 for a bad cursor or a size above 100."""
    size, offset = _size(call), _offset(call)
    header = ", ".join(
        (
            _link(call, "previous", f"0:{max(offset - size, 0)}:1", has_results=offset > 0),
            _link(call, "next", f"0:{offset + size}:0", has_results=offset + size < len(items)),
        )
    )
    return list(items[offset : offset + size]), {"Link": header}


def _size(call: Call) -> int:
    text = call.query.get("per_page") or call.query.get("limit") or str(MAX_SIZE)
    if not re.fullmatch(r"\d{1,6}", text) or not 1 <= int(text) <= MAX_SIZE:
        raise bad_request(f"Invalid per_page value. Must be between 1 and {MAX_SIZE}.")
    return int(text)


def _offset(call: Call) -> int:
    cursor = call.query.get("cursor")
    if not cursor:
        return 0
    match = re.fullmatch(r"\d+:(\d{1,9}):[01]", cursor)
    if match is None:
        raise bad_request("Invalid cursor parameter.")
    return int(match[1])


def _link(call: Call, rel: str, cursor: str, *, has_results: bool) -> str:
    others = "&".join(f"{key}={value}" for key, value in _quoted(call) if key != "cursor")
    results = "true" if has_results else "false"
    return f'<{call.url}?{others}&cursor={cursor}>; rel="{rel}"; results="{results}"; cursor="{cursor}"'


def _quoted(call: Call) -> list[tuple[str, str]]:
    return [(pair.partition("=")[0], pair.partition("=")[2]) for pair in str(call.query).split("&") if pair]
