"""What a window that is too wide to be read whole changed in a few files. The cost follows the files, not the window."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploywatch.history.diffs import Changes
from deploywatch.history.lineage import names_in_window
from deploywatch.history.repository import Repository
from deploywatch.model import Commit, CommitWindow, FileDiff, Origins
from deploywatch.suspects.renames import Renames


@dataclass(frozen=True, slots=True)
class Touches:
    """The commits that changed a file, each with all of its files, what they changed in it, and where its lines are from.

    Newest first. ``order`` is the place of each commit, from 0, among all that the same question found.
    """

    commits: Mapping[str, Commit]
    diffs: tuple[FileDiff, ...]
    origins: Origins
    order: Mapping[str, int]


Meanwhile = Callable[[Sequence[Commit], Sequence[FileDiff]], None]
"""What can be done with the commits and what they changed, newest first, before blame has answered."""


def _nothing(_commits: Sequence[Commit], _diffs: Sequence[FileDiff]) -> None:
    return None


class NarrowReader:
    """Asks one repository about one window; blame looks through those of its commits that ``ignored`` lists."""

    def __init__(
        self, repository: Repository, window: CommitWindow, ignored: Sequence[str] = (), *, meanwhile: Meanwhile = _nothing
    ) -> None:
        self._meanwhile = meanwhile
        self._repository = repository
        self._window = CommitWindow(window.base, window.head, (), unlisted=len(window))
        self._ignored = ignored

    def read(
        self, paths: Sequence[str], pool: ThreadPoolExecutor, near: Callable[[str], Iterable[int] | None] = lambda _: None
    ) -> dict[str, Touches]:
        """Who changed each path (a name at head). The log is walked once, more often only where files were renamed.

        ``near`` gives the lines of a path whose origins are wanted (``None``: all); it is asked when the log is read.

        Asked for a file by its newest name, git shows the commit that renamed it as one that added it. That commit's own list of
        files tells the name before, and the question is put again with both.
        """
        asked = names = tuple(dict.fromkeys(paths))
        changes = self._repository.changes(self._window, names)
        with _lineage_file(changes) as lineage:
            listing = pool.submit(self._listed, changes)
            ignored = self._ignored_in(changes.lineage if lineage else None)
            blames = {path: pool.submit(self._blame, path, near(path), ignored, lineage) for path in asked}
            _ = changes.diffs  # read meanwhile
            listed = listing.result()
            if names_in_window(names, listed) == names:
                self._meanwhile(listed, changes.diffs)
            origins = {path: blame.result() for path, blame in blames.items()}
        while (found := names_in_window(names, listed)) != names:
            names = found
            changes = self._repository.changes(self._window, names)
            listed = self._listed(changes)
        return _by_path(asked, changes.diffs, listed, origins)

    def _listed(self, changes: Changes) -> tuple[Commit, ...]:
        return self._repository.commits_named(changes.patched, self._window.head)

    def _ignored_in(self, lineage: Container[str] | None) -> tuple[str, ...]:
        """Blame over a lineage meets no other commits; without one it may meet any, and then it takes a walk to know them."""
        if lineage is None:
            return self._repository.within(self._window, self._ignored)
        return tuple(sha for sha in self._ignored if sha in lineage)

    def _blame(self, path: str, lines: Iterable[int] | None, ignored: Sequence[str], lineage: str | None) -> Origins:
        return self._repository.origins(self._window, path, lines, ignored=ignored, lineage=lineage)


@contextmanager
def _lineage_file(changes: Changes) -> Iterator[str | None]:
    """The commits that changed the files as a history of their own, in a file for ``git blame -S``, which need walk no other.

    ``None`` where a file was added, perhaps renamed: then blame must see the whole commits.
    """
    if changes.adds:
        yield None
        return
    tip = next(iter(changes.lineage), None)
    lines = [f"{sha} {' '.join(parents)}\n" for sha, parents in changes.lineage.items()]
    if tip and tip != changes.head:
        lines.insert(0, f"{changes.head} {tip}\n")
    with tempfile.NamedTemporaryFile("w", encoding="ascii", suffix=".deploywatch", delete=False) as file:
        file.writelines(lines)
    try:
        yield file.name if tip else None
    finally:
        Path(file.name).unlink()


def _by_path(
    paths: Sequence[str], diffs: Sequence[FileDiff], listed: Sequence[Commit], origins: Mapping[str, Origins]
) -> dict[str, Touches]:
    commits, renames = {commit.sha: commit for commit in listed}, Renames(listed)
    order = {sha: place for place, sha in enumerate(commits)}
    at_head: dict[str, list[FileDiff]] = {path: [] for path in paths}
    for diff in diffs:
        at_head.get(renames.at_head(diff), []).append(diff)
    return {
        path: Touches({diff.sha: commits[diff.sha] for diff in own}, tuple(own), origins[path], order)
        for path, own in at_head.items()
    }
