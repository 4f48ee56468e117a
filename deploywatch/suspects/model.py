"""The conditional logit that turns evidence into probabilities (McFadden 1974; ranking.md 3.2).

    P(commit | failure, window) = exp(w . x(commit)) / (exp(b + v . z) + sum over all commits of exp(w . x))

``x`` are the signals' values, ``z`` what speaks for "none of these". Because all commits compete, a lone hit is worth more than
one of nine; because it is linear, a signal's contribution ``w * x`` (log-odds) is its share of the reason: it can be told.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from typing import Final

from deploywatch.suspects.signals.base import Hit

# The widest window that the weights were fitted on: what lies beyond is not extrapolated.
_WIDEST: Final = 200
# Below it a number has too few digits left to be shared out.
_NOTHING: Final = 1e-290
DECISIVE: Final = ("line", "function", "file", "near", "statement", "failing-piece")
"""The signals whose best value in a window speaks for or against 'none of these'."""


@dataclass(frozen=True)
class Model:
    """Weights by signal name, and by the name of each reason for "none of these".

    ``shown`` maps the first suspect's probability to the one that is told, as points of a line that never falls.
    """

    signals: Mapping[str, float]
    none: Mapping[str, float]
    shown: Sequence[tuple[float, float]] = ((0.0, 0.0), (1.0, 1.0))

    def score(self, hits: Mapping[str, Hit]) -> float:
        """The log-odds of one commit."""
        return sum(self.signals.get(name, 0.0) * hit.value for name, hit in hits.items())

    def none_score(self, reasons: Mapping[str, float]) -> float:
        """The log-odds of "none of these"."""
        return sum(self.none.get(name, 0.0) * value for name, value in reasons.items())

    def probabilities(self, scores: Sequence[float], none: float) -> tuple[list[float], float]:
        """Each commit's probability and that of "none of these"; together they are 1."""
        top = max([none, *scores])
        weights = [math.exp(score - top) for score in scores]
        rest = math.exp(none - top)
        total = sum(weights) + rest
        return self.calibrated([weight / total for weight in weights], rest / total)

    def calibrated(self, probabilities: list[float], none: float) -> tuple[list[float], float]:
        """The same with the first suspect's probability corrected by experience; the others and "none of these" share the rest.

        Fitted so that what is told is how often it was right, and that few windows without the cause show more than a half.
        """
        if not probabilities:
            return probabilities, none
        first = max(range(len(probabilities)), key=probabilities.__getitem__)
        others = [p for i, p in enumerate(probabilities) if i != first]
        left = sum(others) + none
        if left < _NOTHING:
            told = _between(self.shown, 1.0)
            return [told if i == first else 0.0 for i in range(len(probabilities))], 1.0 - told
        second = max(others, default=0.0)
        # Whatever is told of the first, it stays the first.
        told = max(_between(self.shown, probabilities[first]), second / (left + second))
        if math.isclose(told, probabilities[first], rel_tol=1e-12):
            return probabilities, none
        corrected = [p * (1.0 - told) / left for p in probabilities]
        corrected[first] = told
        return corrected, none * (1.0 - told) / left


def load_model() -> Model:
    """The weights that the package ships; see the note inside the file for what they were fitted on."""
    data = json.loads(files("deploywatch.suspects").joinpath("weights.json").read_text("utf-8"))
    return Model(data["signals"], data["none"], tuple((raw, shown) for raw, shown in data["shown"]))


def _between(points: Sequence[tuple[float, float]], at: float) -> float:
    """The height at ``at`` of the line through ``points``, which ascend."""
    for (x0, y0), (x1, y1) in pairwise(points):
        if at <= x1:
            return y0 + (y1 - y0) * (at - x0) / (x1 - x0)
    return points[-1][1]


def none_reasons(hits: Sequence[Mapping[str, Hit]], *, knows_what_failed: bool) -> dict[str, float]:
    """What speaks for or against "none of these": the window's size, and the best that any commit has of each decisive signal.

    Where it is known which piece of the statement failed, it counts that no commit wrote it.
    """
    strongest = {f"best-{name}": max((found[name].value for found in hits if name in found), default=0.0) for name in DECISIVE}
    known = {"always": 1.0, "window-size": math.log1p(min(len(hits), _WIDEST)), "knows-what-failed": float(knows_what_failed)}
    return known | strongest
