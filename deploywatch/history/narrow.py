"""What a window that is too wide to be read whole changed in a few files. The cost follows the files, not the window."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deploywatch.history.lineage import names_in_window
from deploywatch.history.repository import Repository
from deploywatch.model import Commit, CommitWindow, FileDiff
from deploywatch.suspects.renames import Renames


@dataclass(frozen=True, slots=True)
class Touches:
    """The commits that changed a file, each with all of its files, and what they changed in it. Newest first.

    ``order`` is the place of each commit, from 0, among all that the same question found.
    """

    commits: Mapping[str, Commit]
    diffs: tuple[FileDiff, ...]
    order: Mapping[str, int]


def touches(repository: Repository, window: CommitWindow, paths: Iterable[str]) -> dict[str, Touches]:
    """For each path (a name at head) who changed it. Two processes; two more for every renaming further back in the window.

    Asked for a file by its newest name, git shows the commit that renamed it as one that added it. That commit's own list of
    files tells the name before, and the question is put again with both.
    """
    asked = names = tuple(dict.fromkeys(paths))
    while True:
        diffs = repository.diffs(CommitWindow(window.base, window.head, (), unlisted=len(window)), names)
        listed = repository.commits_named(dict.fromkeys(diff.sha for diff in diffs), window.head)
        if (found := names_in_window(names, listed)) == names:
            break
        names = found
    commits, renames = {commit.sha: commit for commit in listed}, Renames(listed)
    at_head: dict[str, list[FileDiff]] = {path: [] for path in asked}
    for diff in diffs:
        at_head.get(renames.at_head(diff), []).append(diff)
    order = {sha: place for place, sha in enumerate(commits)}
    return {path: Touches({d.sha: commits[d.sha] for d in own}, tuple(own), order) for path, own in at_head.items()}
