"""The commit changed who sets the attribute or key that the failing value was read from, wherever that is (see ``flow``).

Only what is written as a member counts (``.node =``, ``node: ...``, ``node=...`` in a call, ``["node"] =``), not a local variable
of the same name; and only in code, not in what is installed or configured.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from deploywatch.model import Commit, FileDiff, Hunk
from deploywatch.suspects.change import Change, code_lines
from deploywatch.suspects.flow import flow
from deploywatch.suspects.kinds import Kind, kind_of
from deploywatch.suspects.scene import Scene
from deploywatch.suspects.signals.base import Hit

_OTHERWISE: Final = 0.6
_WRITES: Final = (
    r"""['"]{name}['"]\s*\]?\s*(?::(?!:)|=(?!=))|\.{name}\s*(?:[-+*/|&]|\|\||\?\?)?=(?![=>])"""
    r"""|[(,{{]\s*{name}\s*(?:=(?![=>])|:(?!:))|^\s*{name}\s*:(?!:)|^\s*{name}=(?![= ])"""
)
_KINDS: Final = (Kind.CODE, Kind.TEMPLATE)


def provenance(scene: Scene, commit: Commit, /) -> Hit | None:
    """The likeliest such member that the commit stopped setting, or else sets otherwise or anew."""
    change = scene.changes[commit.sha]
    best: Hit | None = None
    came = scene.once(flow)
    why = "where the failing value comes from" if came.is_missing else "which a statement of the stack reads"
    for name, weight in came.members.items():
        for diff, hunk, line, is_gone in _writes(change, name) if change.may_have(name) else ():
            value = weight * scene.rarity(name) * (1.0 if is_gone else _OTHERWISE)
            if value > (best.value if best else 0.0):
                verb = "no longer sets" if is_gone else "sets"
                text = f"{verb} `{name}` in {diff.change.path} (`{line.strip()[:60]}`), {why}"
                best = Hit(min(1.0, value), text, scene.head_path(diff), None, hunk)
    return best


def _writes(change: Change, name: str) -> Iterator[tuple[FileDiff, Hunk, str, bool]]:
    """Each hunk that writes a member anew or no longer, with the first such line, and whether the hunk has none any more."""
    writes = re.compile(_WRITES.format(name=re.escape(name)))
    in_class = re.compile(rf"^\s*{re.escape(name)}\s*[:=](?!=)")
    for diff in change.live:
        if kind_of(diff.change.path) not in _KINDS:
            continue
        for hunk in diff.hunks:
            patterns = (writes, in_class) if "class " in hunk.context else (writes,)
            sides = ((hunk.removed, change.added_texts), (hunk.added, change.removed_texts))
            gone, new = (_first(code_lines(lines, diff.change.path), patterns, kept) for lines, kept in sides)
            if line := gone or new:
                yield diff, hunk, line, new is None


def _first(lines: Iterable[str], patterns: Iterable[re.Pattern[str]], kept: frozenset[str]) -> str | None:
    return next((line for line in lines if line.strip() not in kept and any(p.search(line) for p in patterns)), None)
