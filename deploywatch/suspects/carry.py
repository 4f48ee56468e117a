"""Where a hunk of the window stands at head.

A hunk's numbers belong to the commit that made it. Later commits of the window move it: their hunks are applied to its position in order.
Surviving added lines need no arithmetic, blame names them exactly; it is for deletions and overwritten lines, which blame cannot see.
Parallel branches make the order of commits a guess, so a carried position may be off by what the other branch added above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deploywatch.model import FileDiff, Hunk, Origins


@dataclass(frozen=True, slots=True)
class Region:
    """A hunk at head: lines ``first``..``last``, or where nothing of it is left (a deletion) the gap after line ``last``, with ``first == last + 1``."""

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
        return self.first <= last and self.last >= first if self.first <= self.last else first <= self.first <= last


def carried(position: int, later: Iterable[FileDiff]) -> int:
    """A line number (1-based) moved through ``later`` diffs of its file, oldest first."""
    for diff in later:
        shift = 0
        for hunk in diff.hunks:
            end = hunk.old_start + hunk.old_lines if hunk.old_lines else hunk.old_start + 1
            if hunk.old_lines and hunk.old_start <= position < end:
                position, shift = max(1, hunk.new_start), 0
                break
            if position >= end:
                shift += hunk.new_lines - hunk.old_lines
            else:
                break
        position += shift
    return position


def regions(diffs: Sequence[FileDiff], origins: Origins | None) -> dict[str, tuple[Region, ...]]:
    """For every commit the regions of its hunks at head. ``diffs`` are of one file, newest first."""
    survivors: dict[tuple[str, int], int] = {}
    for at_head, origin in (origins.by_line if origins else {}).items():
        survivors[origin.sha, origin.line] = at_head
    found: dict[str, list[Region]] = {}
    for index, diff in enumerate(diffs):
        later = diffs[:index][::-1]
        for hunk in diff.hunks:
            found.setdefault(diff.sha, []).append(_region(hunk, diff.sha, later, survivors))
    return {sha: tuple(regions) for sha, regions in found.items()}


def _region(hunk: Hunk, sha: str, later: Sequence[FileDiff], survivors: dict[tuple[str, int], int]) -> Region:
    here = [survivors[sha, n] for n in range(hunk.new_start, hunk.new_start + hunk.new_lines) if (sha, n) in survivors]
    if here:
        return Region(hunk, min(here), max(here))
    first = carried(hunk.new_start if hunk.new_lines else hunk.new_start + 1, later)
    if not hunk.new_lines:
        return Region(hunk, first, first - 1)
    return Region(hunk, first, max(first, carried(hunk.new_start + hunk.new_lines - 1, later)))
