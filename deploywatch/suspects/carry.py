"""Where a hunk of the window stands at head.

A hunk's numbers belong to the commit that made it. Later commits of the window move it: their hunks are applied to its position
in order. Surviving added lines need no arithmetic, blame names them exactly; it is for deletions and overwritten lines, which
blame cannot see. Parallel branches make the order of commits a guess, so a carried position may be off by what the other branch
added above it.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from deploywatch.model import FileDiff, Hunk, Origin, Origins
from deploywatch.suspects.syntax.words import identifiers

# What was written together may be torn apart by what others put between: by so many lines, or as so many times its length.
_SLACK: Final = 10
_TORN: Final = 3

Written = Callable[[str, Hunk, str], Sequence[bool]]
"""For each line of one side (``added``, ``removed``) of a commit's hunk whether it is code that was written, not merely moved."""


@dataclass(frozen=True, slots=True)
class Region:
    """A hunk at head: lines ``first``..``last``.

    Where nothing of it is left (a deletion) it is the gap after line ``last``, with ``first == last + 1``.
    """

    hunk: Hunk
    first: int
    last: int

    def distance(self, line: int) -> int:
        """Lines from ``line`` to the region: 0 inside it, 1 for the lines beside a gap."""
        if self.first <= line <= self.last:
            return 0
        return self.first - line if line < self.first else line - self.last

    def meets(self, first: int, last: int) -> bool:
        """Whether the region, or the gap, lies within lines ``first``..``last``."""
        if self.first <= self.last:
            return self.first <= last and self.last >= first
        # What stood behind the last line that is left stood inside, too.
        return first <= self.first <= last + 1


def carried(position: int, later: Iterable[FileDiff]) -> int:
    """A line number (1-based) moved through ``later`` diffs of its file, oldest first."""
    return _moved(position, map(_Shift.of, later))


def _moved(position: int, shifts: Iterable[_Shift]) -> int:
    for shift in shifts:
        # Most diffs have few hunks, and most lines are above or below them all.
        if position < shift.first:
            continue
        if position >= shift.end:
            position += shift.total
            continue
        passed = bisect_right(shift.ends, position)
        if passed < len(shift.ends) and shift.starts[passed] <= position:
            position = shift.lands[passed]
        else:
            position += shift.by[passed]
    return position


@dataclass(frozen=True, slots=True)
class _Shift:
    """What a diff does to line numbers: of each hunk the first line (none for an insertion), the end, where its lines land.

    ``by`` has how far a line is moved that is behind so many hunks; lines before ``first`` are behind none, those from ``end`` on
    are behind all of them, and moved by ``total``.
    """

    first: float
    end: float
    total: int
    starts: list[float]
    ends: list[int]
    lands: list[int]
    by: list[int]

    @classmethod
    def of(cls, diff: FileDiff) -> _Shift:
        hunks = diff.hunks
        ends = [hunk.old_start + (hunk.old_lines or 1) for hunk in hunks]
        by = list(accumulate((hunk.new_lines - hunk.old_lines for hunk in hunks), initial=0))
        return cls(
            first=hunks[0].old_start + (0 if hunks[0].old_lines else 1) if hunks else math.inf,
            end=ends[-1] if ends else math.inf,
            total=by[-1],
            starts=[hunk.old_start if hunk.old_lines else math.inf for hunk in hunks],
            ends=ends,
            lands=[max(1, hunk.new_start) for hunk in hunks],
            by=by,
        )


def writer(diffs: Sequence[FileDiff], blamed: Origin, is_kept: Callable[[FileDiff, int], bool]) -> Origin | None:
    """Who wrote a line that blame gives to ``blamed``, if that one only laid it out anew; ``None`` for older than ``diffs``.

    ``diffs`` are of one file, newest first; ``is_kept`` tells whether a diff's line (in its commit's version) says what was there
    before. Below such a line is the removed one with most of its words.
    """
    at = next((index for index, diff in enumerate(diffs) if diff.sha == blamed.sha), None)
    if at is None or not is_kept(diffs[at], blamed.line):
        return blamed
    line, text = blamed.line, None
    for diff in diffs[at:]:
        hunk = next((h for h in diff.hunks if h.new_start <= line < h.new_start + h.new_lines), None)
        if hunk is None:
            line -= sum(h.new_lines - h.old_lines for h in diff.hunks if h.new_start + h.new_lines <= line)
        elif not is_kept(diff, line):
            return Origin(diff.sha, line)
        else:
            text = hunk.added[line - hunk.new_start] if text is None else text
            below = _below(diff, hunk, text)
            if below is None:
                return None
            line, text = below
    return None


