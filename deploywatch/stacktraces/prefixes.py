"""What logs put before each line of a trace (times, hosts, levels) is learnt from one line and taken off the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

_MAX_PREFIX: Final = 400
"""Longer text before a trace's first line is a sentence or a JSON object, not a prefix."""

_MAX_MARKERS: Final = 4

_RUN = re.compile(r"[0-9]+|[ \t]+|[^0-9 \t]+")

LOG_LINE = re.compile(
    r"\[?\d{4}-\d\d-\d\d[T ,]"
    r"|\[?\d\d[:/]\d\d[:/]\d\d"
    r"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d "
    r"|[\[<(]?(?:DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|TRACE)\b[\]>) ]?(?:[:|\]\t-]|\s{2,}|$)"
    r"|[IWEF]\d{4} \d\d:\d\d"
    r'|\{"'
)
"""The beginning of a new entry of a log, in the forms of logging, gunicorn, syslog, glog, Rails and structured logs."""


@dataclass(frozen=True, slots=True)
class Prefix:
    """The text before a line, in which every number may change: ``web-1 | ``, ``[2026-01-02 03:04:05] [17] ``.

    ``runs`` are its digits, spaces and other characters, without the ``space`` at its end, which is exact: after it
    comes the trace's own indentation.
    """

    runs: tuple[str, ...] = ()
    space: str = ""

    @classmethod
    def of(cls, text: str) -> Prefix:
        """The prefix ``text``; one that is too long to be one is taken for none."""
        if len(text) > _MAX_PREFIX:
            return cls()
        words = text.rstrip()
        return cls(tuple(_RUN.findall(words)), text[len(words) :])

    def strip(self, line: str) -> str | None:
        """``line`` without the prefix, or ``None`` where it does not begin with it."""
        end = self._end_of_runs(line)
        rest = line[end:] if end is not None else None
        if rest is None or not rest.strip():  # a blank line has often lost the space at its end
            return "" if rest is not None else None
        return rest[len(self.space) :] if rest.startswith(self.space) else None

    @property
    def is_indent(self) -> bool:
        """Whether it is white space only: the trace stands indented in something else."""
        return not self.runs and bool(self.space)

    def _end_of_runs(self, line: str) -> int | None:
        position = 0
        for run in self.runs:
            found = _RUN.match(line, position)
            if found is None or _kind(found.group()) != _kind(run):
                return None
            is_literal = _kind(run) == "literal"
            if is_literal and not line.startswith(run, position):
                return None
            position = position + len(run) if is_literal else found.end()
        return position


def unprefixed(lines: Sequence[str], column_of: Callable[[str], int | None]) -> list[str]:
    """``lines`` without the log prefix that stands before the first line of a trace, where that one has any.

    ``column_of`` answers where in a line the trace's own text begins, or ``None`` where the line is not of a trace. Lines
    without the prefix are kept as they are. For languages whose traces' indentation means little.
    """
    before = next((line[:column] for line in lines if (column := column_of(line)) is not None), "").rstrip()
    if not before:
        return list(lines)
    prefix = Prefix.of(before)
    return [stripped if (stripped := prefix.strip(line)) is not None else line for line in lines]


def starting_with(marker: str, frame: re.Pattern[str]) -> Callable[[str], int | None]:
    """The ``column_of`` of traces whose lines begin with ``marker``, from where ``frame`` matches them.

    Only the first few places are tried, so that no line takes long.
    """

    def column_of(line: str) -> int | None:
        position = -1
        for _ in range(_MAX_MARKERS):
            position = line.find(marker, position + 1)
            if position < 0 or position > _MAX_PREFIX:
                return None
            if frame.match(line, position):
                return position
        return None

    return column_of


def _kind(run: str) -> str:
    if run[0] in "0123456789":
        return "number"
    return "space" if run[0] in " \t" else "literal"
