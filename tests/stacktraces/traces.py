"""What tests of the parsers compare: a trace as plain rows."""

from __future__ import annotations

from deploywatch.model import StackTrace

Row = tuple[str | None, int | None, int | None, str | None, bool | None]


def read(trace: StackTrace | None) -> StackTrace:
    """The trace, which must be there."""
    assert trace is not None
    return trace


def rows(trace: StackTrace | None) -> list[Row]:
    """Path, line, column, function and in-app of every frame, in the order of ``StackTrace.frames``: the raising one first."""
    return [(frame.path, frame.line, frame.column, frame.function, frame.in_app) for frame in read(trace).frames]


def calls(trace: StackTrace | None) -> list[tuple[str | None, int | None, str | None]]:
    """Path, line and function of every frame, the raising one first."""
    return [(frame.path, frame.line, frame.function) for frame in read(trace).frames]


def errors(trace: StackTrace | None) -> list[tuple[str | None, str | None, int]]:
    """Type, message and number of frames of every exception, root cause first."""
    return [(raised.type, raised.message, len(raised.frames)) for raised in read(trace).exceptions]


def groups(trace: StackTrace | None) -> list[int | None]:
    """Of every exception the index of the group that holds it."""
    return [raised.group for raised in read(trace).exceptions]
