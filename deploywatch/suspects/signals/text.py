"""The commit's words are the failure's words: BM25 over message, paths and changed code (ranking.md S25; Bug2Commit, Orca).

It is what is left when a change broke something far from its own lines.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from deploywatch.model import Commit, MappedFrame
from deploywatch.suspects.scene import Scene
from deploywatch.suspects.signals.base import Hit
from deploywatch.suspects.similarity import Corpus
from deploywatch.suspects.syntax.words import words

_FRAMES: Final = 10
_CALLERS: Final = 3
_AROUND: Final = 25
_MANY: Final = 60


class Wording:
    """The window as a corpus, and the failure as queries, made once for a scene."""

    def __init__(self, scene: Scene) -> None:
        self.corpus = scene.kept("corpus", lambda: Corpus({sha: change.words for sha, change in scene.changes.items()}))
        self.failure = _failure_words(scene)
        self.callers = _caller_words(scene)
        # The likest of three commits is like nothing in particular: words say more the more there is to choose from.
        told = min(1.0, math.log1p(len(scene.commits)) / math.log1p(_MANY))
        self.by_failure = {sha: told * score for sha, score in self.corpus.scores(self.failure).items()}
        self.by_callers = {sha: told * score for sha, score in self.corpus.scores(self.callers).items()}
        self.leads = {key: _lead(scores) for key, scores in (("failure", self.by_failure), ("callers", self.by_callers))}


def _failure_words(scene: Scene) -> tuple[str, ...]:
    texts = scene.errors(_AROUND * 80)
    for place in scene.places[:_FRAMES]:
        texts += [place.function or "", place.file.rpartition("/")[2], scene.statement(place)]
    return tuple(dict.fromkeys(words(texts)))


def _caller_words(scene: Scene) -> tuple[str, ...]:
    texts: list[str] = []
    for frame in scene.callers[:_CALLERS]:
        texts += [frame.frame.function or "", frame.file or "", *_around(scene, frame)]
    return tuple(dict.fromkeys(words(texts)))


def _around(scene: Scene, frame: MappedFrame) -> list[str]:
    """The caller's source, if the function is still where the frame says: what stands there otherwise is somebody else's."""
    line = frame.line or 0
    around = scene.outline(frame.file or "").around(line)
    if around is None or around.name != (frame.frame.function or "").rpartition(".")[2]:
        return []
    return scene.lines(frame.file or "", max(around.first, line - _AROUND), min(around.last, line + 5))


def similarity(scene: Scene, commit: Commit, /) -> Hit | None:
    """Likeness to the messages and the stack's code, as a share of the most like commit's."""
    wording = scene.once(Wording)
    return _hit(wording, commit, wording.by_failure, wording.failure, "the stack and the error")


def caller_similarity(scene: Scene, commit: Commit, /) -> Hit | None:
    """Likeness to the code that called into the application."""
    wording = scene.once(Wording)
    return _hit(wording, commit, wording.by_callers, wording.callers, "the calling code")


def outstanding(scene: Scene, commit: Commit, /) -> Hit | None:
    """By how much the commit is more like the failure than any other."""
    wording = scene.once(Wording)
    return _hit(wording, commit, wording.leads["failure"], wording.failure, "the stack and the error like no other")


def caller_outstanding(scene: Scene, commit: Commit, /) -> Hit | None:
    """By how much the commit is more like the calling code than any other."""
    wording = scene.once(Wording)
    return _hit(wording, commit, wording.leads["callers"], wording.callers, "the calling code like no other")


def _lead(scores: Mapping[str, float]) -> dict[str, float]:
    """The best document -> its distance to the second best."""
    order = sorted(scores, key=lambda key: -scores[key])
    if not order or scores[order[0]] <= 0:
        return {}
    return {order[0]: scores[order[0]] - (scores[order[1]] if len(order) > 1 else 0.0)}


def _hit(wording: Wording, commit: Commit, values: Mapping[str, float], query: Sequence[str], what: str) -> Hit | None:
    value = values.get(commit.sha, 0.0)

    def said() -> str:
        shared = ", ".join(f"`{word}`" for word in wording.corpus.shared(commit.sha, query))
        return f"shares the words {shared} with {what}"

    return Hit(value, said) if value > 0 else None
