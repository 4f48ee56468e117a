"""Everything that a ranking needs of a repository, asked once a window and kept for every event of it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final

from deploywatch.history.repository import Repository, batch_texts
from deploywatch.model import CommitWindow, FileDiff, Origins
from deploywatch.suspects.renames import Renames
from deploywatch.suspects.scene import Material, Version

# Beyond this many commits the whole window's diffs cost more than they tell: only those of the stack's files are read.
WHOLE_WINDOW: Final = 400
_VERSIONS: Final = 150


class WindowHistory:
    """One window of one repository. What several events ask for is read once."""

    def __init__(self, repository: Repository, window: CommitWindow) -> None:
        self.repository = repository
        self.window = window
        self._sources: dict[str, str | None] = {}
        self._origins: dict[str, Origins] = {}
        self._versions: dict[tuple[str, str], Version] = {}
        self._narrow: dict[str, tuple[FileDiff, ...]] = {}

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Every file at head."""
        return self.repository.paths(self.window.head)

    @cached_property
    def _ignored(self) -> tuple[str, ...]:
        return self.repository.ignored_revisions(self.window)

    @cached_property
    def renames(self) -> Renames:
        """What the window renamed."""
        return Renames(self.window.commits)

    def source(self, path: str) -> str | None:
        """The text of a file at head, or ``None`` where there is no such file."""
        self.read_ahead([path])
        return self._sources[path]

    @property
    def is_small(self) -> bool:
        """Whether the diffs of the whole window are read."""
        return len(self.window) <= WHOLE_WINDOW

    @cached_property
    def _all_diffs(self) -> tuple[FileDiff, ...]:
        return self.repository.diffs(self.window)

    def material(self, files: Iterable[str], *, context: Iterable[str] = ()) -> Material:
        """What is known of ``files`` (those of the application's frames), with the texts of the files of ``context`` beside.

        All paths are names at head.
        """
        wanted = list(dict.fromkeys(files))
        diffs = self._all_diffs if self.is_small else self._diffs_of(wanted)
        touching = [diff for diff in diffs if self.renames.at_head(diff) in set(wanted)]
        self.read_ahead([*wanted, *context])
        return Material(
            window=self.window,
            diffs=diffs,
            sources={path: text for path in (*wanted, *context) if (text := self._sources.get(path)) is not None},
            origins={path: self._origins_of(path) for path in wanted},
            versions=self._versions_of(touching[:_VERSIONS]),
            renames=self.renames,
            complete=self.is_small,
        )

    def _diffs_of(self, files: Sequence[str]) -> tuple[FileDiff, ...]:
        missing = [path for path in files if path not in self._narrow]
        if missing:
            found = self.repository.diffs(self.window, missing)
            for path in missing:
                self._narrow[path] = tuple(d for d in found if self.renames.at_head(d) == path)
        return tuple(diff for path in files for diff in self._narrow[path])

    def read_ahead(self, paths: Iterable[str]) -> None:
        """Read the texts of several files at head with one process, for ``source`` and ``material`` to have."""
        missing = [path for path in dict.fromkeys(paths) if path not in self._sources]
        if missing:
            self._sources |= self.repository.read_many(missing, self.window.head)

    def _origins_of(self, path: str) -> Origins:
        if path not in self._origins:
            self._origins[path] = self.repository.origins(self.window, path, ignored=self._ignored)
        return self._origins[path]

    def _versions_of(self, diffs: Sequence[FileDiff]) -> dict[tuple[str, str], Version]:
        missing = [d for d in diffs if (d.sha, d.change.path) not in self._versions and "\n" not in d.change.path]
        names = [name for d in missing for name in (f"{d.sha}^:{d.change.old_path or d.change.path}", f"{d.sha}:{d.change.path}")]
        texts = (
            batch_texts(self.repository.git.run("cat-file", "--batch", stdin=os.fsencode("\n".join(names) + "\n")))
            if names
            else []
        )
        for diff, before, after in zip(missing, texts[::2], texts[1::2], strict=True):
            self._versions[diff.sha, diff.change.path] = Version(before, after)
        return {
            (d.sha, d.change.path): self._versions[d.sha, d.change.path]
            for d in diffs
            if (d.sha, d.change.path) in self._versions
        }
