"""The commit changed a condition on which a call of the stack was made: without it the failure would not have been reached.

Statements depend on the headers that they stand under, and on those of earlier branches that leave the function or the loop
(control dependence: Ferrante, Ottenstein and Warren 1987). It is told by indentation, which holds for formatted code of any
language. How far out the frame is does not matter: each of them had to be passed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from deploywatch.model import Commit
from deploywatch.suspects.scene import Place, Scene
from deploywatch.suspects.signals.base import Hit, frame_name
from deploywatch.suspects.syntax.words import indent

_CONTROL: Final = re.compile(
    r"\s*(?:\}\s*)?(?:if|elif|elsif|else|unless|while|until|for|with|try|except|catch|rescue|case|when|switch|match)\b"
)
_BRANCH: Final = re.compile(r"\s*(?:\}\s*)?(?:else|elif|elsif|except|catch|rescue)\b")
_LEAVES: Final = re.compile(r"\s*(?:return|raise|throw|continue|break)\b")
_COMMENT: Final = re.compile(r"\s*(?:#|//|\*)")
_EARLIER: Final = 0.7

Condition = tuple[int, int, float]
"""First and last line at head of a condition, and how much it decides."""


def condition(scene: Scene, commit: Commit, /) -> Hit | None:
    """The condition that decides most among those that a hunk of the commit meets."""
    best: Hit | None = None
    for place, conditions in scene.once(_conditions).items():
        for first, last, strength in conditions if place.file in scene.touched(commit) else ():
            value = strength * place.own_weight
            if value > (best.value if best else 0.0) and (hunk := scene.hunk_at(place.file, commit, (first, last))):
                text = f"changed a condition at {place.file}:{first} that led to the statement of {frame_name(place)}"
                best = Hit(value, text, place.file, first, hunk, place.index)
    return best


def _conditions(scene: Scene) -> dict[Place, tuple[Condition, ...]]:
    return {place: tuple(_above(scene, place)) for place in scene.places}


def _above(scene: Scene, place: Place) -> Iterator[Condition]:
    """The conditions above a frame's statement in its function, the nearest first."""
    span = place.definition
    if span is None or span.is_class:
        return
    depth = indent("".join(scene.lines(place.file, place.statement[0], place.statement[0])))
    is_branch, leaving = False, None
    for first, last, text in _statements(scene, place, span.signature_last):
        inner, controls = indent(text), _CONTROL.match(text)
        if inner < depth or (inner == depth and is_branch and controls):
            depth, is_branch = inner, bool(_BRANCH.match(text))
            if controls:
                yield first, last, 1.0
        elif _LEAVES.match(text) and inner > depth:
            leaving = inner
        elif leaving is not None and inner < leaving and controls:
            leaving = None if inner == depth else inner
            if inner == depth:
                yield first, last, _EARLIER


def _statements(scene: Scene, place: Place, until: int) -> Iterator[tuple[int, int, str]]:
    """The statements between the signature and the frame's own, upwards, each with its first line."""
    outline, number = scene.outline(place.file), place.statement[0] - 1
    while number > until:
        first, last = outline.statement(number)
        first = max(until + 1, min(first, number))
        text = "".join(scene.lines(place.file, first, first))
        if text.strip() and not _COMMENT.match(text):
            yield first, max(last, number), text
        number = first - 1
