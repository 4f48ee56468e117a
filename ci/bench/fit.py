"""Fits deploywatch/suspects/weights.json: python -m ci.bench.fit CASES.jsonl --repos DIR [--check]

A conditional logit with a NULL outcome (see deploywatch/suspects/model.py). Weights are drawn towards what is known beforehand:
of most signals how much likelier a culprit has it than an innocent commit, of those that such cases hardly show a value by hand.
Weights of signals are held at 0 or above, reasons for "none of these" named best-* at 0 or below. ``--check`` writes nothing: it
prints what is reached when each repository is scored by the others' weights. Needs numpy.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ci.bench.cases import Question, questions, read_cases, repository_of
from deploywatch.suspects.model import Model
from deploywatch.suspects.registry import SIGNALS

WEIGHTS: Final = Path(__file__).parents[2] / "deploywatch" / "suspects" / "weights.json"
# Left out of the model: others say it better, and took their weight.
UNUSED: Final = frozenset(
    """
    raising-line own-definition directory function-names size message message-definition statement-anywhere line-besides removal
    """.split()
)
# What each weight is drawn towards: a fifth of the log of how much likelier the culprit has it than an innocent commit. For line,
# near, function, message-added, callee, statement and file that was measured before (ranking.md 7.3: 104 regressions of Django,
# windows of 30 commits; some may be among these cases, too); for the others it is judged by what they resemble.
PRIOR: Final = {
    name: round(0.2 * log_ratio, 2)
    for name, log_ratio in {
        "line": 6.1,
        "introduced": 6.1,
        "near": 4.75,
        "function": 4.2,
        "message-added": 4.1,
        "callee": 3.8,
        "statement": 3.7,
        "file": 3.0,
        "similarity": 3.0,
        "caller-similarity": 3.0,
        "reaching": 5.0,
        "condition": 3.0,
        "used-definition": 2.0,
    }.items()
}
# Such cases hardly show them (few cases have any, or none): what they weigh is what is known of them, not what they won here.
BY_HAND: Final = {
    "failing-piece": 1.4,
    "named-piece": 1.0,
    "provenance": 1.0,
    "guard": 0.5,
    "write-removed": 3.0,
    "message-removed": 0.6,
    "imported": 0.5,
    "import-line": 2.0,
    "missing-file": 5.0,
    "named-file": 2.5,
    "dependency": 3.5,
    "configuration": 2.0,
    "migration": 2.0,
}
NEGATIVES: Final = 0.2
PENALTY: Final = 1.0
REASONS_PENALTY: Final = 0.1
STEPS: Final = 300
SHOWN: Final = ((0.0, 0.0), (0.03, 0.45), (0.1, 0.49), (0.855, 0.494), (0.86, 0.87), (0.95, 0.96), (1.0, 0.99))

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Fitted:
    """Weights in the order of ``names`` and ``reasons``."""

    names: tuple[str, ...]
    reasons: tuple[str, ...]
    signals: Vector
    none: Vector

    def probabilities(self, question: Question) -> tuple[Vector, float]:
        """Each candidate's probability and that of "none of these"."""
        rows, reasons = _rows(question, self.names), _reasons(question, self.reasons)
        return _softmax(rows @ self.signals, float(reasons @ self.none))

    def model(self) -> Model:
        """The same as the product uses it."""
        signals, none = (
            dict(zip(names, map(float, weights), strict=True))
            for names, weights in ((self.names, self.signals), (self.reasons, self.none))
        )
        return Model(signals, none, SHOWN)


def fit(cases: Sequence[Question]) -> Fitted:
    """The weights under which what was true is likeliest; gradient descent with Adam's step sizes, always the same."""
    names = tuple(name for name in SIGNALS if name not in UNUSED)
    reasons = tuple(cases[0].reasons)
    prior = np.array([(PRIOR | BY_HAND).get(name, 0.0) for name in names])
    least = np.array([name.startswith("best-") for name in reasons])
    data = [(_rows(q, names), _reasons(q, reasons), q.culprit) for q in cases]
    weights = np.concatenate([prior, np.zeros(len(reasons))])
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        gradient = _gradient(data, weights, len(names))
        gradient[: len(names)] += PENALTY * (weights[: len(names)] - prior)
        gradient[len(names) :] += REASONS_PENALTY * weights[len(names) :]
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        weights -= 0.08 * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
        weights[: len(names)] = np.maximum(weights[: len(names)], 0.0)
        weights[len(names) :] = np.where(least, np.minimum(weights[len(names) :], 0.0), weights[len(names) :])
    return Fitted(names, reasons, weights[: len(names)], weights[len(names) :])


