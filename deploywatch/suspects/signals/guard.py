"""The commit took a check away that the failure would have met (SZZ's blind spot: a deletion leaves no line to blame).

A check is a condition, a handler, a default for what may be missing. Only what is gone counts: a check that is written anew in
the same hunk is no loss.
"""

from __future__ import annotations

import re
from typing import Final

from deploywatch.model import Commit, Hunk
from deploywatch.suspects.scene import Scene
from deploywatch.suspects.signals.base import Hit

_GUARD: Final = re.compile(
    r"\b(?:if|elif|unless|try|except|catch|rescue|isinstance|hasattr|typeof|instanceof|assert)\b|&&|\|\||\?\.|\?\?"
    r"|\bis\s+(?:not\s+)?None\b|[!=]==?\s*(?:null|undefined|nil)\b|\.get\(|\b(?:and|or)\b"
)
_ELSEWHERE: Final = 0.4


def guard(scene: Scene, commit: Commit, /) -> Hit | None:
    """Whether a hunk in a function of the stack, or else in a file of it, has fewer checks than before."""
    best: Hit | None = None
    known: dict[int, str] = {}
    for place in scene.places:
        span = place.definition
        for region in scene.code_regions(place.file, commit):
            if id(region.hunk) not in known:
                known[id(region.hunk)] = _lost(region.hunk)
            if not (lost := known[id(region.hunk)]):
                continue
            inside = span is not None and not span.is_class and region.meets(span.first, span.last)
            value = place.weight * (1.0 if inside else _ELSEWHERE)
            if value > (best.value if best else 0.0):
                where = "function" if inside else "file"
                text = f"took a check away in the {where} of frame #{place.index}: `{lost[:80]}`"
                best = Hit(value, text, place.file, place.line, region.hunk, place.index)
    return best


def _lost(hunk: Hunk) -> str:
    """The first removed line with a check, where the hunk has none any more; else nothing: rewritten checks are no loss."""
    gone = next((line for line in hunk.removed if _GUARD.search(line)), None)
    if gone is None or any(_GUARD.search(line) for line in hunk.added):
        return ""
    return gone.strip()
