"""Wildcard matching whose time is bounded by pattern length times text length, whatever the pattern.

A pattern is a row of steps. Each step takes the *set* of positions that the text may have been read up to, and gives the set
after itself; sets are the bits of one integer (bit ``i``: "read up to ``i``"). Nothing is ever tried twice, so ``a*a*a*a*b``
costs no more than ``aaaab``: this is the bit-parallel simulation of Baeza-Yates and Gonnet, "A New Approach to Text Searching",
CACM 35(10), 1992, over a pattern that may also branch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class Text:
    """A string with the position sets that steps ask for; made once, matched against many patterns."""

    __slots__ = ("_where", "after_end", "end", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.end = 1 << len(text)
        self.after_end = self.end << 1
        self._where: dict[object, int] = {}

    def where(self, character: str) -> int:
        """The positions at which ``character`` stands."""
        known = self._where.get(character)
        if known is None:
            known = self._where[character] = self._bits(lambda c: c == character)
        return known

    def where_one_of(self, charset: OneOf) -> int:
        """The positions at which a character of ``charset`` stands."""
        known = self._where.get(charset)
        if known is None:
            known = self._where[charset] = self._bits(charset.holds)
        return known

    def _bits(self, holds: Callable[[str], bool]) -> int:
        digits = "".join("1" if holds(c) else "0" for c in reversed(self.text))
        return int(digits, 2) if digits else 0


class Step(Protocol):
    """One element of a pattern."""

    def advance(self, text: Text, at: int) -> int:
        """The positions reached when this element is read from any of the positions ``at``; 0 when it cannot be."""
        ...


@dataclass(frozen=True, slots=True)
class Literal:
    """These very characters."""

    value: str

    def advance(self, text: Text, at: int) -> int:
        """See Step."""
        if at & (at - 1) == 0:
            fits = text.text.startswith(self.value, at.bit_length() - 1)
            return at << len(self.value) if fits else 0
        for character in self.value:
            at = (at & text.where(character)) << 1
            if not at:
                return 0
        return at


@dataclass(frozen=True, slots=True)
class AnyOne:
    """One character, any; ``/`` only if ``crosses``."""

    crosses: bool = False

    def advance(self, text: Text, at: int) -> int:
        """See Step."""
        at &= text.end - 1
        return (at if self.crosses else at & ~text.where("/")) << 1


@dataclass(frozen=True, slots=True)
class Star:
    """Any characters, or none; ``/`` among them only if ``crosses``."""

    crosses: bool = False

    def advance(self, text: Text, at: int) -> int:
        """See Step."""
        if self.crosses:
            return text.after_end - (at & -at)
        # Adding a bit to a run of ones carries to the run's end: that is how far a star gets without meeting a slash.
        run = (text.end - 1) & ~text.where("/")
        return at | (((at & run) + run) ^ run)


@dataclass(frozen=True, slots=True)
class Directories:
    """``**/``: any number of whole directories, or none. Stands only where a name may start."""

    def advance(self, text: Text, at: int) -> int:
        """See Step."""
        beyond_first = ~(((at & -at) << 1) - 1)
        return at | ((text.where("/") << 1) & beyond_first)


@dataclass(frozen=True, slots=True)
class Below:
    """The end of the text, or a ``/`` and all that follows: a file, or anything inside a directory of that name."""

    def advance(self, text: Text, at: int) -> int:
        """See Step."""
        return text.end if at & (text.end | text.where("/")) else 0


@dataclass(frozen=True, slots=True)
class OneOf:
    """One character out of inclusive ranges, or out of everything else if ``negated``; ``/`` only if ``crosses``."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool = False
    crosses: bool = False

    def holds(self, character: str) -> bool:
        """Whether this one character belongs."""
        if character == "/" and not self.crosses:
            return False
        return any(low <= character <= high for low, high in self.ranges) is not self.negated

    def advance(self, text: Text, at: int) -> int:
        """See Step."""
        return (at & text.where_one_of(self)) << 1


@dataclass(frozen=True, slots=True)
class Either:
    """One of several rows of steps."""

    branches: tuple[tuple[Step, ...], ...]

    def advance(self, text: Text, at: int) -> int:
        """See Step."""
        reached = 0
        for branch in self.branches:
            reached |= run(branch, text, at)
        return reached


def run(steps: tuple[Step, ...], text: Text, at: int) -> int:
    """The positions reached when all ``steps`` are read one after the other from any of the positions ``at``."""
    for step in steps:
        if not at:
            return 0
        at = step.advance(text, at)
    return at


@dataclass(frozen=True, slots=True)
class Glob:
    """A whole pattern. Iff every text that it matches holds a certain path segment, ``segments`` names such segments;

    iff the last dot of some segment of every such text starts a certain ending, ``extension`` is it (``.py``). Both only serve
    to skip patterns that cannot match (see ``rules.RuleIndex``); empty is always right.
    """

    steps: tuple[Step, ...]
    segments: tuple[str, ...] = ()
    extension: str = ""

    def matches(self, text: Text | str) -> bool:
        """Whether the pattern matches all of the text."""
        prepared = Text(text) if isinstance(text, str) else text
        return bool(run(self.steps, prepared, 1) & prepared.end)
