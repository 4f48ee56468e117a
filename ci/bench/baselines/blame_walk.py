"""B6: blame of the raising line, else of its caller's, and so on: the first that lands in the window."""

from __future__ import annotations

from ci.bench.baselines.problem import Guess, Problem


def blame_walk(problem: Problem) -> Guess:
    """The commits that blame names, nearest the failure first."""
    found = dict.fromkeys(problem.blamed(frame.path, frame.line) for frame in problem.frames)
    return Guess(tuple((sha,) for sha in found if sha))
