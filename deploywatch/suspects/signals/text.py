"""The commit's words are the failure's words: BM25 over message, paths and changed code (ranking.md S25; Bug2Commit, Orca).

It is what is left when a change broke something far from its own lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from deploywatch.model import Commit
from deploywatch.suspects.scene import Scene
from deploywatch.suspects.signals.base import Hit
from deploywatch.suspects.similarity import Corpus
from deploywatch.suspects.syntax.words import words

_LINES: Final = 400
_PATHS: Final = 60
_FRAMES: Final = 10
_CALLERS: Final = 3
_AROUND: Final = 25


class Wording:
    """The window as a corpus, and the failure as queries, made once for a scene."""

    def __init__(self, scene: Scene) -> None:
        self.corpus = Corpus({commit.sha: _document(scene, commit) for commit in scene.commits})
        self.failure = _failure_words(scene)
        self.callers = _caller_words(scene)
        self.by_failure = self.corpus.scores(self.failure)
        self.by_callers = self.corpus.scores(self.callers)


def _document(scene: Scene, commit: Commit) -> tuple[str, ...]:
    change = scene.changes[commit.sha]
    paths = [c.path for c in commit.files[:_PATHS]]
    return words((commit.message, *paths, *change.added[:_LINES], *change.removed[:_LINES]))


def _failure_words(scene: Scene) -> tuple[str, ...]:
    texts = [f"{raised.type or ''} {raised.message or ''}"[: _AROUND * 80] for raised in scene.trace.exceptions]
    for place in scene.places[:_FRAMES]:
        texts += [place.function or "", place.file.rpartition("/")[2], scene.statement(place)]
    return tuple(dict.fromkeys(words(texts)))


def _caller_words(scene: Scene) -> tuple[str, ...]:
    texts: list[str] = []
    for frame in scene.callers[:_CALLERS]:
        assert frame.file is not None and frame.line is not None
        around = scene.outline(frame.file).around(frame.line)
        first, last = (around.first, around.last) if around and not around.is_class else (frame.line - 3, frame.line + 3)
        texts += [
            frame.frame.function or "",
            frame.file,
            *scene.lines(frame.file, max(first, frame.line - _AROUND), min(last, frame.line + 5)),
        ]
    return tuple(dict.fromkeys(words(texts)))


def similarity(scene: Scene, commit: Commit, /) -> Hit | None:
    """Likeness to the messages and the stack's code, as a share of the most like commit's."""
    wording = scene.once(Wording)
    return _hit(
        wording.by_failure.get(commit.sha, 0.0), wording.corpus.shared(commit.sha, wording.failure), "the stack and the error"
    )


def caller_similarity(scene: Scene, commit: Commit, /) -> Hit | None:
    """Likeness to the code that called into the application."""
    wording = scene.once(Wording)
    return _hit(wording.by_callers.get(commit.sha, 0.0), wording.corpus.shared(commit.sha, wording.callers), "the calling code")


def _hit(value: float, shared: Sequence[str], what: str) -> Hit | None:
    return Hit(value, f"shares the words {', '.join(f'`{w}`' for w in shared)} with {what}") if value > 0 and shared else None
