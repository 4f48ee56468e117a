"""The shape of a source file: its definitions and statements, whatever the language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Definition:
    """A function, method or class.

    Lines are 1-based and inclusive; ``first`` counts decorators; the signature ends at ``signature_last``.
    """

    name: str
    qualified: str
    first: int
    signature_last: int
    last: int
    is_class: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of a function, of a compound one only its header: lines (1-based, inclusive), depth, and what it says.

    ``said`` is equal for statements that mean the same: it has no layout, no comments and nothing that is erased at run time.
    """

    first: int
    last: int
    depth: int
    said: str


@dataclass(frozen=True)
class Outline:
    """Definitions (outer before inner) and statement spans ``(first, last)`` of one file."""

    definitions: tuple[Definition, ...] = ()
    statements: tuple[tuple[int, int], ...] = ()

    def around(self, line: int) -> Definition | None:
        """The innermost function whose span holds ``line``; a class where no function does; ``None`` at module level."""
        holders = [d for d in self.definitions if d.first <= line <= d.last]
        functions = [d for d in holders if not d.is_class]
        return max(functions or holders, key=lambda d: (d.first, -d.last), default=None)

    def statement(self, line: int) -> tuple[int, int]:
        """The span of the innermost statement at ``line``: a traceback may name its first line or any line of it."""
        return min(
            (span for span in self._spans_at(line)),
            key=lambda span: (span[1] - span[0], -span[0]),
            default=(line, line),
        )

    def _spans_at(self, line: int) -> Iterator[tuple[int, int]]:
        return (span for span in self.statements if span[0] <= line <= span[1])

    @cached_property
    def by_name(self) -> dict[str, Definition]:
        """Definitions by qualified name; of several with one name (overloads, conditional definitions) the last."""
        return {d.qualified: d for d in self.definitions}
