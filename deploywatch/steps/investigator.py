"""One window, any number of failures: each event is mapped to the repository at head and its suspects are ranked.

What history tells of the window is read once, however many events are asked about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from deploywatch.history.material import WindowHistory
from deploywatch.history.repository import Repository
from deploywatch.model import CodeExcerpt, CommitWindow, Event, MappedFrame, Owner, Ranking, Regression
from deploywatch.owners.dialects import dialect_of
from deploywatch.owners.find import find
from deploywatch.owners.resolve import resolve
from deploywatch.owners.rules import Matcher
from deploywatch.report.excerpt import excerpt_around, failing_place
from deploywatch.stacktraces.mapping import PathIndex, map_frames
from deploywatch.stacktraces.source_check import check_source
from deploywatch.suspects.model import Model, load_model
from deploywatch.suspects.rank import rank
from deploywatch.suspects.scene import Scene

CodeRoots = Sequence[tuple[str, str]]


class Investigator:
    """Answers about failures of the code at ``head``. Nothing is asked of the repository before the first event."""

    def __init__(
        self,
        repository: Repository,
        window: CommitWindow,
        *,
        code_roots: CodeRoots = (),
        model: Model | None = None,
        limit: int = 10,
    ) -> None:
        self.repository = repository
        self.window = window
        self._history = WindowHistory(repository, window)
        self._code_roots = tuple(code_roots)
        self._model = model or load_model()
        self._limit = limit

    @cached_property
    def _index(self) -> PathIndex:
        return PathIndex(self._history.paths)

    def rank(self, event: Event) -> Ranking:
        """The suspects of one failure."""
        mapped = map_frames(event.stacktrace, self._index, code_roots=self._code_roots)
        self._history.read_ahead(frame.file for frame in mapped if frame.file)
        checked = check_source(mapped, self._lines_of)
        frames = checked.frames
        own = [frame.file for frame in frames if frame.in_app and frame.file]
        around = [frame.file for frame in frames if frame.file and not frame.in_app]
        scene = Scene(self._history.material(own, context=around), event.stacktrace, frames)
        return rank(scene, self._model, limit=self._limit, warnings=(*event.stacktrace.warnings, *checked.warnings))

    def _lines_of(self, path: str) -> list[str] | None:
        text = self._history.source(path)
        return text.split("\n") if text is not None else None

    def owner(self, ranking: Ranking, default: Sequence[str], *, file: str | None = None) -> Owner:
        """Who owns the failure: by the owner file at head, of the raising frame's file first. Never nobody."""
        rules = self._owner_rules(file)
        return resolve(_own_files(ranking.frames), [rules] if rules else [], default)

    def _owner_rules(self, file: str | None) -> Matcher | None:
        read: Callable[[str], str | None] = self._history.source
        dialect = dialect_of(self.repository.remote_url())
        return find(read, dialect, paths=[file] if file else ())

    def excerpt(self, regression: Regression) -> CodeExcerpt | None:
        """The source at head that stands beside the suspect's hunk."""
        place = failing_place(regression)
        source = self._history.source(place.file) if place else None
        return excerpt_around(source, place) if place and source is not None else None


def _own_files(frames: Sequence[MappedFrame]) -> list[str]:
    return list(dict.fromkeys(frame.file for frame in frames if frame.in_app and frame.file))
