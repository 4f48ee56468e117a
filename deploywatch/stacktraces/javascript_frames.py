"""One line of a JavaScript stack -> ``Frame``, in the notation of V8."""

from __future__ import annotations

import re
from urllib.parse import unquote

from deploywatch.model import Frame
from deploywatch.stacktraces import assemble

ANONYMOUS = "<anonymous>"
"""What V8 calls a function without a name, and the file of one that is built in."""

_POSITION = re.compile(r"(?P<path>.*?)(?::(?P<line>\d{1,9}))(?::(?P<column>\d{1,9}))?$")
_BUILT_IN = re.compile(r"<anonymous>$|native$|index \d+$|unknown location$|\[native code\]$")
_EVAL_ORIGIN = re.compile(r"\((?P<place>[^()]*:\d{1,9}:\d{1,9})\)")
_ALIAS = re.compile(r" \[as [^\]]*\]$")
_END = re.compile(r"(?: \{|,| \]|\])$")


def read_frame(line: str) -> Frame | None:
    """The frame that a line ``at function (path:line:column)`` names, or ``None`` where it names none."""
    text = line.strip()
    if not text.startswith("at "):
        return None
    body = _END.sub("", text[3:])
    if "eval at " in body:
        return _evaluated(body)
    opening = _opening(body)
    if opening is None:
        return _bare(body.removeprefix("async "))
    return placed(body[opening + 1 : -1].removeprefix("address at "), _ALIAS.sub("", body[: opening - 1]))


def placed(place: str, function: str | None) -> Frame | None:
    """The frame of ``function`` at ``path:line:column``; built-in functions have no place, other texts are no frame."""
    if _BUILT_IN.match(place):
        return assemble.frame(ANONYMOUS, None, function)
    at = _POSITION.match(place)
    if at is None or not at["path"]:
        return None
    return assemble.frame(local(at["path"]), at["line"], function or ANONYMOUS, column=at["column"])


def local(path: str) -> str:
    """``file://`` addresses as the paths that they are."""
    return unquote(path.removeprefix("file://")) if path.startswith("file:///") else path


def _evaluated(body: str) -> Frame | None:
    """Code made by ``eval`` has no file: its frame is where ``eval`` was called."""
    origin = _EVAL_ORIGIN.search(body)
    function = body.partition("eval at ")[0].removesuffix("(").strip()
    return placed(origin["place"], function or "eval") if origin else assemble.frame(ANONYMOUS, None, function or "eval")


def _opening(body: str) -> int | None:
    """Where the parenthesis opens that closes at the end, if a space stands before it; paths may hold parentheses, too."""
    if not body.endswith(")"):
        return None
    depth = 0
    for position in range(len(body) - 1, 0, -1):
        depth += {")": 1, "(": -1}.get(body[position], 0)
        if depth == 0:
            return position if body[position - 1] == " " else None
    return None


def _bare(body: str) -> Frame | None:
    at = _POSITION.match(body)
    is_path = at is not None and at["column"] is not None and re.search(r"[/\\.<]", at["path"])
    if body == ANONYMOUS or is_path:
        return placed(body, ANONYMOUS)
    return None