def _below(diff: FileDiff, hunk: Hunk, text: str) -> tuple[int, str] | None:
    """Number and text of the line that became ``text``: the likest that the hunk removed, else the same taken from elsewhere."""
    if not hunk.removed:
        same = ((h.old_start + i, line) for h in diff.hunks for i, line in enumerate(h.removed) if line.strip() == text.strip())
        return next(same, None)
    words = frozenset(identifiers(text))
    likest = max(range(len(hunk.removed)), key=lambda i: len(words & frozenset(identifiers(hunk.removed[i]))))
    return hunk.old_start + likest, hunk.removed[likest]


def regions(diffs: Sequence[FileDiff], origins: Origins | None, written: Written) -> dict[str, tuple[Region, ...]]:
    """For every commit the regions of its hunks at head. ``diffs`` are of one file, newest first.

    Only lines that ``written`` accepts make a region: a hunk of a thousand moved lines with one new one is a region of that line.
    """
    survivors: dict[tuple[str, int], list[int]] = {}
    for at_head, origin in (origins.by_line if origins else {}).items():
        survivors.setdefault((origin.sha, origin.line), []).append(at_head)
    found: dict[str, list[Region]] = {}
    shifts = [_Shift.of(diff) for diff in diffs]
    for index, diff in enumerate(diffs):
        later = shifts[:index][::-1]
        for hunk in diff.hunks:
            found.setdefault(diff.sha, []).extend(_regions(hunk, diff.sha, _Carrier(later, survivors), written))
    return {sha: tuple(regions) for sha, regions in found.items()}


@dataclass(frozen=True, slots=True)
class _Carrier:
    later: Sequence[_Shift]
    survivors: dict[tuple[str, int], list[int]]

    def at_head(self, sha: str, line: int) -> int:
        """Where blame says, else where arithmetic says."""
        return self.survivor(sha, line) or self.guess(line)

    def survivor(self, sha: str, line: int) -> int | None:
        """Where blame says; of several places (it sees copies too) the one nearest to where arithmetic says."""
        places = self.survivors.get((sha, line), ())
        if len(places) < 2:
            return places[0] if places else None
        guess = self.guess(line)
        return min(places, key=lambda at: abs(at - guess))

    def guess(self, line: int) -> int:
        """Where arithmetic says."""
        return _moved(line, self.later)

    def spans(self, sha: str, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Where a run of lines stands: from its first line to its last; where those were torn apart, what survived together.

        Arithmetic knows nothing inside a hunk of a later commit, so that alone it is believed for the run's beginning only.
        """
        start, end = self.at_head(sha, first), self.at_head(sha, last)
        if first == last or start <= end <= start + _TORN * (last - first) + _SLACK:
            yield start, max(start, end)
            return
        places = [(line, at) for line in range(first, last + 1) if (at := self.survivor(sha, line)) is not None]
        if not places:
            yield start, start
            return
        starts = [0, *(n for n, (one, other) in enumerate(pairwise(places), 1) if not _is_together(one, other))]
        for this, following in zip(starts, [*starts[1:], len(places)], strict=True):
            yield places[this][1], places[following - 1][1]


def _is_together(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two lines, each with its place at head, are still about as far apart as when they were written."""
    return 0 < other[1] - one[1] <= other[0] - one[0] + _SLACK


def _regions(hunk: Hunk, sha: str, carrier: _Carrier, written: Written) -> Iterator[Region]:
    runs = list(_runs(number for number, own in enumerate(written(sha, hunk, "added"), hunk.new_start) if own))
    for first, last in runs:
        yield from (Region(hunk, start, end) for start, end in carrier.spans(sha, first, last))
    if not runs and any(written(sha, hunk, "removed")):
        gap = carrier.at_head(sha, hunk.new_start + hunk.new_lines if hunk.new_lines else hunk.new_start + 1)
        yield Region(hunk, gap, gap - 1)


def _runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Ascending numbers as runs; one missing number (a blank line, a comment) does not end a run."""
    first = last = None
    for number in numbers:
        if first is None or last is None or number > last + 2:
            if first is not None and last is not None:
                yield first, last
            first = number
        last = number
    if first is not None and last is not None:
        yield first, last
