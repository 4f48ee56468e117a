"""B5: any commit of the window, one as likely as the other."""

from __future__ import annotations

from ci.bench.baselines.problem import Guess, Problem


def random_pick(problem: Problem) -> Guess:
    """One group of equals: a measure takes the mean over their orders."""
    shas = tuple(commit.sha for commit in problem.commits)
    return Guess((shas,)) if shas else Guess()
