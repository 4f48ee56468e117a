"""The commit changed what the program reads instead of what it runs: configuration, the database's shape, templates, data files.

Such files are in no stack trace. They are known by name: a setting that the failing code or the error names (ranking.md S22), a
table or column that the database misses (S23), a path that stands in the error or in a statement of the stack (S21).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from deploywatch.model import Commit, FileDiff
from deploywatch.suspects.kinds import Kind, kind_of
from deploywatch.suspects.scene import Scene
from deploywatch.suspects.signals.base import Hit
from deploywatch.suspects.signals.message import named_names
from deploywatch.suspects.syntax.words import KEYWORDS

_DATABASE: Final = re.compile(
    r"OperationalError|ProgrammingError|IntegrityError|DatabaseError|InternalError|Undefined(?:Column|Table|Function)|SQLSTATE"
    r"|PSQLException|SQLException|SqlException|StatementInvalid|QueryFailedError"
    r"|no such (?:column|table)|[Uu]nknown column|relation \S+ does not exist"
    r"|column \S+ does not exist|violates \S+ constraint|doesn't exist"
)
_WORD: Final = re.compile(r"[A-Za-z_][\w-]*")
_QUOTED: Final = re.compile(r"['\"]([^'\"\s]{2,80})['\"]")
_KEY: Final = re.compile(r"[\w.-]*[\w]")
_PATH: Final = re.compile(r"[\w@.-]+(?:/[\w@.-]+)+|[\w@-]+(?:\.[\w-]+)*\.[A-Za-z]\w{0,5}(?!\w)")
_UNNAMED: Final = 0.3
_DEPTH: Final = 3
_READ: Final = 2000


def configuration(scene: Scene, commit: Commit, /) -> Hit | None:
    """A setting that the error or the stack's code names was set, unset or changed."""
    return _named_in(scene, commit, Kind.CONFIGURATION, scene.once(_settings), "the setting")


def migration(scene: Scene, commit: Commit, /) -> Hit | None:
    """The database's shape was changed and the database complains: about what the error names, or about anything."""
    if not scene.says(_DATABASE):
        return None
    named = _named_in(scene, commit, Kind.MIGRATION, dict.fromkeys(scene.once(named_names), 1.0), "the table or column")
    if named:
        return named
    diff = next((d for d in scene.diffs_of.get(commit.sha, ()) if kind_of(d.change.path) is Kind.MIGRATION), None)
    if diff is None:
        return None
    text = f"changed the database in {diff.change.path}, and the database refused"
    return Hit(_UNNAMED, text, scene.head_path(diff), None, diff.hunks[0] if diff.hunks else None)


def named_file(scene: Scene, commit: Commit, /) -> Hit | None:
    """A file that the error or a statement of the stack names was changed: a template, a query, a data file."""
    wanted = scene.once(_paths)
    for diff in scene.diffs_of.get(commit.sha, ()) if wanted else ():
        path = scene.head_path(diff)
        if path in scene.files:
            continue
        named = next((name for name in wanted if path == name or path.endswith(f"/{name}")), None)
        if named:
            text = f"changed {path}, which {wanted[named]} names"
            return Hit(1.0, text, path, None, diff.hunks[0] if diff.hunks else None)
    return None


def _named_in(scene: Scene, commit: Commit, kind: Kind, names: Mapping[str, float], what: str) -> Hit | None:
    best: Hit | None = None
    for diff in scene.diffs_of.get(commit.sha, ()) if names else ():
        if kind_of(diff.change.path) is not kind:
            continue
        for name in sorted(_words_of(diff) & names.keys()):
            value = names[name] * scene.rarity(name)
            if value > (best.value if best else 0.0):
                hunk = next(h for h in diff.hunks if any(name in line for line in (*h.removed, *h.added)))
                text = f"changed {what} `{name}` in {diff.change.path}, which the failure names"
                best = Hit(min(1.0, value), text, scene.head_path(diff), None, hunk)
    return best


def _words_of(diff: FileDiff) -> frozenset[str]:
    lines = (line for hunk in diff.hunks for line in (*hunk.removed, *hunk.added))
    return frozenset(word for line in lines for word in _WORD.findall(line[:400]))


def _settings(scene: Scene) -> dict[str, float]:
    """Names that may be settings: those of the error, constants and quoted keys of the stack's statements -> weight."""
    found = dict.fromkeys(scene.once(named_names), 1.0)
    for place in scene.places:
        if place.depth <= _DEPTH:
            text = scene.statement(place)
            keys = (part for quoted in _QUOTED.findall(text) if _KEY.fullmatch(quoted) for part in quoted.split("."))
            constants = (word for word in _WORD.findall(text) if word.isupper() and len(word) > 3)
            for name in (*keys, *constants):
                found.setdefault(name, place.weight)
    return {name: weight for name, weight in found.items() if len(name) > 3 and name not in KEYWORDS}


def _paths(scene: Scene) -> dict[str, str]:
    """Paths with an ending that the error or a statement of the stack names -> who names them."""
    found: dict[str, str] = {}
    for place in scene.places:
        if place.depth <= _DEPTH:
            _add(found, (part for part in _QUOTED.findall(scene.statement(place))), f"the statement of frame #{place.index}")
    for raised in scene.trace.exceptions:
        _add(found, _PATH.findall((raised.message or "")[:_READ]), "the error")
    return found


def _add(found: dict[str, str], names: Iterable[str], who: str) -> None:
    for name in names:
        if _PATH.fullmatch(name.strip("./")) and "." in name.rpartition("/")[2].strip("."):
            found.setdefault(name.strip("./"), who)
