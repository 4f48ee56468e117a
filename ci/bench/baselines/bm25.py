"""B8: BM25 of the failure's words in the commits' words; the family of Bug2Commit and Orca in one formula.

k1 = 1.2 and b = 0.75, the field's defaults.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

from ci.bench.baselines.problem import Guess, Problem

_K1: Final = 1.2
_B: Final = 0.75
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_PART: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


def bm25(problem: Problem) -> Guess:
    """Message, functions and file names of the frames against message and changed lines of each commit."""
    texts = [problem.message, *(part for frame in problem.frames for part in (frame.function or "", frame.path or ""))]
    asked = set(tokens(texts))
    bags = _bags(problem)
    mean = sum(bag.total() for bag in bags.values()) / max(1, len(bags))
    frequency = Counter(token for bag in bags.values() for token in asked & bag.keys())
    scores: dict[str, float] = {}
    for sha, bag in bags.items():
        norm = _K1 * (1 - _B + _B * bag.total() / max(1.0, mean))
        scores[sha] = sum(
            _rarity(len(bags), frequency[token]) * bag[token] * (_K1 + 1) / (bag[token] + norm) for token in asked & bag.keys()
        )
    return problem.newest_first({sha: score for sha, score in scores.items() if score > 0})


def tokens(texts: Iterable[str]) -> list[str]:
    """Lower-case names, and their parts where a name has several."""
    found: list[str] = []
    for text in texts:
        for name in _NAME.findall(text):
            parts = [part.lower() for part in _PART.findall(name)]
            found += [name.lower(), *parts] if len(parts) > 1 else parts
    return found


def _bags(problem: Problem) -> dict[str, Counter[str]]:
    texts: dict[str, list[str]] = defaultdict(list)
    for diff in problem.diffs:
        texts[diff.sha] += [line for hunk in diff.hunks for line in (*hunk.added, *hunk.removed)]
    return {commit.sha: Counter(tokens([commit.message, *texts[commit.sha]])) for commit in problem.commits}


def _rarity(count: int, having: int) -> float:
    return math.log(1 + (count - having + 0.5) / (having + 0.5))
