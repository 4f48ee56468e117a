"""One window, any number of failures: each event is mapped to the repository at head and its suspects are ranked.

What history tells of the window is read once, however many events are asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from deploywatch.history.material import WindowHistory
from deploywatch.history.repository import Repository
from deploywatch.model import CodeExcerpt, CommitWindow, Contributor, Event, MappedFrame, Ranking, Regression, StackTrace, Suspect
from deploywatch.owners.authorship import humans_behind
from deploywatch.stacktraces.mapping import PathIndex, map_frames
from deploywatch.stacktraces.source_check import check_source
from deploywatch.suspects.common import common_places
from deploywatch.suspects.model import Model, load_model
from deploywatch.suspects.rank import rank
from deploywatch.suspects.scene import Scene

CodeRoots = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A failure whose frames are mapped."""

    trace: StackTrace
    frames: tuple[MappedFrame, ...]
    warnings: tuple[str, ...]

    @property
    def own(self) -> list[str]:
        """The application's files."""
        return [frame.file for frame in self.frames if frame.in_app and frame.file]

    @property
    def around(self) -> list[str]:
        """The files of its callers."""
        return [frame.file for frame in self.frames if frame.file and not frame.in_app]


class Investigator:
    """Answers about failures of the code at ``head``. Nothing is asked of the repository before the first event.

    ``paths`` are the files at head, where they are known already.
    """

    def __init__(
        self,
        repository: Repository,
        window: CommitWindow,
        *,
        paths: Sequence[str] | None = None,
        code_roots: CodeRoots = (),
        model: Model | None = None,
        limit: int = 10,
    ) -> None:
        self.repository = repository
        self.window = window
        self._history = WindowHistory(repository, window)
        self._paths = paths
        self._code_roots = tuple(code_roots)
        self._model = model or load_model()
        self._limit = limit
        self._common: frozenset[tuple[str, str]] = frozenset()

    @cached_property
    def _index(self) -> PathIndex:
        return PathIndex(self._history.paths if self._paths is None else self._paths)

    def acquaint(self, events: Sequence[Event]) -> None:
        """Learn which functions most of a run's failures pass through, before any of them is ranked."""
        self._common = common_places(self._mapped(event) for event in events) if len(events) > 1 else frozenset()

    def _mapped(self, event: Event) -> tuple[MappedFrame, ...]:
        return map_frames(event.stacktrace, self._index, code_roots=self._code_roots)

    def rank(self, event: Event) -> Ranking:
        """The suspects of one failure."""
        return self.answer(self.ask(event))

    def prepare(self, failures: Iterable[Asked]) -> None:
        """Ask git for all of them at once what their answers will need."""
        asked = list(failures)
        self._history.prepare([f for each in asked for f in each.own], context=[f for each in asked for f in each.around])

    def ask(self, event: Event) -> Asked:
        """The failure with its frames mapped to files of head."""
        mapped = self._mapped(event)
        self._history.read_ahead(frame.file for frame in mapped if frame.file)
        checked = check_source(mapped, self._lines_of)
        return Asked(event.stacktrace, tuple(checked.frames), (*event.stacktrace.warnings, *checked.warnings))

    def answer(self, asked: Asked) -> Ranking:
        """Its suspects, with the people behind them."""
        scene = Scene(self._history.material(asked.own, context=asked.around), asked.trace, asked.frames, common=self._common)
        ranking = rank(scene, self._model, limit=self._limit, warnings=asked.warnings)
        return replace(ranking, suspects=tuple(_with_people(suspect) for suspect in ranking.suspects))

    def _lines_of(self, path: str) -> list[str] | None:
        text = self._history.source(path)
        return text.split("\n") if text is not None else None

    def excerpt(self, regression: Regression) -> CodeExcerpt | None:
        """The source at head that stands beside the suspect's hunk."""
        from deploywatch.report.excerpt import excerpt_around, failing_place

        place = failing_place(regression)
        source = self._history.source(place.file) if place else None
        return excerpt_around(source, place) if place and source is not None else None


def _with_people(suspect: Suspect) -> Suspect:
    """The suspect with the humans behind its change: git's author may be a robot, or whoever merged."""
    return replace(suspect, people=tuple(Contributor(each.person, each.known_by) for each in humans_behind(suspect.commit)))
