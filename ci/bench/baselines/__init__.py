"""What others ship or published, one module each, implemented from its description and apart from deploywatch's own ranking.

Ties go to the newer commit, which is kind to them: in the cases the culprit is nearer the head than chance would have it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ci.bench.baselines import blame_walk, bm25, clouseau, log_linear, newest_blame, newest_toucher, path_match, random_pick
from ci.bench.baselines.problem import Guess, Problem

Baseline = Callable[[Problem], Guess]

BASELINES: Final[dict[str, Baseline]] = {
    "B1 Sentry's release rule: longest path match": path_match.as_shipped,
    "B1' the same, raising frame first": path_match.innermost_first,
    "B2a Sentry until 2023: blame of the raising line": newest_blame.raising_line,
    "B2b Sentry, Datadog: newest blame of any frame": newest_blame.newest,
    "B3 Predator's log-linear model": log_linear.log_linear,
    "B4 newest commit that touches a frame's file": newest_toucher.newest_toucher,
    "B5 any commit": random_pick.random_pick,
    "B6 blame walk: first frame whose line is new": blame_walk.blame_walk,
    "B7 clouseau's line score": clouseau.clouseau,
    "B8 BM25": bm25.bm25,
}
