"""The commit wrote what the error names into a statement of the stack, however far out.

``KeyError: 'region'`` is raised deep inside; the frame whose statement says ``lookup("region")`` asked for it, and whoever put
``region`` there began to.
"""

from __future__ import annotations

import re
from typing import Final

from deploywatch.model import Commit
from deploywatch.suspects.scene import Place, Scene
from deploywatch.suspects.signals.base import Hit, frame_name
from deploywatch.suspects.signals.message import quoted_names

_NAME: Final = re.compile(r"[A-Za-z_$][\w$]*")
_LOOKUP: Final = re.compile(r"KeyError|LookupError|KeyNotFound|NoSuchElement")
_LONGEST: Final = 100


def named_piece(scene: Scene, commit: Commit, /) -> Hit | None:
    """The rarest such name that the commit's hunks at a frame's statement add and do not take away."""
    best: Hit | None = None
    for place, names in scene.once(_asked_for):
        for name in sorted(names & _new(scene, commit, place)):
            # The root, since a name that stands in the error, in the stack and in the change is no accident even if it is common.
            value = scene.rarity(name) ** 0.5 * place.own_weight
            if value > (best.value if best else 0.0):
                text = f"put `{name}`, which the error names, into the statement of {frame_name(place)}"
                hunk = scene.hunk_at(place.file, commit, place.statement)
                best = Hit(value, text, place.file, place.line, hunk, place.index)
    return best


def _asked_for(scene: Scene) -> list[tuple[Place, frozenset[str]]]:
    """The frames whose statements have a name that the error names, and those names."""
    named = scene.once(quoted_names) | frozenset(_keys(scene))
    each = ((place, named & frozenset(_NAME.findall(scene.statement(place)))) for place in scene.places)
    return [(place, frozenset(name for name in names if len(name) > 2)) for place, names in each if names]


def _keys(scene: Scene) -> list[str]:
    """The whole message of a failed lookup is the key, with or without quotes."""
    texts = ((raised.message or "")[:_LONGEST] for raised in scene.trace.exceptions if _LOOKUP.search(raised.type or ""))
    return [name for text in texts for name in _NAME.findall(text)]


def _new(scene: Scene, commit: Commit, place: Place) -> frozenset[str]:
    hunks = list(scene.hunks_at(place.file, commit, place.statement))
    added = {name for hunk in hunks for line in hunk.added for name in _NAME.findall(line)}
    return frozenset(added - {name for hunk in hunks for line in hunk.removed for name in _NAME.findall(line)})
