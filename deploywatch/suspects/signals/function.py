"""The commit changed the function that a frame was in (ranking.md S4, S5; CrashLocator works on functions too).

Added, replaced and *deleted* lines count: a removed check leaves no line to blame.
"""

from __future__ import annotations

from collections.abc import Iterator

from deploywatch.model import Commit
from deploywatch.suspects.carry import Region
from deploywatch.suspects.change import code_lines
from deploywatch.suspects.scene import Place, Scene
from deploywatch.suspects.signals.base import Hit, noisy_or


def function(scene: Scene, commit: Commit, /) -> Hit | None:
    """Whether functions of the stack were changed, nearest the failure counting most."""
    found = [(place, regions) for place, regions in _inside(scene, commit)]
    if not found:
        return None
    place, regions = max(found, key=lambda item: item[0].weight)
    text = f"changed {_name(place)}, the function of frame #{place.index}"
    return Hit(noisy_or([p.weight for p, _ in found]), text, place.file, place.line, regions[0].hunk, place.index)


def function_share(scene: Scene, commit: Commit, /) -> Hit | None:
    """How much of a function of the stack was rewritten: a new function is the work of one commit."""
    best: Hit | None = None
    for place, regions in _inside(scene, commit):
        span = place.definition
        if span is None:
            continue
        changed = sum(max(0, min(r.last, span.last) - max(r.first, span.first) + 1) for r in regions)
        share = min(1.0, changed / _length(place))
        if share * place.weight > (best.value if best else 0.0):
            text = f"rewrote {round(100 * share)}% of {_name(place)} (frame #{place.index})"
            best = Hit(share * place.weight, text, place.file, place.line, regions[0].hunk, place.index)
    return best


def removal(scene: Scene, commit: Commit, /) -> Hit | None:
    """Whether code was taken out of a function of the stack: a lost check, default or handler (SZZ's blind spot)."""
    best: Hit | None = None
    for place, regions in _inside(scene, commit):
        for region in regions:
            lost = code_lines(region.hunk.removed, place.file)
            if len(lost) > len(code_lines(region.hunk.added, place.file)) and place.weight > (best.value if best else 0.0):
                text = f"removed code from {_name(place)} (frame #{place.index}): `{lost[0].strip()[:80]}`"
                best = Hit(place.weight, text, place.file, place.line, region.hunk, place.index)
    return best


def _inside(scene: Scene, commit: Commit) -> Iterator[tuple[Place, tuple[Region, ...]]]:
    for place in scene.places:
        span = place.definition
        if span is None or span.is_class:
            continue
        regions = tuple(r for r in scene.code_regions(place.file, commit) if r.meets(span.first, span.last))
        if regions:
            yield place, regions


def _length(place: Place) -> int:
    return place.definition.last - place.definition.first + 1 if place.definition else 1


def _name(place: Place) -> str:
    return f"`{place.definition.name}()`" if place.definition else "module level"
