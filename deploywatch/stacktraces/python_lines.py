"""A place in a text, seen through a log prefix and through the margins of exception groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from deploywatch.stacktraces.prefixes import Prefix


@dataclass(slots=True)
class Cursor:
    """Moves forward over ``lines``. ``first`` replaces the text of line ``start``, where only that line has a prefix.

    Depth 0 is plain text. Depth ``n`` is inside ``n`` exception groups, whose lines begin with ``2 * n`` spaces and ``|``.
    """

    lines: Sequence[str]
    position: int
    prefix: Prefix
    first: str
    start: int

    @classmethod
    def at(cls, lines: Sequence[str], position: int, column: int) -> Cursor:
        """A cursor on the traceback that begins at ``column`` of a line; what stands before is its prefix, if lines share it."""
        line = lines[position]
        prefix = Prefix.of(line[:column])
        following = next((each for each in lines[position + 1 : position + 4] if each.strip()), "")
        shared = prefix.strip(following) is not None
        return cls(lines, position, prefix if shared else Prefix(), line[column:], position)

    def raw(self) -> str | None:
        """The current line without its prefix, at any depth; ``None`` at the end. Lines without the prefix are passed over."""
        while self.position < len(self.lines):
            if self.position == self.start:
                return self.first
            line = self.prefix.strip(self.lines[self.position])
            if line is not None:
                return line
            if self.prefix.is_indent or "Traceback (most recent call last):" in self.lines[self.position]:
                return None
            self.position += 1
        return None

    def peek(self, depth: int) -> str | None:
        """The current line without prefix and margin, or ``None`` where the text of this depth ends."""
        line = self.raw()
        if line is None or depth == 0:
            return line
        margin = " " * (2 * depth) + "|"
        if line.rstrip() == margin:
            return ""
        return line[len(margin) + 1 :] if line.startswith(margin + " ") else None

    def advance(self) -> None:
        """Go to the next line."""
        self.position += 1

    def skip_blank(self, depth: int) -> None:
        """Go to the next line of this depth that is not blank, or to the end of the depth."""
        while (line := self.peek(depth)) is not None and not line.strip():
            self.advance()
