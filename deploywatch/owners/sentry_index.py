"""Finds the globs that match a text among very many, without trying each.

Rules in practice are a literal, a literal with a star behind it, in front of it, or both. Those are found by looking up pieces of
the text, cut where rules are cut. All others are found by what they start with, and tried.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from deploywatch.owners.globs import Glob, Text
from deploywatch.owners.pieces import SEPARATORS, Pieces
from deploywatch.owners.sentry_globs import compile_glob

_CUT: Final = re.compile("(?<=[/_.])")
_SPECIAL: Final = re.compile(r"[*?\[\]{}]")


class GlobIndex:
    """An index of globs that are each read as a whole text, in the case that the texts will have. Raises PatternError."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._exact: defaultdict[str, list[int]] = defaultdict(list)
        self._suffix: defaultdict[str, list[int]] = defaultdict(list)
        self._suffix_starts: set[str] = set()
        self._prefix = Pieces(anywhere=False)
        self._inner = Pieces(anywhere=True)
        self._tried: defaultdict[str, list[int]] = defaultdict(list)
        self._globs: dict[int, Glob] = {}
        for order, pattern in enumerate(patterns):
            self._add(order, pattern)
        self._pieces = [pieces for pieces in (self._prefix, self._inner) if pieces]
        self._only_pieces = not (self._exact or self._suffix or self._tried)

    def _add(self, order: int, pattern: str) -> None:
        front, behind = pattern.startswith("*"), pattern.endswith("*")
        body = pattern[front : len(pattern) - behind]
        if not body or _SPECIAL.search(body) or not _lookup_fits(body, front=front, behind=behind):
            self._globs[order] = compile_glob(pattern)
            start = _SPECIAL.split(pattern, maxsplit=1)[0]
            self._tried[start[: _last_cut(start)]].append(order)
        elif behind:
            (self._inner if front else self._prefix).add(body, order)
        elif front:
            self._suffix[body].append(order)
            self._suffix_starts.add(body[0])
        else:
            self._exact[body].append(order)

    def matching(self, text: str) -> list[int]:
        """The positions (in the order given) of all globs that match, the last first."""
        found = self._looked_up(text)
        perhaps = self._perhaps(text) if self._tried else ()
        if perhaps:
            prepared = Text(text)
            found += (order for order in perhaps if self._globs[order].matches(prepared))
        if len(found) > 1:
            found.sort(reverse=True)
        return found

    def last(self, text: str) -> int:
        """The position of the last glob that matches, or -1."""
        best = max([pieces.last(text) for pieces in self._pieces], default=-1)
        if self._only_pieces:
            return best
        best = max(best, self._last_whole(text))
        perhaps = self._perhaps(text)
        prepared = Text(text) if perhaps else None
        for order in sorted(perhaps, reverse=True):
            if order < best:
                break
            if prepared and self._globs[order].matches(prepared):
                return order
        return best

    def _looked_up(self, text: str) -> list[int]:
        found = [order for pieces in self._pieces for order in pieces.found(text)]
        if self._only_pieces:
            return found
        if text in self._exact:
            found += self._exact[text]
        for piles in self._suffixes(text):
            found += piles
        return found

    def _last_whole(self, text: str) -> int:
        best = self._exact[text][-1] if text in self._exact else -1
        for found in self._suffixes(text):
            best = max(best, found[-1])
        return best

    def _suffixes(self, text: str) -> Iterator[list[int]]:
        for start in self._suffix_starts:
            place = text.find(start)
            while place >= 0:
                found = self._suffix.get(text[place:])
                if found:
                    yield found
                place = text.find(start, place + 1)

    def _perhaps(self, text: str) -> list[int]:
        return [order for start in _starts(text) for order in self._tried.get(start, ())]


def _starts(text: str) -> Iterator[str]:
    yield ""
    for cut in _CUT.finditer(text):
        yield text[: cut.start()]


def _lookup_fits(body: str, *, front: bool, behind: bool) -> bool:
    """Whether every text that matches has the body between two cuts, so that looking it up finds it."""
    if front and behind:
        return len(body) > 1 and body[0] == "/" and body[-1] in SEPARATORS
    return (not front or body[0] in SEPARATORS) and (not behind or body[-1] in SEPARATORS)


def _last_cut(text: str) -> int:
    return max(map(text.rfind, SEPARATORS)) + 1
