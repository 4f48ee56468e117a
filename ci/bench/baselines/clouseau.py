"""B7: the line score of Mozilla's crash-clouseau.

Numbers are those of the commit's own version of the file, as there: what later commits of the window added above is not seen.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from ci.bench.baselines.problem import Guess, Problem
from deploywatch.model import ChangeType, FileDiff, Hunk

_FULL: Final = 10
_UNSURE: Final = 5


def clouseau(problem: Problem) -> Guess:
    """The best score of any frame: 10 for its line or a new file, less for a change above it, nothing for one below."""
    lines: dict[str, set[int]] = defaultdict(set)
    for frame in problem.frames:
        if frame.path and frame.line:
            lines[frame.path].add(frame.line)
    scores: dict[str, float] = {}
    for diff in problem.diffs:
        best = max((_score(diff, line) for line in lines.get(diff.change.path, ())), default=0)
        scores[diff.sha] = max(scores.get(diff.sha, 0), best)
    found = {sha: score for sha, score in scores.items() if score}
    return problem.newest_first(found, max(found.values(), default=0) / _FULL)


def _score(diff: FileDiff, line: int) -> int:
    if diff.change.type is ChangeType.ADDED:
        return _FULL
    score = line_score(line, {number for hunk in diff.hunks for number in _added(hunk)})
    return score if score >= _UNSURE else max(score, line_score(line, {n for hunk in diff.hunks for n in _removed(hunk)}))


def line_score(line: int, changed: set[int]) -> int:
    """10 for the line itself, else 9 less one for every 5 lines up to the nearest changed line above."""
    if line in changed:
        return _FULL
    above = max((number for number in changed if number < line), default=None)
    return 0 if above is None else max(0, _FULL - 1 - (line - above) // 5)


def _added(hunk: Hunk) -> range:
    return range(hunk.new_start, hunk.new_start + hunk.new_lines)


def _removed(hunk: Hunk) -> range:
    return range(hunk.old_start, hunk.old_start + hunk.old_lines)
