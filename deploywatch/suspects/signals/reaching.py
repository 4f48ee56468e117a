"""The commit wrote a value that reached the failing statement: one step backwards along the data.

A traceback names the line where a value was used; the change is often where it was made. Without types or a full flow graph the
step is taken inside the frame's function: the lines before the statement that assign one of the names it reads, the nearest
assignment of a name counting most (a backward slice of length one: Weiser 1981; CrashLocator, ISSTA 2014, walks the same way).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from deploywatch.model import Commit
from deploywatch.suspects.scene import Place, Scene
from deploywatch.suspects.signals.base import Hit, frame_name
from deploywatch.suspects.syntax.words import KEYWORDS

_NAME: Final = re.compile(r"(?<![\w$.])[A-Za-z_$][\w$]*")
_ASSIGNS: Final = re.compile(
    r"^\s*(?:(?:export|const|let|var|final|auto|val|my|public|private|static)\s+)*(?:[A-Za-z_][\w.<>\[\]]*\s+)?[(\[{]?\s*"
    r"([A-Za-z_$@][\w$]*(?:\s*,\s*\*?[A-Za-z_$@][\w$]*)*)\s*[)\]}]?\s*(?::[^=\n]+)?(?::=|\|\|=|\?\?=|[-+*/%|&]?=)(?![=>])"
    r"|\bfor\s+(?:await\s+)?\(?(?:const\s+|let\s+|var\s+)?([A-Za-z_$][\w$]*(?:\s*,\s*[A-Za-z_$][\w$]*)*)\s+(?:in|of)\b"
    r"|\bas\s+([A-Za-z_]\w*)\s*:|\(?([A-Za-z_]\w*)\s*:=\s"
)
_DEPTH: Final = 3
_LOOKED: Final = 120
_FADE: Final = 0.5


def reaching(scene: Scene, commit: Commit, /) -> Hit | None:
    """Whether the commit last touched an assignment whose value a frame's statement reads."""
    best: Hit | None = None
    for place, line, name, strength in scene.once(_sources):
        origin = scene.origin(place.file, line)
        if origin is None or origin.sha != commit.sha or place.file not in scene.touched(commit):
            continue
        if strength > (best.value if best else 0.0):
            text = f"set `{name}` at {place.file}:{line}, which the statement of {frame_name(place)} reads"
            best = Hit(strength, text, place.file, line, scene.hunk_at(place.file, commit, (line, line)), place.index)
    return best


def _sources(scene: Scene) -> list[tuple[Place, int, str, float]]:
    """Frame, line, name and strength of every assignment that may have reached a frame's statement."""
    return [source for place in scene.places if place.depth <= _DEPTH for source in _of(scene, place)]


def _of(scene: Scene, place: Place) -> Iterator[tuple[Place, int, str, float]]:
    wanted = {name: 1.0 for name in _NAME.findall(scene.statement(place)) if name not in KEYWORDS}
    first = place.definition.first if place.definition and not place.definition.is_class else place.line
    start = max(first, place.statement[0] - _LOOKED)
    lines = scene.lines(place.file, start, place.statement[0] - 1)
    for number, text in reversed(list(enumerate(lines, start))):
        for name in assigned(text):
            if wanted.get(name, 0.0) > 0.1:
                yield place, number, name, place.weight * wanted[name]
                wanted[name] *= _FADE


def assigned(line: str) -> tuple[str, ...]:
    """The names that a line of source gives a value: by assignment, as a loop's variable, by ``as``."""
    found = _ASSIGNS.search(line)
    return tuple(re.findall(r"[A-Za-z_$@][\w$]*", next(group for group in found.groups() if group))) if found else ()
