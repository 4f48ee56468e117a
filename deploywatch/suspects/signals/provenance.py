"""The commit changed where the value comes from that was wrong at the failing statement.

``node.type`` fails because ``node`` is undefined; ``node`` is a parameter; the caller passed ``prop.node``; whoever no longer
writes ``node: ...`` made it so. The names are followed backwards through parameters into the caller's statement, and through
assignments inside the function; then a commit counts that writes, or no longer writes, such a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from deploywatch.model import Commit
from deploywatch.suspects.scene import Place, Scene
from deploywatch.suspects.signals.base import Hit
from deploywatch.suspects.signals.message import quoted_names
from deploywatch.suspects.syntax.words import identifiers

_NULL: Final = re.compile(
    r"of undefined|of null|is undefined|is null|undefined is not an object|null is not an object|NoneType|for nil|nil pointer"
    r"|NullPointer|Object reference not set|on null|is not iterable|not a function|Undefined (?:index|variable|array key)",
    re.IGNORECASE,
)
_STEPS: Final = 3
_FADE: Final = 0.7
_ADDED: Final = 0.7


def provenance(scene: Scene, commit: Commit, /) -> Hit | None:
    """The likeliest such name that the commit stopped or started writing."""
    change = scene.changes[commit.sha]
    best: Hit | None = None
    for name, weight in scene.once(origins).items():
        if not change.may_write(name):
            continue
        for side, strength, verb in ((change.unwritten, 1.0, "no longer sets"), (change.written, _ADDED, "sets")):
            if name in side and (value := weight * strength * scene.write_rarity(name)) > (best.value if best else 0.0):
                diff, hunk, line = side[name]
                text = f"{verb} `{name}` in {diff.change.path} (`{line.strip()[:60]}`), where the failing value comes from"
                best = Hit(min(1.0, value), text, scene.head_path(diff), None, hunk)
    return best


def origins(scene: Scene) -> Mapping[str, float]:
    """Names that the failing value came through -> how near: 1 for the failing statement's own."""
    found: dict[str, float] = {}
    raised = scene.trace.exceptions[-1] if scene.trace.exceptions else None
    if raised is None or not _NULL.search(f"{raised.type or ''} {raised.message or ''}"):
        return found
    places = [place for place in scene.places if place.cause == 0]
    names = _receivers(scene, places[0]) if places else set()
    weight = 1.0
    for inner, outer in zip(places[:_STEPS], [*places[1 : _STEPS + 1], None], strict=False):
        for name in names:
            found.setdefault(name, weight)
        names = names | set(_assigned_from(scene, inner, names))
        for name in names:
            found.setdefault(name, weight * _FADE)
        if outer is None or not _is_given(scene, inner, outer, names):
            break
        weight *= _FADE
        names = set(identifiers(scene.statement(outer)))
    return {name: value for name, value in found.items() if len(name) > 2}


def _receivers(scene: Scene, place: Place) -> set[str]:
    """What stands before the name that the error names; else all that the statement reads."""
    text = scene.statement(place)
    named = "|".join(map(re.escape, sorted(scene.once(quoted_names))))
    found = re.findall(rf"([A-Za-z_$][\w$]*)(?:\(\))?\s*(?:\??\.\s*|\[['\"]?)(?:{named})\b", text) if named else []
    return set(found) or set(identifiers(text))


def _assigned_from(scene: Scene, place: Place, names: set[str]) -> Iterator[str]:
    """What the names were assigned from inside the frame's function, by the nearest assignment before the statement."""
    first = place.definition.first if place.definition and not place.definition.is_class else place.line
    for text in reversed(scene.lines(place.file, max(first, place.statement[0] - 60), place.statement[0] - 1)):
        left, equals, right = re.sub(r"[=!<>]==?|=>", " ", text).partition("=")
        if equals and names & set(re.findall(r"[A-Za-z_$][\w$]*", left)):
            yield from identifiers(right)
            return


def _is_given(scene: Scene, inner: Place, outer: Place, names: set[str]) -> bool:
    """Whether one of the names is a parameter of the inner frame's function: then the outer frame's statement passed it."""
    span = inner.definition
    head = scene.lines(inner.file, span.first, span.signature_last) if span else []
    near = [*head, scene.statement(outer)]
    return any(re.search(rf"[(,]\s*\*?{re.escape(name)}\s*[,:)=]|\b{re.escape(name)}\s*=>", "\n".join(near)) for name in names)
