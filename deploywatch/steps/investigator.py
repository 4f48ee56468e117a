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

    ``index`` has the files at head, where they are known already.
    """

    def __init__(
        self,
        repository: Repository,
        window: CommitWindow,
        *,
        index: PathIndex | None = None,
        code_roots: CodeRoots = (),
        model: Model | None = None,
        limit: int = 10,
    ) -> None:
        self.repository = repository
        self.window = window
        self._history = WindowHistory(repository, window)
        self._known_index = index
        self._code_roots = tuple(code_roots)
        self._model = model or load_model()
        self._limit = limit
        self._common: frozenset[tuple[str, str]] = frozenset()
        self._is_first, self._is_alone = True, False

    @cached_property
    def _index(self) -> PathIndex:
        return self._known_index if self._known_index is not None else PathIndex(self._history.paths)

    def acquaint(self, events: Sequence[Event]) -> None:
        """Learn which functions most of a run's failures pass through, before any of them is ranked."""
        self._common = common_places(self._mapped(event) for event in events) if len(events) > 1 else frozenset()

    def _mapped(self, event: Event) -> tuple[MappedFrame, ...]:
        return map_frames(event.stacktrace, self._index, code_roots=self._code_roots)

    def rank(self, event: Event) -> Ranking:
        """The suspects of one failure."""
        return self.answer(self.ask(event))

    def prepare(self, failures: Iterable[Asked]) -> None:
        """Ask git for all of them at once what their answers will need; for a first one alone, no more than it needs."""
        asked = list(failures)
        self._is_alone, self._is_first = self._is_first and len(asked) == 1, False
        around = [file for each in asked for file in each.around]
        self._history.prepare([file for each in asked for file in each.own], context=around, lines=self._lines(asked))

    def ask(self, event: Event) -> Asked:
        """The failure with its frames mapped to files of head."""
        mapped = self._mapped(event)
        self._history.read_ahead(frame.file for frame in mapped if frame.file)
        checked = check_source(mapped, self._lines_of)
        return Asked(event.stacktrace, tuple(checked.frames), (*event.stacktrace.warnings, *checked.warnings))

    def answer(self, asked: Asked) -> Ranking:
        """Its suspects, with the people behind them."""
        material = self._history.material(asked.own, context=asked.around, lines=self._lines([asked]))
        scene = Scene(material, asked.trace, asked.frames, common=self._common)
        ranking = rank(scene, self._model, limit=self._limit, warnings=asked.warnings)
        return replace(ranking, suspects=tuple(_with_people(suspect) for suspect in ranking.suspects))

    def _lines(self, failures: Iterable[Asked]) -> dict[str, set[int]] | None:
        """The lines of the application's frames by file, where it is worth while to ask for no others."""
        if not self._is_alone:
            return None
        found: dict[str, set[int]] = {}
        for frame in (frame for each in failures for frame in each.frames if frame.in_app):
            if frame.file and frame.line:
                found.setdefault(frame.file, set()).add(frame.line)
        return found

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
