"""Rust panics and backtraces -> ``StackTrace``: what the standard library, ``anyhow`` and ``eyre`` print.

A backtrace's frame is a numbered symbol and, under it, ``at file:line:column``. Without a backtrace, or with one that names no
files, the place that the panic itself names is the raising frame.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from deploywatch.model import Frame, Raised, StackTrace
from deploywatch.stacktraces import assemble
from deploywatch.stacktraces.lines import read_lines
from deploywatch.stacktraces.prefixes import starting_with, unprefixed

_PANIC = re.compile(
    r"thread '[^']{0,200}' (?:\(\d+\) )?panicked at (?:'(?P<old>.*)', )?(?P<path>[^\s':][^':]*|[A-Za-z]:[^':]+):(?P<line>\d{1,9})"
    r":(?P<column>\d{1,9}):?$"
)
_SYMBOL = re.compile(r"\s*\d{1,5}: +(?:0x[0-9a-f]+ - )?(?P<function>\S.*?)(?:::h[0-9a-f]{16})?$")
_CRATE_HASH = re.compile(r"\[[0-9a-f]{16}\]")
_AT = re.compile(r"\s+at (?P<path>.+?):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?$")
_BACKTRACE = re.compile(r"\s*(?:stack backtrace|Stack backtrace|━+ BACKTRACE ━+):?\s*$")
_ERROR = re.compile(r"Error: (?P<message>.*)$")
_NOTE: Final = "note: "
_MAX_MESSAGE_LINES: Final = 60


def parse(text: str) -> StackTrace | None:
    """Every panic and backtrace of ``text``, the last one being the failure; ``None`` where there is none."""
    reader = _Reader()
    for line in unprefixed(read_lines(text), starting_with("thread '", _PANIC)):
        reader.take(line)
    reader.close()
    return assemble.stack_trace(reader.chains, "rust")


@dataclass(slots=True)
class _Reader:
    """Takes a text line by line. ``frames`` are innermost first; ``place`` is the one that the panic names."""

    chains: list[tuple[Raised, ...]] = field(default_factory=list)
    type: str | None = None
    message: list[str] = field(default_factory=list)
    place: Frame | None = None
    frames: list[Frame] = field(default_factory=list)
    symbol: str | None = None
    in_message: bool = False
    in_backtrace: bool = False

    def take(self, line: str) -> None:
        """Read one line."""
        panic, error = _PANIC.match(line), _ERROR.match(line)
        if panic is not None:
            self._begin("panic", panic["old"])
            self.place = assemble.frame(panic["path"], panic["line"], column=panic["column"])
        elif error is not None:
            self._begin("Error", error["message"])
        elif _BACKTRACE.match(line):
            self.in_message, self.in_backtrace = False, True
        elif self.in_backtrace:
            self._backtrace(line)
        elif self.in_message and not line.startswith(_NOTE) and len(self.message) < _MAX_MESSAGE_LINES:
            self.message.append(line)
        else:
            self.in_message = False

    def close(self) -> None:
        """Finish the panic that is being read; an error without a backtrace is just a line of a log."""
        self._symbol_without_place()
        named = any(frame.line is not None for frame in self.frames)
        frames = self.frames if named or self.place is None else [self.place, *self.frames]
        if self.place is not None or named:
            message = "\n".join(self.message).strip()
            self.chains.append((assemble.raised(self.type, message, reversed(frames)),))
        self.type, self.message, self.place, self.frames = None, [], None, []
        self.in_message = self.in_backtrace = False

    def _begin(self, kind: str, message: str | None) -> None:
        self.close()
        self.type, self.message, self.in_message = kind, [message] if message else [], True

    def _backtrace(self, line: str) -> None:
        symbol, place = _SYMBOL.match(line), _AT.match(line)
        if symbol is not None:
            self._symbol_without_place()
            self.symbol = _CRATE_HASH.sub("", symbol["function"])
        elif place is not None and self.symbol is not None:
            self.frames.append(assemble.frame(place["path"], place["line"], self.symbol, column=place["column"]))
            self.symbol = None
        elif line.strip():
            self._symbol_without_place()
            self.in_backtrace = False

    def _symbol_without_place(self) -> None:
        if self.symbol is not None:
            self.frames.append(assemble.frame(None, None, self.symbol))
            self.symbol = None
