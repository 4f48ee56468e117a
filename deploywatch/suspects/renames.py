"""Renames inside the window: the name at head of a file that a commit knew under another one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from deploywatch.model import ChangeType, Commit, FileDiff


class Renames:
    """What the window's commits renamed. ``commits`` are newest first.

    A name says which file only together with a time: after a file was moved away, another may have come under its old name.
    """

    def __init__(self, commits: Sequence[Commit] = ()) -> None:
        self._age = {commit.sha: age for age, commit in enumerate(commits)}
        self._moves: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for age, commit in enumerate(commits):
            for change in commit.files:
                if change.type is ChangeType.RENAMED and change.old_path:
                    self._moves[change.old_path].append((age, self._later_name(change.path, age)))

    def at_head(self, diff: FileDiff) -> str:
        """The name at head of the file that a commit of the window changed."""
        age = self._age.get(diff.sha)
        return diff.change.path if age is None else self._later_name(diff.change.path, age)

    def _later_name(self, path: str, age: int) -> str:
        """Where the next move after a commit of this age (0 is the newest) took the file."""
        later = [move for move in self._moves.get(path, ()) if move[0] < age]
        return max(later)[1] if later else path
