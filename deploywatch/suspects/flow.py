"""Where the value came from that the failing statement used: a walk backwards along the data.

``node.type`` fails because ``node`` is undefined; ``node`` is a parameter; the caller passed ``prop.node``; whoever no longer
writes ``node: ...`` made it so. The walk goes through the assignments of the failing function, through its parameters into the
caller's statement, and so on (a backward slice: Weiser 1981; CrashLocator, ISSTA 2014, walks the same way). There are no types
and no full flow graph: text rules for every language tell variables from members (attributes, keys) by how they are written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from deploywatch.suspects.scene import Place, Scene
from deploywatch.suspects.signals.message import quoted_names
from deploywatch.suspects.syntax.words import KEYWORDS, indent

_FRAMES: Final = 4
_LOOKED: Final = 120
_FADE: Final = 0.7
_LEAST: Final = 0.1
_NULL: Final = re.compile(
    r"of undefined|of null|is undefined|is null|undefined is not an object|null is not an object|NoneType|for nil|nil pointer"
    r"|NullPointer|Object reference not set|on null|is not iterable|not a function|Undefined (?:index|variable|array key)",
    re.IGNORECASE,
)
_STRING: Final = re.compile(r"""(?<!\[)(?P<quote>['"])(?:\\.|(?!(?P=quote)).)*(?P=quote)""")
# Not a member, not a function called, not a keyword argument's name.
_VARIABLE: Final = re.compile(r"(?<![\w$.@'\"])([A-Za-z_$][\w$]*)(?!\s*\(|[\w$]|['\"])(?!\s*=(?![=>])(?=[^,()]*[,)]))")
_MEMBER: Final = re.compile(
    r"""\.\s*([A-Za-z_$][\w$]*)(?!\s*\(|[\w$])|\[\s*['"]([A-Za-z_$][\w$]*)['"]\s*\]|\.get\(\s*['"](\w+)"""
)
_ASSIGNS: Final = re.compile(
    r"^\s*(?:(?:export|const|let|var|final|auto|val|my|public|private|static)\s+)*(?:[A-Za-z_][\w.<>\[\]]*\s+)?[(\[{]?\s*"
    r"([A-Za-z_$@][\w$]*(?:\s*,\s*\*?[A-Za-z_$@][\w$]*)*)\s*[)\]}]?\s*(?::[^=\n]+)?(?::=|\|\|=|\?\?=|[-+*/%|&]?=)(?![=>])"
    r"|\bfor\s+(?:await\s+)?\(?(?:const\s+|let\s+|var\s+)?([A-Za-z_$][\w$]*(?:\s*,\s*[A-Za-z_$][\w$]*)*)\s+(?:in|of)\b"
    r"|\bas\s+([A-Za-z_]\w*)\s*:|\(?([A-Za-z_]\w*)\s*:=\s"
)
_LOOP: Final = re.compile(r"\bfor\s+([\w$,\s]+?)\s+(?:in|of)\b(.*)", re.DOTALL)
_CALLBACK: Final = re.compile(r"\(([^()]*)\)\s*=>|([A-Za-z_$][\w$]*)\s*=>|\bfunction\s*\w*\(([^()]*)\)|\blambda\s+([^:]*):")
_COMPARISON: Final = re.compile(r"[=!<>]==?|=>")
_NAME: Final = re.compile(r"[A-Za-z_$@][\w$]*")


@dataclass(frozen=True, slots=True)
class Site:
    """A statement (lines at head, inclusive) of a frame's function that gave a value to ``name``, which reached the failure."""

    place: Place
    first: int
    last: int
    name: str
    weight: float


@dataclass(frozen=True, slots=True)
class Flow:
    """Where a failing value came from; weights from 1 (the failing statement's own) downwards.

    ``members`` are the attributes and keys that it was read from. ``is_missing``: the error tells which value it was, one that
    was missing; else it is any that the failing statement and the calls to it read.
    """

    sites: tuple[Site, ...]
    members: Mapping[str, float]
    is_missing: bool


def assigned(line: str) -> tuple[str, ...]:
    """The names that a line of source gives a value: by assignment, as a loop's variable, by ``as``."""
    found = _ASSIGNS.search(line)
    return tuple(_NAME.findall(next(group for group in found.groups() if group))) if found else ()


def flow(scene: Scene) -> Flow:
    """The walk from the failing statement: from the missing value where the error tells of one, else from all that is read."""
    walk = _Walk(scene)
    places = [place for place in scene.places if place.cause == 0 and place.depth < _FRAMES]
    wanted: dict[str, float] = {}
    for inner, place in zip([None, *places], places, strict=False):
        text = scene.statement(place)
        wanted = walk.start(text) if inner is None else walk.passed(inner, place, text, wanted)
        walk.inside(place, text, wanted)
        if not wanted:
            break
    return Flow(tuple(walk.sites), walk.members, walk.is_missing)


class _Walk:
    """The sites and members seen so far; what is still ``wanted`` goes along as variables with their weights."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.sites: list[Site] = []
        self.members: dict[str, float] = {}
        self.is_missing = False

    def start(self, text: str) -> dict[str, float]:
        missing = _missing(self._scene, text)
        self.is_missing = bool(missing)
        wanted = self._read(text, 1.0)
        if not missing:
            return wanted
        self.members = {name: weight for name, weight in self.members.items() if name in missing}
        return {name: weight for name, weight in wanted.items() if name in missing}

    def passed(self, inner: Place, place: Place, text: str, wanted: Mapping[str, float]) -> dict[str, float]:
        """What the caller's statement reads, where a parameter of the inner frame's function is wanted."""
        span = inner.definition
        head = frozenset(_NAME.findall("\n".join(self._scene.lines(inner.file, span.first, span.signature_last)))) if span else ()
        best = max((weight for name, weight in wanted.items() if name in head), default=0.0)
        best *= 1.0 if place.is_plumbing else _FADE
        return self._read(text, best) if best > _LEAST else {}

    def inside(self, place: Place, text: str, wanted: dict[str, float]) -> None:
        """Through the assignments before a frame's statement, the nearest first."""
        self._comprehend(text, wanted)
        span = place.definition
        start = max(span.first if span and not span.is_class else place.line, place.statement[0] - _LOOKED)
        above = self._scene.lines(place.file, start, place.statement[0] - 1)
        for number, line in reversed(list(enumerate(above, start))):
            if line.strip():
                self._bind(place, number, line, wanted, indent(text))

    def _comprehend(self, text: str, wanted: dict[str, float]) -> None:
        """Into what the statement itself loops over."""
        for names, rest in _LOOP.findall(text):
            for name in _NAME.findall(names):
                if (weight := wanted.pop(name, 0.0)) > _LEAST:
                    _add(wanted, self._read(rest, weight))

    def _bind(self, place: Place, number: int, line: str, wanted: dict[str, float], depth: int) -> None:
        """What one line gives a value. An assignment that is indented no deeper than the statement hides those above it."""
        own = assigned(line)
        given = [name for group in _CALLBACK.findall(line) for part in group for name in _NAME.findall(part)]
        for name in dict.fromkeys((*own, *given)):
            if (weight := wanted.get(name, 0.0)) <= _LEAST:
                continue
            first, last = self._scene.outline(place.file).statement(number)
            self.sites.append(Site(place, first, last, name, weight))
            if name in own and indent(line) <= depth:
                del wanted[name]
            text = "\n".join(self._scene.lines(place.file, first, last)) if number == first else line
            sources = self._read(_right(text) if name in own else line, weight * _FADE)
            _add(wanted, {source: value for source, value in sources.items() if source != name})

    def _read(self, text: str, weight: float) -> dict[str, float]:
        """The variables that an expression reads; its members are put down."""
        _add(self.members, {name: weight for found in _MEMBER.findall(text) for name in found if len(name) > 2})
        names = _VARIABLE.findall(_STRING.sub('""', text))
        return {name: weight for name in names if name not in KEYWORDS and len(name) > 1}


def _missing(scene: Scene, text: str) -> frozenset[str]:
    """What stands before the name that an error about a missing value names; empty for other errors."""
    raised = scene.trace.exceptions[-1] if scene.trace.exceptions else None
    if raised is None or not _NULL.search(f"{raised.type or ''} {raised.message or ''}"[:2000]):
        return frozenset()
    named = "|".join(map(re.escape, sorted(scene.once(quoted_names))))
    found = re.findall(rf"([A-Za-z_$][\w$]*)(?:\(\))?\s*(?:\??\.\s*|\[['\"]?)(?:{named})\b", text) if named else []
    return frozenset(found)


def _right(text: str) -> str:
    """What stands right of an assignment, or what a loop goes over."""
    loop = _LOOP.search(text)
    return loop[2] if loop else _COMPARISON.sub("  ", text).partition("=")[2] or text


def _add(known: dict[str, float], found: Mapping[str, float]) -> None:
    for name, weight in found.items():
        known[name] = max(known.get(name, 0.0), weight)
