"""One window, any number of failures: each event is mapped to the repository at head and its suspects are ranked.

What history tells of the window is read once, however many events are asked about.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Final

from deploywatch.errors import DeployWatchError
from deploywatch.history.material import WindowHistory
from deploywatch.history.repository import Repository
from deploywatch.model import CodeExcerpt, CommitWindow, Contributor, Event, MappedFrame, Ranking, Regression, StackTrace, Suspect
from deploywatch.owners.authorship import humans_behind
from deploywatch.stacktraces.mapping import PathIndex, map_frames
from deploywatch.stacktraces.source_check import check_source
from deploywatch.suspects.model import Model, load_model
from deploywatch.suspects.rank import rank
from deploywatch.suspects.scene import Scene

CodeRoots = Sequence[tuple[str, str]]
_READ_TOGETHER: Final = 64
_REMEMBERED: Final = 64


@dataclass(frozen=True, slots=True)
class _Asked:
    """A failure with its frames mapped: ``own`` are the application's files, ``around`` those of its callers."""

    trace: StackTrace
    frames: tuple[MappedFrame, ...]
    warnings: tuple[str, ...]

    @property
    def own(self) -> list[str]:
        return [frame.file for frame in self.frames if frame.in_app and frame.file]

    @property
    def around(self) -> list[str]:
        return [frame.file for frame in self.frames if frame.file and not frame.in_app]


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
        self._ranked: OrderedDict[StackTrace, Ranking] = OrderedDict()

    @cached_property
    def _index(self) -> PathIndex:
        return PathIndex(self._history.paths)

    def rank(self, event: Event) -> Ranking:
        """The suspects of one failure."""
        return self._rank(self._asked(event))

    def rank_all(self, events: Iterable[Event]) -> Iterator[Ranking]:
        """The suspects of each failure, in order; what git must tell of several is asked at once.

        So many failures are read together, first one, then two, up to ``_READ_TOGETHER``: the first answers come early. What goes
        wrong with reading them is raised after the answers to those before.
        """
        pending, together = iter(events), 1
        trouble: DeployWatchError | None = None
        while trouble is None:
            batch: list[_Asked] = []
            try:
                batch.extend(map(self._asked, islice(pending, together)))
            except DeployWatchError as error:
                trouble = error
            if not batch:
                break
            self._history.prepare([f for asked in batch for f in asked.own], context=[f for asked in batch for f in asked.around])
            yield from map(self._rank, batch)
            together = min(2 * together, _READ_TOGETHER)
        if trouble:
            raise trouble

    def _asked(self, event: Event) -> _Asked:
        mapped = map_frames(event.stacktrace, self._index, code_roots=self._code_roots)
        self._history.read_ahead(frame.file for frame in mapped if frame.file)
        checked = check_source(mapped, self._lines_of)
        return _Asked(event.stacktrace, tuple(checked.frames), (*event.stacktrace.warnings, *checked.warnings))

    def _rank(self, asked: _Asked) -> Ranking:
        """The same failure is ranked once: many events of one issue differ in nothing that is looked at."""
        known = self._ranked.pop(asked.trace, None)
        if known is None:
            scene = Scene(self._history.material(asked.own, context=asked.around), asked.trace, asked.frames)
            ranking = rank(scene, self._model, limit=self._limit, warnings=asked.warnings)
            known = replace(ranking, suspects=tuple(_with_people(suspect) for suspect in ranking.suspects))
        self._ranked[asked.trace] = known
        if len(self._ranked) > _REMEMBERED:
            self._ranked.popitem(last=False)
        return known

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
