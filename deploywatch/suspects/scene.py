"""What a ranking looks at: the values that history gathered, and the indexes that every signal needs."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, TypeVar, cast

from deploywatch.model import Commit, CommitWindow, FileDiff, MappedFrame, Origins, StackTrace
from deploywatch.suspects.carry import Region, Written, regions
from deploywatch.suspects.change import Change, is_code, says_something
from deploywatch.suspects.plumbing import is_plumbing
from deploywatch.suspects.renames import Renames
from deploywatch.suspects.syntax import languages
from deploywatch.suspects.syntax.outline import Definition, Outline

_PLUMBING: Final = 0.4
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Version:
    """A file before and after a commit; ``None`` where it did not exist."""

    before: str | None
    after: str | None


@dataclass(frozen=True)
class Material:
    """Everything that history knows of the question, gathered beforehand so that ranking does no I/O.

    ``diffs`` are newest first. ``complete`` tells whether they cover all of the window's paths or only those of the frames.
    ``sources`` holds the text at head and ``origins`` the line origins of the frames' files; ``versions`` the texts around the
    commits that touched them.
    """

    window: CommitWindow
    diffs: tuple[FileDiff, ...]
    sources: Mapping[str, str]
    origins: Mapping[str, Origins]
    versions: Mapping[tuple[str, str], Version] = field(default_factory=dict)
    renames: Renames = field(default_factory=Renames)
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """A frame of the application as signals see it.

    ``depth`` counts application frames outwards from its exception's raising line, from 0.
    """

    index: int
    depth: int
    cause: int
    file: str
    line: int
    function: str | None
    statement: tuple[int, int]
    definition: Definition | None
    is_plumbing: bool = False

    @property
    def weight(self) -> float:
        """How much a hit on this frame counts: 1 at the raising line, less with every call outwards.

        It is 1 / (1 + depth / 2), as in ranking.md 3.2.
        """
        return (_PLUMBING if self.is_plumbing else 1.0) / (1.0 + self.depth / 2.0)


class Scene:
    """One failure before one window."""

    def __init__(self, material: Material, trace: StackTrace, frames: Sequence[MappedFrame]) -> None:
        self.material = material
        self.trace = trace
        self.frames = tuple(frames)
        self._made: dict[object, object] = {}

    def once(self, make: Callable[[Scene], T]) -> T:
        """What ``make`` makes of this scene, made at the first call only."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast(T, self._made[make])

    @property
    def commits(self) -> tuple[Commit, ...]:
        """The window's commits, newest first."""
        return self.material.window.commits

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """The application's frames, nearest the failure first; frames of one recursion are kept once."""
        return tuple(self._places())

    def _places(self) -> Iterator[Place]:
        position = 0
        seen: set[tuple[str, int]] = set()
        for cause, raised in enumerate(reversed(self.trace.exceptions)):
            depth = 0
            for frame in self.frames[position : position + len(raised.frames)]:
                if not (frame.in_app and frame.file and frame.line):
                    continue
                if (frame.file, frame.line) not in seen:
                    seen.add((frame.file, frame.line))
                    place = self._place(frame, depth, cause)
                    yield place
                    depth += 0 if place.is_plumbing else 1
            position += len(raised.frames)

    def _place(self, frame: MappedFrame, depth: int, cause: int) -> Place:
        file, line, function = frame.file or "", frame.line or 0, frame.frame.function
        shape = self.outline(file)
        return Place(
            index=frame.index,
            depth=depth,
            cause=cause,
            file=file,
            line=line,
            function=function,
            statement=shape.statement(line),
            definition=shape.around(line),
            is_plumbing=is_plumbing(function),
        )

    @cached_property
    def callers(self) -> tuple[MappedFrame, ...]:
        """Frames in files of the repository that the reporter does not count as the application's, nearest first.

        They tell what was asked for.
        """
        return tuple(frame for frame in self.frames if frame.file and frame.line and not frame.in_app)

    @cached_property
    def files(self) -> dict[str, int]:
        """The application's files in the trace -> the least depth at which they occur."""
        found: dict[str, int] = {}
        for place in self.places:
            found[place.file] = min(found.get(place.file, place.depth), place.depth)
        return found

    def outline(self, path: str) -> Outline:
        """The outline of a file at head."""
        return self._outlines[path]

    @cached_property
    def _outlines(self) -> dict[str, Outline]:
        texts = self.material.sources
        return defaultdict(Outline, {path: languages.outline(path, text) for path, text in texts.items()})

    def lines(self, path: str, first: int, last: int) -> list[str]:
        """Lines ``first``..``last`` of a file at head."""
        return self._lines[path][max(0, first - 1) : last] if path in self._lines else []

    @cached_property
    def _lines(self) -> dict[str, list[str]]:
        return {path: text.split("\n") for path, text in self.material.sources.items()}

    # -- the window -----------------------------------------------------------------------------------------

    def head_path(self, diff: FileDiff) -> str:
        """The name that a changed file has at head."""
        return self.material.renames.at_head(diff)

    @cached_property
    def diffs_of(self) -> dict[str, tuple[FileDiff, ...]]:
        """The diffs of each commit."""
        found: dict[str, list[FileDiff]] = defaultdict(list)
        for diff in self.material.diffs:
            found[diff.sha].append(diff)
        return {sha: tuple(diffs) for sha, diffs in found.items()}

    @cached_property
    def _diffs_at(self) -> dict[str, list[FileDiff]]:
        found: dict[str, list[FileDiff]] = defaultdict(list)
        for diff in self.material.diffs:
            found[self.head_path(diff)].append(diff)
        return found

    def diffs_at(self, path: str) -> Sequence[FileDiff]:
        """The diffs of the file that is called ``path`` at head, newest first."""
        return self._diffs_at.get(path, ())

    @cached_property
    def regions(self) -> dict[str, dict[str, tuple[Region, ...]]]:
        """For each frame file at head: commit -> the regions of its hunks at head."""
        return {path: regions(self.diffs_at(path), self.material.origins.get(path), self._written(path)) for path in self.files}

    @cached_property
    def touchers(self) -> Counter[str]:
        """How many commits of the window touch each path (names at head)."""
        return Counter(path for path, diffs in self._diffs_at.items() for _ in {d.sha for d in diffs})

    @cached_property
    def changes(self) -> dict[str, Change]:
        """Each commit's change."""
        return {commit.sha: Change(commit, self.diffs_of.get(commit.sha, ())) for commit in self.commits}

    def touched(self, commit: Commit) -> frozenset[str]:
        """The frame files (names at head) in which a commit changed more than layout, comments and docstrings."""
        return self._touched[commit.sha]

    @cached_property
    def _touched(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for path in self.files:
            for diff in self.diffs_at(path):
                if not self.is_cosmetic(diff):
                    found[diff.sha].add(path)
        return defaultdict(frozenset, {sha: frozenset(paths) for sha, paths in found.items()})

    def is_cosmetic(self, diff: FileDiff) -> bool:
        """Whether a diff changed only layout, comments or docstrings.

        It is told by parsing both versions where they are known, else by its lines.
        """
        version = self.material.versions.get((diff.sha, diff.change.path))
        if version is None or version.before is None or version.after is None:
            return self._only_comments(diff)
        same = languages.same_meaning(diff.change.path, version.before, version.after)
        return self._only_comments(diff) if same is None else same

    def _only_comments(self, diff: FileDiff) -> bool:
        return bool(diff.hunks) and not any(says_something(hunk, diff.change.path) for hunk in diff.hunks)

    def code_regions(self, path: str, commit: Commit) -> tuple[Region, ...]:
        """The regions at head of the hunks with which a commit changed code of a frame file."""
        if path not in self.touched(commit):
            return ()
        return self.regions[path].get(commit.sha, ())

    def _written(self, path: str) -> Written:
        return lambda sha, line: is_code(line, path) and line.strip() not in self.changes[sha].moved

    # -- words ----------------------------------------------------------------------------------------------

    @cached_property
    def _name_frequency(self) -> Counter[str]:
        return Counter(name for change in self.changes.values() for name in change.names)

    def rarity(self, name: str) -> float:
        """How few commits of the window have an identifier in their changed code: 1 for none, towards 0 for all.

        It is a scaled inverse document frequency.
        """
        n = len(self.commits) + 1
        return max(0.05, math.log(n / (max(1, self._name_frequency[name]) - 0.5)) / math.log(n / 0.5))

    def statement(self, place: Place) -> str:
        """The source of a frame's statement at head."""
        return "\n".join(self.lines(place.file, *place.statement))

    def best_overlap(self, weights: Mapping[str, float], names: AbstractSet[str]) -> float:
        """The share (0 to 1) of weighted identifiers, rare ones counting more, that are among ``names``."""
        total = sum(weight * self.rarity(name) for name, weight in weights.items())
        shared = sum(weight * self.rarity(name) for name, weight in weights.items() if name in names)
        return shared / total if total else 0.0
