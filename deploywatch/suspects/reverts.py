"""Commits that took each other back inside the window: neither can have caused what fails at its end.

Told by content, not by the words "This reverts commit": a commit whose hunks are exactly another's, turned round, leaves nothing
of it. Predator drops such pairs before it scores (ranking.md 1.1). To revert something older than the window is a change like any
other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from deploywatch.model import Commit, FileDiff

_Content = tuple[tuple[str, str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]], ...]


def taken_back(commits: Sequence[Commit], diffs: dict[str, tuple[FileDiff, ...]]) -> frozenset[str]:
    """The names of the commits that cancel each other out, in pairs. ``commits`` are newest first.

    A commit that is known in part only (a file without its diff, a binary file) is never among them.
    """
    waiting: dict[_Content, list[str]] = defaultdict(list)
    found: set[str] = set()
    for commit in reversed(commits):
        own = diffs.get(commit.sha, ())
        if not own or len(own) != len(commit.files) or any(diff.binary or not diff.hunks for diff in own):
            continue
        if waiting[_content(own, turned=True)]:
            found |= {commit.sha, waiting[_content(own, turned=True)].pop()}
        else:
            waiting[_content(own)].append(commit.sha)
    return frozenset(found)


def _content(diffs: Sequence[FileDiff], *, turned: bool = False) -> _Content:
    def one(diff: FileDiff) -> tuple[str, str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]:
        old, new = diff.change.old_path or diff.change.path, diff.change.path
        if turned:
            return new, old, tuple((hunk.added, hunk.removed) for hunk in diff.hunks)
        return old, new, tuple((hunk.removed, hunk.added) for hunk in diff.hunks)

    return tuple(sorted(map(one, diffs)))
