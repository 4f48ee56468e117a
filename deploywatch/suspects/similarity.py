"""BM25 (Robertson and Zaragoza, 2009): how much a commit's words are the failure's words.

k1 = 1.2 and b = 0.75 are the field's defaults; Bug2Commit (ESEC/FSE 2020) shows the method on commits.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

K1: Final = 1.2
B: Final = 0.75


class Corpus:
    """Documents as bags of words."""

    def __init__(self, documents: Mapping[str, Sequence[str]]) -> None:
        self._bags = {key: Counter(words) for key, words in documents.items()}
        self._lengths = {key: sum(bag.values()) for key, bag in self._bags.items()}
        self._frequency = Counter(word for bag in self._bags.values() for word in bag)
        self._mean = sum(self._lengths.values()) / max(1, len(self._bags))

    def rarity(self, word: str) -> float:
        """The word's inverse document frequency."""
        n, df = len(self._bags), self._frequency[word]
        return math.log(1 + (n - df + 0.5) / (df + 0.5))

    def score(self, key: str, query: Iterable[str]) -> float:
        """BM25 of one document."""
        return sum(weight for _, weight in self._parts(key, query))

    def shared(self, key: str, query: Iterable[str], limit: int = 3) -> tuple[str, ...]:
        """The words that carry most of the score."""
        parts = sorted(self._parts(key, query), key=lambda part: (-part[1], part[0]))
        return tuple(word for word, _ in parts[:limit])

    def _parts(self, key: str, query: Iterable[str]) -> list[tuple[str, float]]:
        bag = self._bags.get(key, Counter())
        norm = K1 * (1 - B + B * self._lengths.get(key, 0) / max(1.0, self._mean))
        return [(word, self.rarity(word) * bag[word] * (K1 + 1) / (bag[word] + norm)) for word in query if bag[word]]

    def scores(self, query: Iterable[str]) -> dict[str, float]:
        """Every document's score, as a share of the best one's (0 to 1)."""
        asked = tuple(query)
        found = {key: self.score(key, asked) for key in self._bags}
        best = max(found.values(), default=0.0)
        return {key: value / best for key, value in found.items()} if best > 0 else dict.fromkeys(found, 0.0)
