"""B1: the rule by which Sentry names commits of a release (``src/sentry/utils/committers.py``).

For the file of each frame it takes the commits with the longest run of equal trailing path parts. The first five pairs of a frame
and a commit get 5, 4, 3, 2 and 1 points. Sentry goes through the frames from the outermost call inwards, so that the frame which
raised may get nothing; ``innermost_first`` is the kinder reading. Sentry shows the result in ascending order: it is turned here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from ci.bench.baselines.problem import Guess, Problem, touched
from deploywatch.model import Commit

_FRAMES: Final = 25
_POINTS: Final = 5


def as_shipped(problem: Problem) -> Guess:
    """From the outermost call inwards."""
    return _guess(problem, [frame.path for frame in problem.frames[:_FRAMES]][::-1])


def innermost_first(problem: Problem) -> Guess:
    """From the frame that raised outwards."""
    return _guess(problem, [frame.path for frame in problem.frames[:_FRAMES]])


def _guess(problem: Problem, paths: Sequence[str | None]) -> Guess:
    matches = {path: _longest(problem.commits, path) for path in problem.paths}
    pairs = [sha for path in paths if path for sha in matches.get(path, ())]
    scores: Counter[str] = Counter()
    for points, sha in zip(range(_POINTS, 0, -1), pairs, strict=False):
        scores[sha] += points
    return problem.newest_first(scores)


def _longest(commits: Iterable[Commit], path: str) -> list[str]:
    """The commits whose files match best, newest first. A lone file name counts only if the changed file has no folder."""
    best = 1
    found: dict[str, int] = {}
    for commit in commits:
        for name in touched(commit):
            length = tail_length(name, path)
            if length > best:
                best, found = length, {}
            if length == best and not (length == 1 and "/" in name):
                found[commit.sha] = length
    return list(found)


def tail_length(one: str, other: str) -> int:
    """How many trailing parts of two paths are equal, whatever their case."""
    pairs = zip(reversed(one.lower().split("/")), reversed(other.lower().split("/")), strict=False)
    return next((count for count, (a, b) in enumerate(pairs) if a != b), min(one.count("/"), other.count("/")) + 1)
