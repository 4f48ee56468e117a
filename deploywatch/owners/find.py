"""Where owner files are looked for. The reading is the caller's: at the deployed commit, never at a branch tip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from deploywatch.owners import codeowners
from deploywatch.owners.codeowners import OwnerFile

CODEOWNERS_PATHS: Final = codeowners.PATHS
"""GitHub's places, in its order."""


def find(read: Callable[[str], str | None], paths: Sequence[str] = CODEOWNERS_PATHS) -> OwnerFile | None:
    """The first owner file that exists, parsed; ``read`` gives a file's text or ``None``. ``None`` where there is none."""
    for path in paths:
        text = read(path)
        if text is not None:
            return codeowners.parse(text, path)
    return None
