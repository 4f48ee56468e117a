"""The commit changed lines close to a frame's line, in head's coordinates.

It is ranking.md's S3, Predator's MinDistance, clouseau's line score. Deletions count, by where the gap is. The value falls with
exp(-distance / 10): about 0.37 at 10 lines, nothing to speak of at 40.
"""

from __future__ import annotations

import math
from typing import Final

from deploywatch.model import Commit
from deploywatch.suspects.scene import Scene
from deploywatch.suspects.signals.base import Hit, frame_name
from deploywatch.suspects.signals.expression import is_bystander

_SCALE: Final = 10.0
_LEAST: Final = 0.01


def near(scene: Scene, commit: Commit, /) -> Hit | None:
    """The nearest change to any frame's statement, weighed by the frame."""
    return None if is_bystander(scene, commit) else _nearest(scene, commit)


def near_besides(scene: Scene, commit: Commit, /) -> Hit | None:
    """The same of a commit that did not write the piece that is known to have failed: it proves less."""
    return _nearest(scene, commit) if is_bystander(scene, commit) else None


def _nearest(scene: Scene, commit: Commit) -> Hit | None:
    best: Hit | None = None
    for place in scene.places:
        for region in scene.code_regions(place.file, commit):
            distance = min(region.distance(place.statement[0]), region.distance(place.statement[1]))
            value = place.weight * math.exp(-distance / _SCALE)
            if value > (best.value if best else _LEAST):
                where = "the very statement" if distance == 0 else f"{distance} line{'s'[: distance != 1]} from the statement"
                text = f"changed {where} of {frame_name(place)} ({place.file}:{place.line})"
                best = Hit(value, text, place.file, place.line, region.hunk, place.index)
    return best
