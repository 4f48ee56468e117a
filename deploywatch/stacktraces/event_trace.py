"""The exceptions, threads and bare stack of a Sentry event -> ``StackTrace``.

Sentry sends exceptions root cause first, as ``StackTrace`` has them. ``mechanism.exception_id`` and ``parent_id`` define
the tree of an exception group; the ids count from the outermost exception (0), so descending ids are the order we keep.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from deploywatch.model import Frame, Raised, StackTrace
from deploywatch.stacktraces import untrusted
from deploywatch.stacktraces.event_frames import read_frames
from deploywatch.stacktraces.platforms import language_of

MAX_EXCEPTIONS: Final = 500
"""Exceptions kept of one event; the innermost causes of a longer chain are dropped."""

_CHAIN_SOURCES: Final = ("__cause__", "__context__", "cause", "InnerException")
_MINIFIED_COLUMN: Final = 1_000

_JsonObject = Mapping[str, object]


def read_trace(sections: _JsonObject, platform: str | None) -> StackTrace:
    """The stack trace of an event whose ``exception``, ``threads`` and ``stacktrace`` stand in ``sections`` under these names."""
    values = _in_tree_order([untrusted.mapping(value) for value in _values(sections.get("exception"))])[-MAX_EXCEPTIONS:]
    values = [value for value in values if value]
    threads = [untrusted.mapping(thread) for thread in _values(sections.get("threads"))]
    exceptions = _with_groups(values, [_read_exception(value, threads) for value in values])
    if not any(raised.frames for raised in exceptions):
        exceptions = _with_fallback_frames(exceptions, _crashed_thread(threads) or read_frames(sections.get("stacktrace")))
    frames = [frame for raised in exceptions for frame in raised.frames]
    return StackTrace(exceptions=tuple(exceptions), language=language_of(platform, frames), warnings=_warnings(frames))


def _values(section: object) -> Sequence[object]:
    """The members of ``{"values": [..]}``, of a bare array, or a single bare object: SDKs have sent all three."""
    inner = untrusted.mapping(section)
    if "values" in inner:
        return tuple(untrusted.items(inner["values"]))
    return (section,) if inner else tuple(untrusted.items(section))


def _in_tree_order(values: list[_JsonObject]) -> list[_JsonObject]:
    ids = [_exception_id(value) for value in values]
    known = [number for number in ids if number is not None]
    if len(set(known)) < len(values):
        return values
    return [value for _, value in sorted(zip(known, values, strict=True), key=lambda pair: -pair[0])]


def _exception_id(value: _JsonObject) -> int | None:
    return untrusted.number(untrusted.mapping(value.get("mechanism")).get("exception_id"))


def _read_exception(value: _JsonObject, threads: Sequence[_JsonObject]) -> Raised:
    mechanism = untrusted.mapping(value.get("mechanism"))
    frames = _frames_of(value)
    thread_id = untrusted.word(value.get("threadId", value.get("thread_id")))
    if not frames and thread_id is not None:
        frames = next((_frames_of(thread) for thread in threads if untrusted.word(thread.get("id")) == thread_id), ())
    return Raised(
        type=untrusted.word(value.get("type")),
        message=untrusted.text(value.get("value")),
        frames=frames,
        module=untrusted.word(value.get("module")),
        handled=untrusted.truth(mechanism.get("handled")),
        mechanism=untrusted.word(mechanism.get("type")),
    )


def _frames_of(holder: _JsonObject) -> tuple[Frame, ...]:
    """The frames after source maps; those before, where there are no others."""
    raw = holder.get("rawStacktrace", holder.get("raw_stacktrace"))
    return read_frames(holder.get("stacktrace")) or read_frames(raw)


def _with_groups(values: Sequence[_JsonObject], exceptions: Sequence[Raised]) -> list[Raised]:
    position = {number: index for index, value in enumerate(values) if (number := _exception_id(value)) is not None}
    grouped = []
    for index, (value, raised) in enumerate(zip(values, exceptions, strict=True)):
        mechanism = untrusted.mapping(value.get("mechanism"))
        parent_id = untrusted.number(mechanism.get("parent_id"))
        parent = position.get(parent_id) if parent_id is not None else None
        held = parent is not None and parent != index and _is_member(mechanism, values[parent])
        grouped.append(replace(raised, group=parent) if held else raised)
    return grouped


def _is_member(mechanism: _JsonObject, parent: _JsonObject) -> bool:
    source = mechanism.get("source")
    if isinstance(source, str) and source in _CHAIN_SOURCES:
        return False
    is_group = untrusted.mapping(parent.get("mechanism")).get("is_exception_group") is True
    return is_group or (isinstance(source, str) and source.endswith("]"))


def _crashed_thread(threads: Sequence[_JsonObject]) -> tuple[Frame, ...]:
    def urgency(thread: _JsonObject) -> tuple[bool, bool]:
        return thread.get("crashed") is True, thread.get("current") is True

    told = [thread for thread in threads if any(urgency(thread))] or (threads if len(threads) == 1 else [])
    by_urgency = sorted(told, key=urgency, reverse=True)
    return next((frames for thread in by_urgency if (frames := _frames_of(thread))), ())


def _with_fallback_frames(exceptions: list[Raised], frames: tuple[Frame, ...]) -> list[Raised]:
    if not frames:
        return exceptions
    if not exceptions:
        return [Raised(type=None, message=None, frames=frames)]
    return [*exceptions[:-1], replace(exceptions[-1], frames=frames)]


def _warnings(frames: Sequence[Frame]) -> tuple[str, ...]:
    if not frames:
        return ("the event holds no stack trace",)
    if all(_is_minified(frame) for frame in frames if frame.line is not None) and any(frame.line for frame in frames):
        return ("every frame is of minified code: upload the release's source maps to Sentry to get real files and lines",)
    return ()


def _is_minified(frame: Frame) -> bool:
    named = frame.path is not None and frame.path.endswith((".min.js", ".bundle.js", ".chunk.js"))
    return named or (frame.line is not None and frame.line <= 5 and (frame.column or 0) >= _MINIFIED_COLUMN)
