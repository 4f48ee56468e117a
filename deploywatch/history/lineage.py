"""Renames inside the window, followed without asking git again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from deploywatch.model import ChangeType, Commit


def names_in_window(paths: Iterable[str], commits: Sequence[Commit]) -> tuple[str, ...]:
    """Every name that the files ``paths`` (of head) had within the window, those of head first.

    ``commits`` are newest first. Copies are not followed: the original lives on under its own name.
    """
    names = dict.fromkeys(paths)
    for commit in commits:
        for change in commit.files:
            if change.type is ChangeType.RENAMED and change.path in names and change.old_path:
                names.setdefault(change.old_path)
    return tuple(names)
