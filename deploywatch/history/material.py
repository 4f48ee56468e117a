"""Everything that a ranking needs of a repository, asked once a window and kept for every event of it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from typing import Final

from deploywatch.history.narrow import NarrowReader, Touches
from deploywatch.history.origins import listed_revisions
from deploywatch.history.repository import IGNORE_REVS_FILE, WHOLE_WINDOW, Repository
from deploywatch.model import Commit, CommitWindow, FileDiff, Origins
from deploywatch.suspects.cosmetic import Version
from deploywatch.suspects.renames import Renames
from deploywatch.suspects.scene import Material, read_changes
from deploywatch.suspects.syntax.languages import outline
from deploywatch.suspects.syntax.outline import Outline

# Blame and log wait for no other: so many run at a time.
_AT_ONCE: Final = 5
_REMEMBERED: Final = 16
# In a wide window blame is asked for so many lines around a frame and for its function: what is further off counts for nothing.
_AROUND: Final = 60

Lines = Mapping[str, Collection[int]]
"""The frames' line numbers at head, by path."""


class WindowHistory:
    """One window of one repository. What several events ask for is read once.

    A window of more than ``WHOLE_WINDOW`` commits need not list them: of it only those that changed a frame's file are read.
    """

    def __init__(self, repository: Repository, window: CommitWindow) -> None:
        self.repository = repository
        self.window = window
        self._sources: dict[str, str | None] = {}
        self._origins: dict[str, Origins] = {}
        # Of the paths that are not here all lines are known.
        self._near: dict[str, frozenset[int]] = {}
        self._touches: dict[str, Touches] = {}
        self._cosmetic: dict[tuple[str, str, tuple[int, ...]], bool] = {}
        self._outlines: dict[str, Outline] = {}
        self._memories: OrderedDict[tuple[str, ...], dict[object, object]] = OrderedDict()

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Every file at head."""
        return self.repository.paths(self.window.head)

    @cached_property
    def _listed_revisions(self) -> tuple[str, ...]:
        return listed_revisions(self._sources.get(IGNORE_REVS_FILE))

    @cached_property
    def _ignored(self) -> tuple[str, ...]:
        return self.repository.within(self.window, self._listed_revisions)

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

    @cached_property
    def _all_renames(self) -> Renames:
        return Renames(self.window.commits)

    def material(self, files: Iterable[str], *, context: Iterable[str] = (), lines: Lines | None = None) -> Material:
        """What is known of ``files`` (those of the application's frames), with the texts of the files of ``context`` beside.

        All paths are names at head. ``lines`` are those that it is about; without them each line's origin is known.
        """
        wanted, around = list(dict.fromkeys(files)), list(dict.fromkeys(context))
        self.prepare(wanted, context=around, lines=lines)
        window = self.window if self.is_small else self._narrowed(wanted)
        return Material(
            window=window,
            diffs=self._all_diffs if self.is_small else self._diffs_of(wanted, window.commits),
            sources={path: text for path in (*wanted, *around) if (text := self._sources.get(path)) is not None},
            origins={path: self._origins[path] for path in wanted},
            versions=self._versions,
            renames=self._all_renames if self.is_small else Renames(window.commits),
            complete=self.is_small,
            outlines=self._outlines,
            cosmetic=self._cosmetic,
            memory=self._memory_of(wanted),
        )

    def prepare(self, files: Iterable[str], *, context: Iterable[str] = (), lines: Lines | None = None) -> None:
        """Ask git all that ``material`` will need of these files, several questions at a time; read their outlines meanwhile."""
        wanted, around = list(dict.fromkeys(files)), list(dict.fromkeys(context))
        self.read_ahead([*wanted, *around])
        unread = [path for path in wanted if path not in self._origins]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            outlined: Future[None] = Future()
            asked = (
                pool.submit(self._read_all, unread, pool)
                if self.is_small
                else pool.submit(self._read_narrow, unread, pool, outlined, lines)
            )
            # git is at work by now.
            _fulfil(outlined, lambda: self._outline([*wanted, *around]))
            self._complete([path for path in wanted if path in self._near and not self._covers(path, lines)], pool)
            asked.result()

    def _covers(self, path: str, lines: Lines | None) -> bool:
        return lines is not None and self._near[path].issuperset(lines.get(path, ()))

    def _complete(self, paths: Sequence[str], pool: ThreadPoolExecutor) -> None:
        """Blame whole files of which only the lines around other frames are known."""
        self._origins |= dict(zip(paths, pool.map(self._blame, paths), strict=True))
        for path in paths:
            del self._near[path]
        if paths:
            self._memories.clear()

    def _read_all(self, unread: Sequence[str], pool: ThreadPoolExecutor) -> None:
        blames = {path: pool.submit(self._blame, path) for path in unread}
        _ = self._all_diffs
        self._origins |= {path: blame.result() for path, blame in blames.items()}

    def _blame(self, path: str) -> Origins:
        return self.repository.origins(self.window, path, ignored=self._ignored)

    def _read_narrow(self, unread: Sequence[str], pool: ThreadPoolExecutor, outlined: Future[None], lines: Lines | None) -> None:
        if not unread:
            return

        asked: dict[str, frozenset[int] | None] = {}

        def near(path: str) -> frozenset[int] | None:
            outlined.result()
            asked[path] = None if lines is None else self._around(path, lines.get(path, ()))
            return asked[path]

        def meanwhile(commits: Sequence[Commit], diffs: Sequence[FileDiff]) -> None:
            place = {path: number for number, path in enumerate(unread)}
            known = sorted(diffs, key=lambda diff: place.get(diff.change.path, len(place)))
            read_changes(self._memory_of(unread), commits, known)

        reader = NarrowReader(self.repository, self.window, self._listed_revisions, meanwhile=meanwhile)
        found = reader.read(unread, pool, near)
        self._near |= {path: known for path, known in asked.items() if known is not None}
        self._touches |= found
        self._origins |= {path: touches.origins for path, touches in found.items()}

    def _around(self, path: str, lines: Collection[int]) -> frozenset[int] | None:
        """The lines around these, and their functions; ``None`` for most of the file."""
        length = (self._sources.get(path) or "").count("\n") + 1
        found: set[int] = set()
        for line in (line for line in lines if line <= length):
            around = self._outlines[path].around(line) if path in self._outlines else None
            span = (around.first, around.last) if around and not around.is_class else (line, line)
            found.update(range(max(1, min(span[0], line - _AROUND)), min(length - 1, max(span[1], line + _AROUND)) + 1))
        return frozenset(found) if 0 < len(found) < length / 2 else None

    def _outline(self, paths: Iterable[str]) -> None:
        for path in paths:
            text = self._sources.get(path)
            if text is not None and path not in self._outlines:
                self._outlines[path] = outline(path, text)

    def _memory_of(self, files: Sequence[str]) -> dict[object, object]:
        """What is remembered of the window for failures in these files; of a wide window, of the last few sets of files."""
        key = () if self.is_small else tuple(sorted(files))
        memory = self._memories.setdefault(key, {})
        self._memories.move_to_end(key)
        while len(self._memories) > _REMEMBERED:
            self._memories.popitem(last=False)
        return memory

    def _narrowed(self, files: Sequence[str]) -> CommitWindow:
        """The window with those of its commits listed that changed one of the files, newest first."""
        found: dict[str, Commit] = {}
        for path in files:
            found |= self._touches[path].commits
        orders = {id(self._touches[path].order): self._touches[path].order for path in files}
        order = next(iter(orders.values())) if len(orders) == 1 else self._order
        commits = tuple(sorted(found.values(), key=lambda commit: order[commit.sha]))
        return CommitWindow(self.window.base, self.window.head, commits, unlisted=len(self.window) - len(found))

    @cached_property
    def _order(self) -> Mapping[str, int]:
        return self.repository.order(self.window)

    def _diffs_of(self, files: Sequence[str], commits: Sequence[Commit]) -> tuple[FileDiff, ...]:
        place = {commit.sha: place for place, commit in enumerate(commits)}
        return tuple(sorted((d for path in files for d in self._touches[path].diffs), key=lambda diff: place[diff.sha]))

    def read_ahead(self, paths: Iterable[str]) -> None:
        """Read the texts of several files at head with one process, for ``source`` and ``material`` to have."""
        missing = [path for path in dict.fromkeys((IGNORE_REVS_FILE, *paths)) if path not in self._sources]
        if missing:
            self._sources |= self.repository.read_many(missing, self.window.head)

    def _versions(self, diffs: Sequence[FileDiff]) -> dict[tuple[str, str], Version]:
        """The files before and after each of these diffs, with one process."""
        known = [diff for diff in diffs if "\n" not in f"{diff.change.path}{diff.change.old_path}"]
        names = [name for d in known for name in (f"{d.sha}^:{d.change.old_path or d.change.path}", f"{d.sha}:{d.change.path}")]
        texts = self.repository.texts(names)
        pairs = zip(known, texts[::2], texts[1::2], strict=True)
        return {(diff.sha, diff.change.path): Version(before, after) for diff, before, after in pairs}


def _fulfil(promise: Future[None], work: Callable[[], None]) -> None:
    """Do the work that others wait for; its failure is theirs too."""
    try:
        work()
    except BaseException as trouble:
        promise.set_exception(trouble)
        raise
    promise.set_result(None)
