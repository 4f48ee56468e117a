"""The commit last touched the very line of a frame (ranking.md S1, S2): blame at the deployed commit, bounded by the window.

The strongest single signal that is known. A hit on another line of the frame's statement counts a little less, since tracebacks
may name any of them; a frame further out counts by its weight.
"""

from __future__ import annotations

from typing import Final

from deploywatch.model import Commit
from deploywatch.suspects.scene import Place, Scene
from deploywatch.suspects.signals.base import Hit, frame_name, noisy_or
from deploywatch.suspects.signals.expression import is_bystander

_OTHER_LINE: Final = 0.8
_MOVED: Final = 0.1


def line(scene: Scene, commit: Commit, /) -> Hit | None:
    """How many frames' lines the commit last touched, nearest the failure counting most."""
    return None if is_bystander(scene, commit) else _touched(scene, commit)


def line_besides(scene: Scene, commit: Commit, /) -> Hit | None:
    """The same of a commit that touched the line, but did not write the piece of it that is known to have failed."""
    return _touched(scene, commit) if is_bystander(scene, commit) else None


def _touched(scene: Scene, commit: Commit) -> Hit | None:
    hits = [(strength * place.weight, place) for place in scene.places if (strength := _strength(scene, commit, place))]
    if not hits:
        return None
    place = max(hits, key=lambda hit: hit[0])[1]
    number = _number(scene, commit, place)
    hunk = scene.hunk_at(place.file, commit, place.statement)
    more = f" (and {len(hits) - 1} more line{'s'[: len(hits) > 2]} of the stack)" if len(hits) > 1 else ""
    which = "the line" if number == place.line else "of the statement"
    text = f"last changed {place.file}:{number}, {which} of {frame_name(place)}{more}"
    return Hit(noisy_or([h for h, _ in hits]), text, place.file, number, hunk, place.index)


def raising_line(scene: Scene, commit: Commit, /) -> Hit | None:
    """Whether the commit last touched a line that raised: the failure's own, or a cause's."""
    for place in scene.places:
        if place.depth == 0 and _number(scene, commit, place) == place.line:
            return Hit(
                1.0, f"last changed the line that raised, {place.file}:{place.line}", place.file, place.line, None, place.index
            )
    return None


def _number(scene: Scene, commit: Commit, place: Place) -> int | None:
    """The line of the frame's statement that the commit last touched: the frame's own, if it did, else the first."""
    if place.file not in scene.touched(commit):
        return None
    first, last = place.statement
    numbers = (place.line, *range(first, last + 1))
    return next((number for number in numbers if (o := scene.origin(place.file, number)) and o.sha == commit.sha), None)


def _strength(scene: Scene, commit: Commit, place: Place) -> float:
    number = _number(scene, commit, place)
    if number is None:
        return 0.0
    if number != place.line:
        return _OTHER_LINE
    text = "".join(scene.lines(place.file, number, number)).strip()
    return _MOVED if text in scene.changes[commit.sha].moved else 1.0
