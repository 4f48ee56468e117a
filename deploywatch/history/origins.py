"""``git blame`` within the window -> where each line of head came from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from deploywatch.model import Origin, Origins

_HEADER: Final = re.compile(rb"^([0-9a-f]{40,64}) (\d+) (\d+)(?: \d+)?$|^(boundary)$", re.MULTILINE)
_NEAR: Final = 1


def blame_options(lines: Iterable[int] | None) -> tuple[str, ...]:
    """Options for ``git blame``: white space is ignored (``-w``), and moves within a file are seen through (``-M``)."""
    ranges = () if lines is None else _ranges(sorted(set(lines)))
    return ("-w", "-M", "--root", "--porcelain", *(f"-L{first},{last}" for first, last in ranges))


def listed_revisions(text: str | None) -> tuple[str, ...]:
    """What a ``.git-blame-ignore-revs`` lists, in its order; most often names of commits."""
    lines = (line.partition("#")[0].strip() for line in (text or "").splitlines())
    return tuple(sha for sha in dict.fromkeys(lines) if sha)


def _ranges(lines: list[int]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for line in lines:
        if joined and line <= joined[-1][1] + _NEAR:
            joined[-1] = (joined[-1][0], line)
        else:
            joined.append((line, line))
    return joined


def read_blame(out: bytes) -> Origins:
    """Parse ``git blame --root --porcelain`` of base..head.

    Lines of a boundary commit are older than the window. git says so where it names a commit for the first time.
    """
    lines: dict[bytes, list[tuple[int, int]]] = {}
    boundaries: set[bytes] = set()
    sha = b""
    for header in _HEADER.finditer(out):
        if header[4]:
            boundaries.add(sha)
        else:
            sha = header[1]
            lines.setdefault(sha, []).append((int(header[3]), int(header[2])))
    inside = ((sha.decode(), places) for sha, places in lines.items() if sha not in boundaries)
    return Origins({at: Origin(name, line) for name, places in inside for at, line in places})
