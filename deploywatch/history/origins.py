"""``git blame`` within the window -> where each line of head came from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Final

from deploywatch.model import Origin, Origins

_HEADER: Final = re.compile(rb"^([0-9a-f]{40,64}) (\d+) (\d+)(?: (\d+))?$")
_NEAR: Final = 1


def blame_options(lines: Iterable[int] | None) -> tuple[str, ...]:
    """Options for ``git blame``: white space is ignored (``-w``), and moves within a file are seen through (``-M``)."""
    ranges = () if lines is None else _ranges(sorted(set(lines)))
    return ("-w", "-M", "--porcelain", *(f"-L{first},{last}" for first, last in ranges))


def _ranges(lines: list[int]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for line in lines:
        if joined and line <= joined[-1][1] + _NEAR:
            joined[-1] = (joined[-1][0], line)
        else:
            joined.append((line, line))
    return joined


def read_blame(out: bytes, window: AbstractSet[str]) -> Origins:
    """Parse ``git blame --porcelain`` of base..head.

    Lines whose commit is not in the window are boundary lines, older than it.
    """
    found: dict[int, Origin] = {}
    for line in out.split(b"\n"):
        match = None if line.startswith(b"\t") else _HEADER.match(line)
        if match and (sha := match[1].decode()) in window:
            found[int(match[3])] = Origin(sha, int(match[2]))
    return Origins(found)
