"""One method's answer to one case, and what many of them amount to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np

SURE: Final = 0.8
ACCUSED: Final = 0.5
BINS: Final = 10
_ROUNDS: Final = 4000


@dataclass(frozen=True)
class Answer:
    """Commits by likelihood, equals in one group; ``culprit`` is ``None`` where the window does not hold it.

    ``confidence`` is the probability (0 to 1) told of the first commit, ``None`` where a method tells none.
    """

    case: str
    repo: str
    language: str
    groups: tuple[tuple[str, ...], ...]
    confidence: float | None
    culprit: str | None

    def hit(self, most: int) -> float:
        """Whether the culprit is among the first ``most``: 0 or 1, among equals the share of their orders."""
        before, size = self._place()
        return min(1.0, max(0.0, (most - before) / size)) if size else 0.0

    def reciprocal(self) -> float:
        """1 / rank, 0 where it is not named; among equals the mean over their orders."""
        before, size = self._place()
        return sum(1 / (before + place) for place in range(1, size + 1)) / size if size else 0.0

    @property
    def accuses(self) -> bool:
        """Whether a reader takes one commit for the culprit: told above a half, or, without a number, named before all others."""
        named = bool(self.groups) and len(self.groups[0]) == 1
        return named and (self.confidence is None or self.confidence > ACCUSED)

    def _place(self) -> tuple[int, int]:
        """How many commits stand before the culprit's group, and the group's size; 0 where it is in none."""
        before = 0
        for group in self.groups:
            if self.culprit in group:
                return before, len(group)
            before += len(group)
        return before, 0


@dataclass(frozen=True)
class Measures:
    """Shares are 0 to 1. ``ece`` and ``brier`` are ``None`` for methods without probabilities.

    ``ece_all`` counts the windows without the culprit too, where whatever is named first is wrong. ``sure`` is how many answers
    were told with at least 80 %, and how many of them were right. ``at50`` is the accuracy on the half that the method is surest
    of, ``at80`` on four fifths. ``accused`` is the share of windows without the culprit in which somebody is accused.
    """

    cases: int
    top1: float
    top3: float
    top5: float
    mrr: float
    ece: float | None
    ece_all: float | None
    brier: float | None
    at50: float
    at80: float
    sure: tuple[int, int]
    accused: float
    innocent: int


def measure(answers: Sequence[Answer]) -> Measures:
    """What the answers to windows with the culprit, and to those without, amount to."""
    asked = [answer for answer in answers if answer.culprit is not None]
    innocent = [answer for answer in answers if answer.culprit is None]
    told, told_all = _pairs(asked), _pairs(answers)
    certain = [right for confidence, right in told if confidence >= SURE]
    return Measures(
        cases=len(asked),
        top1=mean(asked, lambda a: a.hit(1)),
        top3=mean(asked, lambda a: a.hit(3)),
        top5=mean(asked, lambda a: a.hit(5)),
        mrr=mean(asked, Answer.reciprocal),
        ece=calibration_error(told) if told else None,
        ece_all=calibration_error(told_all) if told else None,
        brier=sum((confidence - right) ** 2 for confidence, right in told) / len(told) if told else None,
        at50=at_coverage(asked, 0.5),
        at80=at_coverage(asked, 0.8),
        sure=(len(certain), round(sum(certain))),
        accused=mean(innocent, lambda a: float(a.accuses)),
        innocent=len(innocent),
    )


def mean(answers: Sequence[Answer], value: Callable[[Answer], float]) -> float:
    """The mean over answers, 0 for none."""
    return sum(map(value, answers)) / len(answers) if answers else 0.0


def _pairs(answers: Sequence[Answer]) -> list[tuple[float, float]]:
    return [(answer.confidence, answer.hit(1)) for answer in answers if answer.groups and answer.confidence is not None]


def bins(pairs: Sequence[tuple[float, float]]) -> list[tuple[float, float, int]]:
    """Ten equal ranges of what was told: the mean told, the share that was right, how many; empty ranges are left out."""
    found: list[tuple[float, float, int]] = []
    for number in range(BINS):
        part = [pair for pair in pairs if min(int(pair[0] * BINS), BINS - 1) == number]
        if part:
            told, right = (sum(values) / len(part) for values in zip(*part, strict=True))
            found.append((told, right, len(part)))
    return found


def calibration_error(pairs: Sequence[tuple[float, float]]) -> float:
    """The expected calibration error: how far what was told is from how often it was right, over ten ranges."""
    return sum(count * abs(told - right) for told, right, count in bins(pairs)) / len(pairs)


def at_coverage(answers: Sequence[Answer], share: float) -> float:
    """The accuracy on the share of cases that the method is surest of; of equally sure ones the mean.

    A method without probabilities is surer where it names somebody than where it is silent.
    """
    left = wanted = max(1, round(share * len(answers)))
    right = 0.0
    for _, same in groupby(sorted(answers, key=_sureness, reverse=True), key=_sureness):
        part = list(same)
        right += mean(part, lambda a: a.hit(1)) * min(left, len(part))
        left -= min(left, len(part))
    return right / wanted


def _sureness(answer: Answer) -> float:
    return float(bool(answer.groups)) if answer.confidence is None else answer.confidence


def pairs_told(answers: Sequence[Answer]) -> list[tuple[float, float]]:
    """Of every answer with a probability: what was told, and whether it was right."""
    return _pairs(answers)


def interval(values: Sequence[float], clusters: Sequence[str] | None = None, *, seed: int = 1) -> tuple[float, float]:
    """The 95 % bootstrap interval (percentiles) of a mean.

    With ``clusters`` whole clusters are drawn, as the cases of one repository are alike.
    """
    numbers, labels = np.asarray(values, dtype=float), list(clusters) if clusters else list(map(str, range(len(values))))
    names = sorted(set(labels))
    places = np.array([names.index(label) for label in labels])
    sums, counts = np.bincount(places, numbers), np.bincount(places)
    drawn = np.random.default_rng(seed).integers(0, len(names), (_ROUNDS, len(names)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)
