"""Identifiers of the failing statements occur in what the commit changed (ranking.md S7b: the largest single gain of its pilot).

It sees rewrites and deletions that blame cannot: the commit renamed, replaced or removed what the failing line uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from deploywatch.model import Commit
from deploywatch.suspects.change import code_lines
from deploywatch.suspects.scene import Scene
from deploywatch.suspects.signals.base import Hit
from deploywatch.suspects.syntax.words import KEYWORDS, identifiers

_DEPTH: Final = 3
_CALL: Final = re.compile(r"([A-Za-z_$][\w$]*)\s*\(")
_BODY: Final = 150


def statement(scene: Scene, commit: Commit, /) -> Hit | None:
    """The share of the failing statements' identifiers in the code that the commit changed in the stack's files."""
    touched = scene.touched(commit)
    diffs = (diff for diff in scene.diffs_of.get(commit.sha, ()) if scene.head_path(diff) in touched)
    names = frozenset(
        identifiers(
            "\n".join(
                text
                for diff in diffs
                for hunk in diff.hunks
                for text in code_lines((*hunk.added, *hunk.removed), diff.change.path)
            )
        )
    )
    return _overlap(scene, scene.once(statement_names), names, "in the same file")


def statement_anywhere(scene: Scene, commit: Commit, /) -> Hit | None:
    """The same over every file of the commit."""
    return _overlap(scene, scene.once(statement_names), scene.changes[commit.sha].names, "somewhere")


def function_names(scene: Scene, commit: Commit, /) -> Hit | None:
    """The share of the identifiers of the stack's functions, not only of their failing lines."""
    return _overlap(scene, scene.once(_body_names), scene.changes[commit.sha].names, "that the functions of the stack use")


def callee(scene: Scene, commit: Commit, /) -> Hit | None:
    """The commit changed a function that a failing statement calls (ranking.md S8): one hop from the stack."""
    return _definition(scene, commit, scene.once(called_names), "which the failing line calls")


def used_definition(scene: Scene, commit: Commit, /) -> Hit | None:
    """The commit changed a definition that a function of the stack names."""
    return _definition(scene, commit, scene.once(_body_names), "which a function of the stack uses")


def own_definition(scene: Scene, commit: Commit, /) -> Hit | None:
    """The commit changed a definition with the name of a function of the stack, by git's own account of what a hunk stands in."""
    names = {place.function.rpartition(".")[2]: place.weight for place in reversed(scene.places) if place.function}
    return _definition(scene, commit, names, "which is on the stack", rare=False)


def _overlap(scene: Scene, weights: dict[str, float], names: frozenset[str], where: str) -> Hit | None:
    value = scene.best_overlap(weights, names)
    if not value:
        return None
    shared = sorted(weights.keys() & names, key=lambda name: (-weights[name] * scene.rarity(name), name))[:3]
    return Hit(
        value,
        f"changed code with {_listed(shared)}, {where}"
        if where.startswith("that")
        else f"changed code with {_listed(shared)}, which the failing statements use, {where}",
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _definition(scene: Scene, commit: Commit, weights: dict[str, float], why: str, *, rare: bool = True) -> Hit | None:
    found = scene.changes[commit.sha].definitions
    scored = [(weights[name] * (scene.rarity(name) if rare else 1.0), name) for name in found if name in weights]
    if not scored:
        return None
    value, name = max(scored)
    diff, hunk = found[name]
    return Hit(min(1.0, value), f"changed `{name}` in {diff.change.path}, {why}", scene.head_path(diff), None, hunk)


def statement_names(scene: Scene) -> dict[str, float]:
    """Identifiers of the innermost statements of every exception -> the weight of the nearest frame that has them."""
    return _weights((identifiers(scene.statement(place)), place.weight) for place in scene.places if place.depth < _DEPTH)


def called_names(scene: Scene) -> dict[str, float]:
    """Names that the innermost statements call -> weight."""
    calls = ((_CALL.findall(scene.statement(place)), place.weight) for place in scene.places if place.depth <= _DEPTH)
    return {name: weight for name, weight in _weights(calls).items() if len(name) > 2 and name not in KEYWORDS}


def _body_names(scene: Scene) -> dict[str, float]:
    spans = [(p, p.definition) for p in scene.places if p.definition and not p.definition.is_class and p.depth <= _DEPTH]
    return _weights(
        (identifiers("\n".join(scene.lines(p.file, d.first, min(d.last, d.first + _BODY)))), p.weight) for p, d in spans
    )


def _weights(found: Iterable[tuple[Iterable[str], float]]) -> dict[str, float]:
    weights: dict[str, float] = {}
    for names, weight in found:
        for name in names:
            weights[name] = max(weights.get(name, 0.0), weight)
    return weights
