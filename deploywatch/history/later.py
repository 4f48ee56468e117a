"""Which later commits changed the lines that a commit had changed: whoever undoes the one undoes part of the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deploywatch.history.repository import Repository
from deploywatch.model import ChangeType, Commit, FileDiff, Hunk
from deploywatch.suspects.carry import carried


@dataclass(frozen=True, slots=True)
class _Lines:
    """Lines ``first``..``last`` of a file; where ``last == first - 1`` the gap before ``first``."""

    first: int
    last: int

    def touches(self, other: _Lines) -> bool:
        """Whether they overlap or are neighbours: git takes neighbouring changes for a conflict, too."""
        return self.first <= other.last + 1 and other.first <= self.last + 1

    def after(self, diff: FileDiff) -> _Lines:
        first = carried(self.first, [diff])
        return _Lines(first, first - 1 if self.last < self.first else max(first, carried(self.last, [diff])))


def changed_since(repository: Repository, commit: Commit, head: str) -> tuple[Commit, ...]:
    """The commits of ``commit..head`` that changed, or stand right beside, what ``commit`` changed; newest first.

    Lines are followed through renames. Parallel branches make the order of commits a guess. Raises ``GitError``.
    """
    if commit.sha == head:
        return ()
    window = repository.window(commit.sha, head)
    lines = {diff.change.path: _new_lines(diff.hunks) for diff in repository.diffs_of(commit.sha)}
    names = _names_at_head(lines, window.commits)
    found: dict[str, None] = {}
    for diff in reversed(repository.diffs(window, names)):
        before = diff.change.old_path or diff.change.path
        mine = lines.pop(before, None)
        if mine is None:
            continue
        if any(line.touches(theirs) for line in mine for theirs in _old_lines(diff.hunks)):
            found[diff.sha] = None
        lines[diff.change.path] = tuple(line.after(diff) for line in mine)
    return tuple(each for each in window.commits if each.sha in found)


def _names_at_head(names: Iterable[str], newest_first: Sequence[Commit]) -> list[str]:
    current = dict.fromkeys(names)
    for commit in reversed(newest_first):
        for change in commit.files:
            if change.type is ChangeType.RENAMED and change.old_path in current:
                current[change.path] = None
    return list(current)


def _new_lines(hunks: Iterable[Hunk]) -> tuple[_Lines, ...]:
    return tuple(_range(hunk.new_start, hunk.new_lines) for hunk in hunks)


def _old_lines(hunks: Iterable[Hunk]) -> tuple[_Lines, ...]:
    return tuple(_range(hunk.old_start, hunk.old_lines) for hunk in hunks)


def _range(start: int, count: int) -> _Lines:
    return _Lines(start, start + count - 1) if count else _Lines(start + 1, start)
