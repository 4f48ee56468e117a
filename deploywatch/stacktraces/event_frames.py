"""Frames of a Sentry event, in either dialect -> ``Frame``.

The API writes ``absPath, lineNo, colNo, inApp, context``; SDKs and webhooks write ``abs_path, lineno, colno, in_app``
and ``pre_context, context_line, post_context``. Servers that imitate Sentry mix the two, so each value is looked for
under both names. ``vars`` and ``data`` are never read: they hold secrets.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from deploywatch.model import Frame
from deploywatch.stacktraces import untrusted

MAX_FRAMES: Final = 5_000
"""Frames kept of one stack. The oldest calls are dropped first: a frame's index counts from the raising one and so stays."""


def read_frames(stacktrace: object) -> tuple[Frame, ...]:
    """The readable frames of a ``stacktrace`` object, oldest call first as Sentry sends them; nulls are skipped."""
    members = untrusted.items(untrusted.mapping(stacktrace).get("frames"))
    frames = (_read_frame(untrusted.mapping(member)) for member in members)
    return tuple(frame for frame in frames if frame is not None)[-MAX_FRAMES:]


def _read_frame(data: Mapping[str, object]) -> Frame | None:
    abs_path = untrusted.source_path(_either(data, "absPath", "abs_path"))
    path = untrusted.source_path(data.get("filename")) or abs_path
    function = untrusted.word(data.get("function"))
    module = untrusted.word(data.get("module"))
    package = untrusted.word(data.get("package"))
    if not (path or function or module or package):
        return None
    line = untrusted.position(_either(data, "lineNo", "lineno"))
    before, at, after = _context(data, line)
    return Frame(
        path=path,
        line=line,
        function=function,
        module=module,
        abs_path=abs_path,
        column=untrusted.position(_either(data, "colNo", "colno")),
        in_app=untrusted.truth(_either(data, "inApp", "in_app")),
        context_line=at,
        pre_context=before,
        post_context=after,
        package=package,
    )


def _context(data: Mapping[str, object], line: int | None) -> tuple[tuple[str, ...], str | None, tuple[str, ...]]:
    pairs = _numbered_lines(_either(data, "context", "context"))
    at = data.get("context_line")
    before = tuple(text for number, text in pairs if line is not None and number < line)
    after = tuple(text for number, text in pairs if line is not None and number > line)
    return (
        before or _lines(_either(data, "preContext", "pre_context")),
        untrusted.clean(at) if isinstance(at, str) else next((text for number, text in pairs if number == line), None),
        after or _lines(_either(data, "postContext", "post_context")),
    )


def _numbered_lines(value: object) -> list[tuple[int, str]]:
    pairs = (tuple(untrusted.items(member)) for member in untrusted.items(value))
    read = ((untrusted.number(pair[0]), pair[1]) for pair in pairs if len(pair) == 2)
    return [(number, untrusted.clean(text)) for number, text in read if number is not None and isinstance(text, str)]


def _lines(value: object) -> tuple[str, ...]:
    return tuple(untrusted.clean(line) for line in untrusted.items(value) if isinstance(line, str))


def _either(data: Mapping[str, object], first: str, second: str) -> object:
    value = data.get(first)
    return data.get(second) if value is None else value
