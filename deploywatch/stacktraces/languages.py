"""The registry of traceback languages: one module and one line each. The language of a text is detected, never asked."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Protocol

from deploywatch.model import StackTrace
from deploywatch.stacktraces import csharp, elixir, go, java, javascript, php, python, ruby, rust
from deploywatch.stacktraces.lines import read_lines


class Parser(Protocol):
    """A language's parser. It never raises on any text, takes time linear in it, and answers ``None`` where it finds no trace.

    Frames come oldest call first, exceptions root cause first, whichever way round the language prints them.
    """

    def __call__(self, text: str) -> StackTrace | None:
        """Every trace of ``text``, or ``None``."""
        ...


PARSERS: Final[Mapping[str, Parser]] = MappingProxyType(
    {
        "python": python.parse,
        "rust": rust.parse,
        "javascript": javascript.parse,
        "java": java.parse,
        "go": go.parse,
        "ruby": ruby.parse,
        "php": php.parse,
        "csharp": csharp.parse,
        "elixir": elixir.parse,
    }
)
"""By Sentry's platform word. Where two read equally much of a text, the earlier one wins."""


def parse(text: str) -> StackTrace | None:
    """The trace of the parser that explains most of ``text``, or ``None`` where no parser finds any."""
    plain = "\n".join(read_lines(text))
    found = [trace for parser in PARSERS.values() if (trace := parser(plain)) is not None]
    return max(found, key=_explained, default=None)


def _explained(trace: StackTrace) -> tuple[bool, int, int, int]:
    """A trace with an error above it rather than without, then by lines of code; in one piece rather than in many."""
    final, frames = trace.final, trace.frames
    lines = sum(frame.line is not None for frame in frames)
    return final is not None and final.type is not None, lines, -len(trace.exceptions), len(frames)
