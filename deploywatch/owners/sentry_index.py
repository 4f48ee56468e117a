"""Finds the globs that match a text among very many, without trying each.

Rules in practice are a literal, a literal with a star behind it, in front of it, or both. Those are found by looking up pieces of
the text, cut where rules are cut (behind ``/``, ``_`` and ``.``). All others are found by what they start with, and tried.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from deploywatch.owners.globs import Glob, Text
from deploywatch.owners.sentry_globs import compile_glob

SEPARATORS: Final = "/_."
"""The characters behind which rules are cut."""

_CUT: Final = re.compile("(?<=[/_.])")
_SPECIAL: Final = re.compile(r"[*?\[\]{}]")


class GlobIndex:
    """An index of globs that are each read as a whole text, in the case that the texts will have. Raises PatternError."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._exact: defaultdict[str, list[int]] = defaultdict(list)
        self._prefix: defaultdict[str, list[int]] = defaultdict(list)
        self._suffix: defaultdict[str, list[int]] = defaultdict(list)
        self._inner: defaultdict[str, list[int]] = defaultdict(list)
        self._tried: defaultdict[str, list[int]] = defaultdict(list)
        self._globs: dict[int, Glob] = {}
        for order, pattern in enumerate(patterns):
            self._add(order, pattern)

    def _add(self, order: int, pattern: str) -> None:
        body = pattern.strip("*")
        stars = pattern[: len(pattern) - len(pattern.lstrip("*"))], pattern[len(pattern.rstrip("*")) :]
        if _SPECIAL.search(body) or max(map(len, stars)) > 1 or not _lookup_fits(body, stars):
            self._globs[order] = compile_glob(pattern)
            start = _SPECIAL.split(pattern, maxsplit=1)[0]
            self._tried[start[: _last_cut(start)]].append(order)
        elif stars == ("*", "*"):
            self._inner[body].append(order)
        else:
            {("", ""): self._exact, ("", "*"): self._prefix, ("*", ""): self._suffix}[stars][body].append(order)

    def matching(self, text: str) -> list[int]:
        """The positions (in the order given) of all globs that match, the last first."""
        found = [order for pile in self._sure(text) for order in pile]
        prepared = Text(text)
        found += (order for order in self._perhaps(text) if self._globs[order].matches(prepared))
        return sorted(found, reverse=True)

    def last(self, text: str) -> int | None:
        """The position of the last glob that matches, or ``None``."""
        best = max((pile[-1] for pile in self._sure(text)), default=-1)
        prepared = Text(text)
        for order in sorted(self._perhaps(text), reverse=True):
            if order < best:
                break
            if self._globs[order].matches(prepared):
                return order
        return best if best >= 0 else None

    def _sure(self, text: str) -> Iterator[list[int]]:
        if text in self._exact:
            yield self._exact[text]
        cuts = [found.start() for found in _CUT.finditer(text)] if self._prefix or self._suffix or self._inner else []
        yield from _found(self._prefix, (text[:cut] for cut in cuts))
        yield from _found(self._suffix, (text[cut - 1 :] for cut in cuts))
        if self._inner:
            pieces = (text[start - 1 : end] for start in cuts for end in cuts if end >= start)
            yield from _found(self._inner, dict.fromkeys(pieces))

    def _perhaps(self, text: str) -> list[int]:
        if not self._tried:
            return []
        starts = ("", *(text[: found.start()] for found in _CUT.finditer(text)))
        return [order for pile in _found(self._tried, starts) for order in pile]


def _found(table: defaultdict[str, list[int]], keys: Iterator[str] | dict[str, None] | tuple[str, ...]) -> Iterator[list[int]]:
    if table:
        for key in keys:
            pile = table.get(key)
            if pile:
                yield pile


def _lookup_fits(body: str, stars: tuple[str, str]) -> bool:
    """Whether every text that matches has the body between two cuts, so that looking it up finds it."""
    front, behind = stars
    if not body:
        return False
    return (not front or body[0] in SEPARATORS) and (not behind or body[-1] in SEPARATORS)


def _last_cut(text: str) -> int:
    return max(map(text.rfind, SEPARATORS)) + 1
