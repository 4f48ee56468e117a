"""What the error's message names occurs in what the commit changed: a removed attribute, a renamed key, a new column.

See ranking.md S6 and 2.1.
"""

from __future__ import annotations

import re
from typing import Final

from deploywatch.model import Commit
from deploywatch.suspects.change import Change
from deploywatch.suspects.scene import Scene
from deploywatch.suspects.signals.base import Hit
from deploywatch.suspects.syntax.words import KEYWORDS

# A quote opens after something that is no letter and closes before such: the apostrophe of "can't" does neither.
_QUOTED: Final = re.compile(r"(?<!\w)[`'\"‘“]([^`'\"’”\n]{1,80})[`'\"’”](?!\w)")
_UNQUOTED: Final = re.compile(
    r"\b(\w+) is not defined\b|\b(\w+) is not a (?:function|constructor)\b"
    r"|\b(?:no such (?:column|table|function)|undefined method|unknown column):? [`'\"]?([\w.]+)"
)
_NAME: Final = re.compile(r"[A-Za-z_$][\w$]*")
_TELLING: Final = re.compile(r"\w_\w|[a-z][A-Z]")
_CALLED: Final = re.compile(r"([A-Za-z_]\w*)\(\)")
_READ: Final = 2000


def named(message: str) -> frozenset[str]:
    """The identifiers that a message names.

    Quoted ones, ones written with underscore or inner capital, ``called()`` ones, and those of the messages that quote nothing.
    """
    text = message[:_READ]
    quoted = (name for part in _QUOTED.findall(text) for name in _NAME.findall(part) if len(name) > 2)
    telling = (name for name in _NAME.findall(text) if len(name) > 3 and _TELLING.search(name))
    told = (name for found in _UNQUOTED.findall(text) for part in found for name in _NAME.findall(part) if len(name) > 2)
    return frozenset((*quoted, *telling, *told, *_CALLED.findall(text))) - KEYWORDS


def message(scene: Scene, commit: Commit, /) -> Hit | None:
    """The rarest identifier of the messages that the commit's changed code has."""
    return _rarest(scene, scene.changes[commit.sha], scene.changes[commit.sha].names, "touches")


def message_added(scene: Scene, commit: Commit, /) -> Hit | None:
    """One that the commit uses more often than before."""
    change = scene.changes[commit.sha]
    return _rarest(scene, change, frozenset(n for n, k in change.added_names.items() if k > change.removed_names[n]), "adds")


def message_removed(scene: Scene, commit: Commit, /) -> Hit | None:
    """One that the commit removed or renamed: the thing that is now missing."""
    change = scene.changes[commit.sha]
    return _rarest(scene, change, frozenset(n for n, k in change.removed_names.items() if k > change.added_names[n]), "removes")


def message_definition(scene: Scene, commit: Commit, /) -> Hit | None:
    """The commit changed the definition of something that the message names."""
    change = scene.changes[commit.sha]
    return _rarest(scene, change, frozenset(change.definitions), "changes the definition of")


def write_removed(scene: Scene, commit: Commit, /) -> Hit | None:
    """The commit took away a line that gave a value to what the message names.

    That is a key of a dict, an attribute, a parameter or a definition. Also where another line does so afterwards: what was
    always set may now be set sometimes.
    """
    change = scene.changes[commit.sha]
    wanted = scene.once(named_names) & (change.removed_names.keys() | frozenset(change.definitions))
    for name in sorted(wanted, key=lambda name: (-scene.rarity(name), name)):
        writes = re.compile(
            rf"""['"]{re.escape(name)}['"]\]?\s*[:=](?!=)|\b{re.escape(name)}\s*[:=](?!=)|\b(?:def|class|function|func|fn)\s+{re.escape(name)}\b"""
        )
        for diff in change.live:
            for hunk in diff.hunks:
                gone = next(
                    (
                        line
                        for line in hunk.removed
                        if name in line and line.strip() not in change.added_texts and writes.search(line)
                    ),
                    None,
                )
                if gone:
                    text = f"removed `{gone.strip()[:80]}` from {diff.change.path}, which set `{name}` that the error names"
                    return Hit(scene.rarity(name), text, scene.head_path(diff), None, hunk)
    return None


def _rarest(scene: Scene, change: Change, names: frozenset[str], verb: str) -> Hit | None:
    found = max(scene.once(named_names) & names, key=lambda name: (scene.rarity(name), name), default=None)
    if found is None:
        return None
    for diff in change.live:
        for hunk in diff.hunks:
            if any(found in text for text in (*hunk.removed, *hunk.added)):
                return Hit(
                    scene.rarity(found),
                    f"{verb} `{found}`, which the error names, in {diff.change.path}",
                    scene.head_path(diff),
                    None,
                    hunk,
                )
    return Hit(scene.rarity(found), f"{verb} `{found}`, which the error names")


def quoted_names(scene: Scene) -> frozenset[str]:
    """Every name that the messages name, keywords included: a property may be called ``type``."""
    texts = [(raised.message or "")[:_READ] for raised in scene.trace.exceptions]
    return frozenset(name for text in texts for part in _QUOTED.findall(text) for name in _NAME.findall(part)) | scene.once(
        named_names
    )


def named_names(scene: Scene) -> frozenset[str]:
    """The identifiers that the messages name, as ``named`` tells them."""
    return frozenset(name for raised in scene.trace.exceptions for name in named(raised.message or ""))
