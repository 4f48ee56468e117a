"""Where owner files are looked for. The reading is the caller's: at the deployed commit, never at a branch tip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from deploywatch.owners.dialects import DIALECTS, OwnerRules

CODEOWNERS_PATHS: Final = DIALECTS["github"].paths
"""GitHub's places, in its order."""


def find(read: Callable[[str], str | None], dialect: str = "github", *, paths: Sequence[str] = ()) -> OwnerRules | None:
    """The first owner file that exists, parsed: at ``paths`` if given, else where the dialect's host looks.

    ``read`` gives the text of a file of the repository at the deployed commit, or ``None`` where there is no such file;
    ``None`` comes back where there is no owner file at all.
    """
    chosen = DIALECTS[dialect]
    for path in paths or chosen.paths:
        text = read(path)
        if text is not None:
            return chosen.parse(text, path)
    return None
