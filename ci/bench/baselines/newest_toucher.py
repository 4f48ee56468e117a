"""B4: the newest commit that touches the file of any frame, then the next newest."""

from __future__ import annotations

from ci.bench.baselines.problem import Guess, Problem, touched


def newest_toucher(problem: Problem) -> Guess:
    """What a person does first."""
    return problem.newest_first({c.sha: 0.0 for c in problem.commits if touched(c) & set(problem.paths)})
