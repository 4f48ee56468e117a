"""The Python definitions that a diff changed, cut out of the file before and after: far quicker to parse than two whole files.

A change lies in the innermost definition that begins above it and is indented less. That is told by the lines, so it must not be
a sample inside a string, and what is cut out must begin alike on both sides; else there is no cutting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from deploywatch.model import Hunk
from deploywatch.suspects.syntax.words import indent

_DEFINITION: Final = re.compile(r"\s*(?:async +)?(?:def|class)\b")
# Not a blank line, and none that only closes brackets.
_BEGINS: Final = re.compile(r"\s*[^\s)\]}]")
_QUOTES: Final = ("'''", '"""')


@dataclass(frozen=True, slots=True)
class _Text:
    lines: Sequence[str]

    def part(self, start: int, length: int) -> tuple[int, int] | None:
        """The definition around ``length`` lines from index ``start`` (of none: the gap before it), as first index and end.

        At module level it is the statement, with the one before.
        """
        inside = [line for line in self.lines[start : start + length] if line.strip()]
        below = next((line for line in self.lines[start + length :] if line.strip()), "")
        depth = min(map(indent, inside), default=indent(below))
        for first in range(min(start, len(self.lines)) - 1, -1, -1):
            line = self.lines[first]
            if not _BEGINS.match(line) or indent(line) >= max(depth, 1):
                continue
            depth = indent(line)
            if depth == 0 or _DEFINITION.match(line):
                return first, self._end(start + length, depth)
        return None

    def _end(self, start: int, depth: int) -> int:
        ends = (at for at in range(start, len(self.lines)) if _BEGINS.match(self.lines[at]) and indent(self.lines[at]) <= depth)
        return next(ends, len(self.lines))

    def is_outside_strings(self, index: int) -> bool:
        """Whether every triple quote that opens before a line closes before it."""
        above = "\n".join(self.lines[:index])
        return all(above.count(mark) % 2 == 0 for mark in _QUOTES)


def changed_parts(before: str, after: str, hunks: Sequence[Hunk]) -> Iterator[tuple[str, str] | None]:
    """Each changed definition before and after, ready to be parsed; ``None`` for a hunk that cannot be cut out."""
    old, new = _Text(before.split("\n")), _Text(after.split("\n"))
    seen: set[tuple[int, int, int, int]] = set()
    for hunk in hunks:
        spans = [text.part(*place) for text, place in zip((old, new), _places(hunk), strict=True)]
        if spans[0] is None or spans[1] is None:
            yield None
            continue
        (first, end), (new_first, new_end) = spans[0], spans[1]
        if (first, end, new_first, new_end) in seen:
            continue
        seen.add((first, end, new_first, new_end))
        begins_alike = old.lines[first] == new.lines[new_first]
        is_whole = begins_alike and old.is_outside_strings(first) and new.is_outside_strings(new_first)
        yield (_ready(old.lines[first:end]), _ready(new.lines[new_first:new_end])) if is_whole else None


def _places(hunk: Hunk) -> Iterator[tuple[int, int]]:
    """Index and number of the hunk's lines, before and after; a gap's index is that of the line behind it."""
    for start, length in ((hunk.old_start, hunk.old_lines), (hunk.new_start, hunk.new_lines)):
        yield (start - 1 if length else start), length


def _ready(lines: Sequence[str]) -> str:
    return "if 1:\n" + "\n".join(lines) if lines[0][:1].isspace() else "\n".join(lines)
