"""The commit deleted or moved the file that the error misses (ranking.md S11, S21): a module, a template, a script."""

from __future__ import annotations

import re
from typing import Final

from deploywatch.model import ChangeType, Commit
from deploywatch.suspects.scene import Scene
from deploywatch.suspects.signals.base import Hit

_MISSING: Final = re.compile(
    r"No module named|cannot import name|Cannot find module|DoesNotExist|TemplateNotFound|No such file|ENOENT|not found",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(r"[\w@./\\-]+")


def missing_file(scene: Scene, commit: Commit, /) -> Hit | None:
    """Whether a file that the commit took away is the one that the message names, by path or as a module."""
    wanted = scene.once(_wanted)
    for change in commit.files if wanted else ():
        gone = (
            change.old_path if change.type is ChangeType.RENAMED else change.path if change.type is ChangeType.DELETED else None
        )
        if gone and any(_is(gone, name) for name in wanted):
            now = f", which is {change.path} now" if change.type is ChangeType.RENAMED else ""
            return Hit(1.0, f"took away {gone}{now}: the error misses it", change.path if now else None)
    return None


def _wanted(scene: Scene) -> tuple[str, ...]:
    named = (
        name.strip("./\\").replace("\\", "/") for text in scene.errors() if _MISSING.search(text) for name in _NAMED.findall(text)
    )
    return tuple(dict.fromkeys(name for name in named if len(name) > 2))


def _is(path: str, name: str) -> bool:
    """``shop/pricing/tax.py`` is meant by itself, by ``pricing/tax``, ``shop.pricing.tax`` and by ``tax``."""
    stem = path.rpartition(".")[0] or path
    stem = stem.removesuffix("/__init__").removesuffix("/index")
    wanted = name.replace(".", "/") if "/" not in name else name
    return any(whole == part or whole.endswith(f"/{part}") for whole in (path, stem) for part in (name, wanted))
