"""Verified regressions as scenes: a case is {id, repo, source?, base, head, culprit, event}, one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploywatch.history.material import WindowHistory
from deploywatch.history.repository import Repository
from deploywatch.stacktraces.events import read_event
from deploywatch.stacktraces.mapping import PathIndex, map_frames
from deploywatch.suspects.model import none_reasons
from deploywatch.suspects.rank import candidates_of, evidence_of
from deploywatch.suspects.scene import Scene
from deploywatch.suspects.signals.expression import knows_what_failed


@dataclass(frozen=True)
class Question:
    """What the signals found in one window: a row a candidate, newest first. ``culprit`` is its row, ``None`` without it."""

    case: str
    repo: str
    shas: tuple[str, ...]
    signals: tuple[dict[str, float], ...]
    reasons: dict[str, float]
    culprit: int | None


def read_cases(path: Path) -> Iterator[dict[str, Any]]:
    """The cases of a JSON Lines file."""
    for line in path.read_text("utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def repository_of(case: dict[str, Any], root: Path) -> Repository | None:
    """The case's clone below ``root``: owner+name/repo, owner+name or owner+name.git; ``None`` where there is none."""
    for name in filter(None, (case.get("source"), case["repo"])):
        flat = name.replace("/", "+")
        for folder in (root / flat / "repo", root / flat, root / f"{flat}.git"):
            if (folder / "HEAD").exists() or (folder / ".git").exists():
                return Repository.open(folder)
    return None


def questions(case: dict[str, Any], repository: Repository) -> Iterator[Question]:
    """The window with the culprit in it, then the one that begins after it."""
    yield question(case, repository, case["base"])
    if repository.is_ancestor(case["culprit"], case["head"]) and case["culprit"] != case["head"]:
        yield question(case, repository, case["culprit"])


def question(case: dict[str, Any], repository: Repository, base: str) -> Question:
    """What production code finds between ``base`` and the case's head."""
    event = read_event(case["event"])
    history = WindowHistory(repository, repository.window(repository.resolve(base), repository.resolve(case["head"])))
    frames = map_frames(event.stacktrace, PathIndex(history.paths))
    own = [frame.file for frame in frames if frame.in_app and frame.file]
    around = [frame.file for frame in frames if frame.file and not frame.in_app]
    scene = Scene(history.material(own, context=around), event.stacktrace, frames)
    candidates, _ = candidates_of(scene)
    hits = [evidence_of(scene, commit) for commit in candidates]
    shas = tuple(commit.sha for commit in candidates)
    return Question(
        case=case["id"],
        repo=case["repo"],
        shas=shas,
        signals=tuple({name: hit.value for name, hit in found.items()} for found in hits),
        reasons=none_reasons(hits, knows_what_failed=scene.once(knows_what_failed)),
        culprit=shas.index(case["culprit"]) if case["culprit"] in shas else None,
    )
