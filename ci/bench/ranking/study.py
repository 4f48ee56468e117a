"""Every method's answers to every case: deploywatch's, and the baselines'."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing import Pool
from pathlib import Path
from typing import Any, Final

from ci.bench.baselines import BASELINES
from ci.bench.baselines.problem import Guess, Problem
from ci.bench.cases import Question, question, read_cases, repository_of
from ci.bench.fit import folds
from ci.bench.ranking.answers import Answer
from deploywatch.history.repository import Repository
from deploywatch.suspects.model import Model, load_model

CROSS_VALIDATED: Final = "deploywatch, weights of the other repositories"
SHIPPED: Final = "deploywatch, weights as shipped (fitted on these cases)"
_LANGUAGES: Final = {"python": "Python", "node": "JavaScript", "javascript": "JavaScript"}


@dataclass(frozen=True)
class Window:
    """One case before one window: what the signals found and what each baseline answered. ``culprit`` is the truth."""

    case: str
    repo: str
    language: str
    error: str
    culprit: str | None
    found: Question
    guesses: Mapping[str, Guess]
    subjects: Mapping[str, str]


def study(cases: Path, root: Path, *, jobs: int) -> Iterator[list[Window]]:
    """The windows of each case, as they are done. Cases without a clone below ``root`` come as an empty list."""
    with Pool(jobs) as pool:
        yield from pool.imap(partial(_windows, root), read_cases(cases))


def _windows(root: Path, case: dict[str, Any]) -> list[Window]:
    repository = repository_of(case, root)
    if repository is None:
        return []
    found = [_window(case, repository, case["base"], case["culprit"])]
    if repository.is_ancestor(case["culprit"], case["head"]) and case["culprit"] != case["head"]:
        found.append(_window(case, repository, case["culprit"], None))
    return found


def _window(case: dict[str, Any], repository: Repository, base: str, culprit: str | None) -> Window:
    window = repository.window(repository.resolve(base), repository.resolve(case["head"]))
    problem = Problem.of(repository, window, case["event"])
    platform = str(case["event"].get("platform") or "other")
    return Window(
        case=case["id"],
        repo=case["repo"],
        language=_LANGUAGES.get(platform, platform),
        error=str(case["event"]["exception"]["values"][-1].get("type") or ""),
        culprit=culprit,
        found=question(case, repository, base),
        guesses={name: baseline(problem) for name, baseline in BASELINES.items()},
        subjects={commit.sha: commit.subject for commit in window.commits},
    )


def answers(windows: Sequence[Window]) -> dict[str, list[Answer]]:
    """Each method's answers, ours first."""
    ours = {CROSS_VALIDATED: [_answer(w, told(w.found, model)) for model, w in _cross_validated(windows)]}
    shipped = load_model()
    ours[SHIPPED] = [_answer(w, told(w.found, shipped)) for w in windows]
    return ours | {name: [_answer(w, w.guesses[name]) for w in windows] for name in BASELINES}


def _cross_validated(windows: Sequence[Window]) -> Iterator[tuple[Model, Window]]:
    by_question = {id(w.found): w for w in windows}
    for fitted, left_out in folds([w.found for w in windows]):
        model = fitted.model()
        yield from ((model, by_question[id(found)]) for found in left_out)


def told(found: Question, model: Model) -> Guess:
    """The ranking that the product would show: by score, of equals the newer first."""
    scores = [sum(model.signals.get(name, 0.0) * value for name, value in row.items()) for row in found.signals]
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
    chances, _ = model.probabilities(scores, model.none_score(found.reasons))
    return Guess(tuple((found.shas[i],) for i in order), chances[order[0]] if order else None)


def _answer(window: Window, guess: Guess) -> Answer:
    return Answer(window.case, window.repo, window.language, guess.groups, guess.confidence, window.culprit)
