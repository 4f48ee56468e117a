"""The conditional logit that turns evidence into probabilities (McFadden 1974; ranking.md 3.2).

    P(commit | failure, window) = exp(w . x(commit)) / (exp(b + v . z) + sum over all commits of exp(w . x))

``x`` are the signals' values, ``z`` what speaks for "none of these". Because all commits compete, a lone hit is worth more than one of nine; because
it is linear, a signal's contribution ``w * x`` (log-odds) is its share of the reason and can be told to a person.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from deploywatch.suspects.scene import Scene
from deploywatch.suspects.signals.base import Hit


@dataclass(frozen=True)
class Model:
    """Weights by signal name, and by the name of each reason for "none of these"."""

    signals: Mapping[str, float]
    none: Mapping[str, float]

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
        return [weight / total for weight in weights], rest / total


def load_model() -> Model:
    """The weights that the package ships; see the note inside the file for what they were fitted on."""
    data = json.loads(files("deploywatch.suspects").joinpath("weights.json").read_text("utf-8"))
    return Model(data["signals"], data["none"])


def none_reasons(scene: Scene, hits: Sequence[Mapping[str, Hit]]) -> dict[str, float]:
    """What speaks for or against "none of these", from the whole window."""
    return {
        "always": 1.0,
        "window-size": math.log1p(len(hits)) / 5.0,
        "raising-line-hit": float(any("raising-line" in found for found in hits)),
        "function-hit": float(any("function" in found for found in hits)),
        "file-hit": float(any("file" in found for found in hits)),
    }
