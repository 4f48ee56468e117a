"""How much code the commit changed: a large change has more to go wrong (ranking.md 7.3: large commits are guilty more often)."""

from __future__ import annotations

import math
from typing import Final

from deploywatch.model import Commit
from deploywatch.suspects.scene import Scene
from deploywatch.suspects.signals.base import Hit

_LARGE: Final = 1000


def size(scene: Scene, commit: Commit, /) -> Hit | None:
    """Changed code lines on a logarithmic scale: 0 for none, 1 for a thousand and more."""
    change = scene.changes[commit.sha]
    lines = len(change.added) + len(change.removed)
    if not lines:
        return None
    return Hit(min(1.0, math.log1p(lines) / math.log1p(_LARGE)), f"changed {lines} lines of code")