def _gradient(data: Sequence[tuple[Vector, Vector, int | None]], weights: Vector, count: int) -> Vector:
    total = np.zeros_like(weights)
    for rows, reasons, culprit in data:
        each, none = _softmax(rows @ weights[:count], float(reasons @ weights[count:]))
        share = NEGATIVES if culprit is None else 1.0
        total[:count] += share * (each @ rows - (rows[culprit] if culprit is not None else 0.0))
        total[count:] += share * (none - (1.0 if culprit is None else 0.0)) * reasons
    return total


def _rows(question: Question, names: Sequence[str]) -> Vector:
    return np.array([[row.get(name, 0.0) for name in names] for row in question.signals]).reshape(
        len(question.signals), len(names)
    )


def _reasons(question: Question, reasons: Sequence[str]) -> Vector:
    return np.array([question.reasons[name] for name in reasons])


def _softmax(scores: Vector, none: float) -> tuple[Vector, float]:
    top = max(none, float(scores.max(initial=none)))
    each, rest = np.exp(scores - top), float(np.exp(none - top))
    total = float(each.sum()) + rest
    return each / total, rest / total


def folds(cases: Sequence[Question]) -> Iterator[tuple[Fitted, list[Question]]]:
    """For each repository the weights fitted on all others, and its own cases."""
    for repo in sorted({q.repo for q in cases}):
        yield fit([q for q in cases if q.repo != repo]), [q for q in cases if q.repo == repo]


def check(cases: Sequence[Question]) -> str:
    """Leave-one-repository-out: the share of culprits ranked first, and in the first three, and of innocent windows accused."""
    ranks: list[int] = []
    accused: list[bool] = []
    for fitted, left_out in folds(cases):
        for q in left_out:
            each, _ = fitted.probabilities(q)
            if q.culprit is None:
                told = np.interp([each.max(initial=0.0)], [raw for raw, _ in SHOWN], [shown for _, shown in SHOWN])
                accused.append(bool(told[0] > 0.5))
            else:
                ranks.append(1 + int((each > each[q.culprit]).sum()))
    first, three = (100 * np.mean([rank <= most for rank in ranks]) for most in (1, 3))
    wrong = 100 * np.mean(accused)
    return (
        f"{len(ranks)} cases: Top-1 {first:.1f} %, Top-3 {three:.1f} %; {len(accused)} windows without it: {wrong:.1f} % accused"
    )


def as_json(fitted: Fitted, count: int) -> str:
    """The weights file."""
    note = (
        f"Conditional logit with a NULL outcome (suspects/model.py), fitted by ci/bench/fit.py on {count} windows: verified "
        f"regressions of public Python and JavaScript repositories, and the same without the culprit (weight {NEGATIVES}). "
        f"By hand, for want of cases: {', '.join(BY_HAND)}; the others are drawn towards the priors that fit.py lists. "
        "'shown' corrects the first suspect's probability: raw, told."
    )
    signals = {name: round(float(weight), 3) for name, weight in zip(fitted.names, fitted.signals, strict=True)}
    none = {name: round(float(weight), 3) for name, weight in zip(fitted.reasons, fitted.none, strict=True)}
    return json.dumps({"note": note, "signals": signals, "none": none, "shown": SHOWN}, indent=2) + "\n"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--repos", type=Path, required=True)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    known = ((case, repository_of(case, given.repos)) for case in read_cases(given.cases))
    asked = [q for case, repository in known if repository for q in questions(case, repository)]
    if not asked:
        parser.error(f"no case has its repository below {given.repos}")
    print(check(asked))
    if not given.check:
        WEIGHTS.write_text(as_json(fit(asked), len(asked)), "utf-8")
        print(f"wrote {WEIGHTS.name}")


if __name__ == "__main__":
    main()
