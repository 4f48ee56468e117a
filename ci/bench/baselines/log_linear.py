"""B3: Predator, by which Chromium named culprits of crashes, with the weights that it used for ClusterFuzz.

Robots' commits, reverts with what they revert, and what ``.git-blame-ignore-revs`` lists are taken out first. Predator then hides
suspects that are less than half as likely as the first; that is left out here, since it could only lower the second and third.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Final

from ci.bench.baselines.problem import Guess, Problem, touched
from deploywatch.model import Commit

_BIG: Final = 100
_REVERTED: Final = re.compile(r"This reverts commit ([0-9a-f]{7,64})")
_ROBOT: Final = re.compile(r"\bbot@|-(autoroll|roller|bot)@|\[bot\]|gserviceaccount\.com$", re.IGNORECASE)


def log_linear(problem: Problem) -> Guess:
    """Distance to the nearest line of the commit, depth of the frame, file, folder, size."""
    scores = {c.sha: _score(problem, c) for c in _considered(problem) if _concerns(problem, c)}
    if len(problem.commits) == 1:
        return Guess(((problem.commits[0].sha,),), 0.5)
    if not scores or (len(scores) > 1 and len(set(scores.values())) == 1):
        return Guess()
    return problem.newest_first(scores, 1 / (1 + math.exp(-max(scores.values()))))


def _considered(problem: Problem) -> list[Commit]:
    reverts = {c.sha: found[1] for c in problem.commits if (found := _REVERTED.search(c.message))}
    ignored = set(problem.repository.ignored_revisions(problem.window)) | set(reverts)
    return [
        commit
        for commit in problem.commits
        if commit.sha not in ignored
        and not commit.sha.startswith(tuple(reverts.values()))
        and not _ROBOT.search(commit.author.email)
        and not commit.author.is_bot
    ]


def _concerns(problem: Problem, commit: Commit) -> bool:
    return bool(touched(commit) & set(problem.paths)) or _same_folder(problem, touched(commit))


def _score(problem: Problem, commit: Commit) -> float:
    files = touched(commit, deleted=False)
    index = next((i for i, frame in enumerate(problem.frames) if frame.path in files), None)
    nearest = _distance(problem, commit) if index is not None else math.inf
    distance = max(0.0, 1 - nearest / 100)
    depth = max(0.0, 1 - index / 7) if index is not None else 0.0
    touches = float(index is not None)
    if len(problem.commits) >= _BIG:
        return distance + depth + touches
    size = (45 - min(max(len(commit.files), 15), 45)) / 30 - 1
    return 2 * distance + depth + touches + _same_folder(problem, touched(commit)) + 0.5 * size


def _distance(problem: Problem, commit: Commit) -> float:
    return min(
        (
            abs(line - frame.line)
            for frame in problem.frames
            if frame.path and frame.line
            for line, sha in problem.blamed_lines(frame.path).items()
            if sha == commit.sha
        ),
        default=math.inf,
    )


def _same_folder(problem: Problem, files: Iterable[str]) -> bool:
    folders = tuple(f"{folder}/" for path in problem.paths if (folder := path.rpartition("/")[0]))
    return any(file.startswith(folders) for file in files)
