"""What a ranking looks at: the values that history gathered, and the indexes that every signal needs."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import islice
from typing import Final, TypeVar, cast

from deploywatch.model import Commit, CommitWindow, FileDiff, Hunk, MappedFrame, Origin, Origins, StackTrace
from deploywatch.suspects.carry import Region, Written, regions, writer
from deploywatch.suspects.change import Change
from deploywatch.suspects.cosmetic import Version, Versions, is_cosmetic, is_surely_code, no_versions, only_comments
from deploywatch.suspects.plumbing import is_plumbing
from deploywatch.suspects.renames import Renames
from deploywatch.suspects.reverts import taken_back
from deploywatch.suspects.rewriting import Rewriting, rewritings
from deploywatch.suspects.syntax import languages
from deploywatch.suspects.syntax.outline import Definition, Outline

_PLUMBING: Final = 0.4
# So many changes of the stack's files are parsed, the newest; in a window that is not read whole those near a frame and in doubt.
_PARSED: Final = 150
_PARSED_OF_MANY: Final = 8
_NEAR: Final = 40
_CHANGES: Final = "changes"
# Where the stack overflows says little: any call of the circle may have been the last.
_TOO_DEEP: Final = re.compile(
    r"RecursionError|maximum recursion|Maximum call stack|StackOverflow|SystemStackError|stack overflow"
)
T = TypeVar("T")


@dataclass(frozen=True)
class Material:
    """Everything that history knows of the question, gathered beforehand.

    ``diffs`` are newest first. ``complete`` tells whether they cover all of the window's paths or only those of the frames.
    ``sources`` holds the text at head and ``origins`` the line origins of the frames' files. ``versions`` gives the texts around
    diffs.

    ``cosmetic`` remembers, for every failure of the window, which hunks (told by where they start) changed only layout, comments
    and docstrings, and ``memory`` what was made of the window for failures in the same files.
    """

    window: CommitWindow
    diffs: tuple[FileDiff, ...]
    sources: Mapping[str, str]
    origins: Mapping[str, Origins]
    versions: Versions = no_versions
    renames: Renames = field(default_factory=Renames)
    complete: bool = True
    outlines: Mapping[str, Outline] = field(default_factory=dict)
    cosmetic: dict[tuple[str, str, tuple[int, ...]], bool] = field(default_factory=dict)
    memory: dict[object, object] = field(default_factory=dict)


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
    position: int = 0
    is_plumbing: bool = False
    is_recursive: bool = False

    @property
    def weight(self) -> float:
        """How much a hit on this frame counts: 1 at the raising line, less with every call outwards.

        It is 1 / (1 + depth / 2), as in ranking.md 3.2.
        """
        return self.own_weight / (1.0 + self.depth / (8.0 if self.is_recursive else 2.0))

    @property
    def own_weight(self) -> float:
        """The same however far out the frame is: less only where it passes every call on."""
        return _PLUMBING if self.is_plumbing else 1.0


class Scene:
    """One failure before one window. ``common`` are the places (file, function) that most failures of the run pass through."""

    def __init__(
        self,
        material: Material,
        trace: StackTrace,
        frames: Sequence[MappedFrame],
        *,
        common: AbstractSet[tuple[str, str]] = frozenset(),
    ) -> None:
        self.material = material
        self._common = common
        self.trace = trace
        self.frames = tuple(frames)
        self._made: dict[object, object] = {}
        self._rarities: dict[int, float] = {}
        self._weighed: dict[int, tuple[Mapping[str, float], dict[str, float], float]] = {}

    def once(self, make: Callable[[Scene], T]) -> T:
        """What ``make`` makes of this scene, made at the first call only."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast(T, self._made[make])

    def kept(self, key: object, make: Callable[[], T]) -> T:
        """What ``make`` makes of the window alone: made at the first call only, for all failures in the same files."""
        memory = self.material.memory
        if key not in memory:
            memory[key] = make()
        return cast(T, memory[key])

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
            for at, frame in enumerate(self.frames[position : position + len(raised.frames)], position):
                if not (frame.in_app and frame.file and frame.line):
                    continue
                if (frame.file, frame.line) not in seen:
                    seen.add((frame.file, frame.line))
                    place = self._place(frame, at, depth, cause)
                    yield place
                    depth += 0 if place.is_plumbing else 1
            position += len(raised.frames)

    def _place(self, frame: MappedFrame, position: int, depth: int, cause: int) -> Place:
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
            position=position,
            is_plumbing=is_plumbing(function) or (file, function or "") in self._common,
            is_recursive=self._ran_out_of_stack,
        )

    def errors(self, within: int = 2000) -> list[str]:
        """Type and message of every exception, oldest cause first, each cut after so many characters."""
        return [f"{raised.type or ''} {raised.message or ''}"[:within] for raised in self.trace.exceptions]

    def says(self, pattern: re.Pattern[str], *, within: int = 2000) -> bool:
        """Whether an exception's type or message has the pattern; looked for once, however many commits are asked about."""
        key = (pattern, within)
        if key not in self._made:
            self._made[key] = any(pattern.search(text) for text in self.errors(within))
        return bool(self._made[key])

    @cached_property
    def _ran_out_of_stack(self) -> bool:
        return self.says(_TOO_DEEP, within=500)

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
        known = self.material.outlines
        texts = self.material.sources
        return defaultdict(Outline, {path: known.get(path) or languages.outline(path, text) for path, text in texts.items()})

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
        return self.kept("diffs of", lambda: _grouped(self.material.diffs, lambda diff: diff.sha))

    @cached_property
    def taken_back(self) -> frozenset[str]:
        """The commits of the window that cancel each other out."""
        return self.kept("taken back", lambda: taken_back(self.commits, self.diffs_of))

    @cached_property
    def _diffs_at(self) -> dict[str, tuple[FileDiff, ...]]:
        return self.kept("diffs at", lambda: _grouped(self.material.diffs, self.head_path))

    def diffs_at(self, path: str) -> Sequence[FileDiff]:
        """The diffs of the file that is called ``path`` at head, newest first."""
        return self._diffs_at.get(path, ())

    @cached_property
    def regions(self) -> dict[str, dict[str, tuple[Region, ...]]]:
        """For each frame file at head: commit -> the regions of its hunks at head."""
        keys = {path: ("regions", path, self._functions.get(path)) for path in self.files}
        return {path: self.kept(key, partial(self._regions_at, path)) for path, key in keys.items()}

    def _regions_at(self, path: str) -> dict[str, tuple[Region, ...]]:
        return regions(self.diffs_at(path), self.material.origins.get(path), self._written(path))

    def origin(self, path: str, line: int) -> Origin | None:
        """Who wrote a line of a frame file at head: blame's answer, seen through commits that changed only layout or comments.

        ``None`` where it is older than the window.
        """
        origins = self.material.origins.get(path)
        blamed = origins.of(line) if origins else None
        return blamed and writer(self.diffs_at(path), blamed, partial(self._is_kept, path))

    def _is_kept(self, path: str, diff: FileDiff, line: int) -> bool:
        """Whether a line of a commit's version of a frame's file says what was there before."""
        return self.is_cosmetic(diff) or any(one.keeps("added", line) for one in self._rewritings.get((diff.sha, path), ()))

    @cached_property
    def touchers(self) -> Counter[str]:
        """How many commits of the window touch each path (names at head)."""
        return self.kept("touchers", lambda: Counter({path: len({d.sha for d in at}) for path, at in self._diffs_at.items()}))

    @cached_property
    def changes(self) -> dict[str, Change]:
        """Each commit's change."""
        return self.kept(_CHANGES, lambda: {c.sha: Change(c, self.diffs_of.get(c.sha, ())) for c in self.commits})

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
        """Whether a diff of a frame's file changed only layout, comments or docstrings.

        It is told by parsing both versions, for the newest and nearest; else by the diff's lines.
        """
        told = self._parsed.get((diff.sha, diff.change.path))
        return only_comments(diff) if told is None else told

    @cached_property
    def _parsed(self) -> dict[tuple[str, str], bool]:
        """The verdicts on those diffs of the frames' files that are worth parsing; in a wide window, on what is near a frame."""
        asked = {(d.sha, d.change.path, tuple(hunk.new_start for hunk in d.hunks)): d for d in self._worth_parsing()}
        known = self.material.cosmetic
        unread = {(diff.sha, diff.change.path): (key, diff) for key, diff in asked.items() if key not in known}
        versions = self.material.versions([diff for _, diff in unread.values()])
        known |= {unread[name][0]: is_cosmetic(unread[name][1], version) for name, version in versions.items()}
        return {key[:2]: known[key] for key in asked if key in known}

    def _worth_parsing(self) -> Iterator[FileDiff]:
        own = ((diff, path) for diff in self.material.diffs if (path := self.head_path(diff)) in self.files)
        if self.material.complete:
            yield from islice((diff for diff, _ in own), _PARSED)
            return
        near = (replace(diff, hunks=hunks) for diff, path in own if (hunks := self._hunks_in_doubt(diff, path)))
        yield from islice(near, _PARSED_OF_MANY)

    def _hunks_in_doubt(self, diff: FileDiff, path: str) -> tuple[Hunk, ...]:
        """The hunks in a frame's function, or not far from its line, of a diff that may only be cosmetic."""
        places = [(p.line, p.definition) for p in self.places if p.file == path]
        near = {
            id(region.hunk): region.hunk
            for region in self.regions[path].get(diff.sha, ())
            for line, span in places
            if region.distance(line) <= _NEAR or (span is not None and not span.is_class and region.meets(span.first, span.last))
        }
        is_code = bool(near) and self.kept(("surely code", diff.sha, path), partial(is_surely_code, diff))
        return () if is_code else tuple(near.values())

    def code_regions(self, path: str, commit: Commit) -> tuple[Region, ...]:
        """The regions at head of the hunks with which a commit changed code of a frame file."""
        if path not in self.touched(commit):
            return ()
        return self.regions[path].get(commit.sha, ())

    def hunk_at(self, path: str, commit: Commit, lines: tuple[int, int]) -> Hunk | None:
        """The first hunk with which a commit changed code of a frame file in lines ``first``..``last`` at head."""
        return next(self.hunks_at(path, commit, lines), None)

    def hunks_at(self, path: str, commit: Commit, lines: tuple[int, int]) -> Iterator[Hunk]:
        """All of them; one that stands in several regions comes several times."""
        return (region.hunk for region in self.code_regions(path, commit) if region.meets(*lines))

    def _written(self, path: str) -> Written:
        def wrote(sha: str, hunk: Hunk, side: str) -> list[bool]:
            start, told = (hunk.new_start if side == "added" else hunk.old_start), self._rewritings.get((sha, path), ())
            lines = enumerate(self.changes[sha].wrote(hunk, side, path), start)
            return [own and not any(one.keeps(side, number) for one in told) for number, own in lines]

        return wrote

    @cached_property
    def _functions(self) -> dict[str, tuple[str, ...]]:
        """The stack's functions by file; none in a window too wide for every change to be parsed."""
        spans = [(place.file, place.definition) for place in self.places] if self.material.complete else []
        found = {(file, span.qualified) for file, span in spans if span and not span.is_class}
        return {path: tuple(sorted(name for file, name in found if file == path)) for path, _ in found}

    @cached_property
    def _rewritings(self) -> dict[tuple[str, str], tuple[Rewriting, ...]]:
        """What the newest changes of the stack's files kept of its functions, by commit and name of the file at head."""
        at_head = ((diff, self.head_path(diff)) for diff in self.material.diffs)
        asked = list(islice(((diff, path) for diff, path in at_head if path in self._functions), _PARSED))
        memory = self.material.memory
        unread = [d for d, path in asked if any(("rewriting", d.sha, path, n) not in memory for n in self._functions[path])]
        versions = self.material.versions(unread)
        found: dict[tuple[str, str], tuple[Rewriting, ...]] = {}
        for diff, path in asked:
            names = self._functions[path]
            missing = [name for name in names if ("rewriting", diff.sha, path, name) not in memory]
            if missing:
                version = versions.get((diff.sha, diff.change.path), Version(None, None))
                told = rewritings(path, missing, version, diff.hunks)
                memory.update((("rewriting", diff.sha, path, name), one) for name, one in told.items())
            each = (cast(Rewriting | None, memory["rewriting", diff.sha, path, name]) for name in names)
            found[diff.sha, path] = tuple(one for one in each if one)
        return found

    # -- words ----------------------------------------------------------------------------------------------

    @cached_property
    def _name_frequency(self) -> Counter[str]:
        return self.kept("names", lambda: Counter(name for change in self.changes.values() for name in change.names))

    def rarity(self, name: str) -> float:
        """How few commits of the window have an identifier in their changed code: 1 for none, towards 0 for all.

        It is a scaled inverse document frequency.
        """
        return self._rarity(self._name_frequency[name])

    def _rarity(self, frequency: int) -> float:
        if frequency not in self._rarities:
            n = len(self.commits) + 1
            self._rarities[frequency] = max(0.05, math.log(n / (max(1, frequency) - 0.5)) / math.log(n / 0.5))
        return self._rarities[frequency]

    def statement(self, place: Place) -> str:
        """The source of a frame's statement at head."""
        return "\n".join(self.lines(place.file, *place.statement))

    def best_overlap(self, weights: Mapping[str, float], names: AbstractSet[str]) -> float:
        """The share (0 to 1) of weighted identifiers, rare ones counting more, that are among ``names``."""
        if not names:
            return 0.0
        known = self._weighed.get(id(weights))
        if known is None or known[0] is not weights:
            each = {name: weight * self.rarity(name) for name, weight in weights.items()}
            self._weighed[id(weights)] = known = (weights, each, sum(each.values()))
        _, each, total = known
        return sum(weight for name, weight in each.items() if name in names) / total if total else 0.0


def read_changes(memory: dict[object, object], commits: Sequence[Commit], diffs: Sequence[FileDiff]) -> None:
    """Read what the commits changed before a scene asks for it: while git is still busy. ``diffs`` are those of all of them."""
    if _CHANGES not in memory:
        own = _grouped(diffs, lambda diff: diff.sha)
        changes = {commit.sha: Change(commit, own.get(commit.sha, ())) for commit in commits}
        for change in changes.values():
            change.read()
        memory[_CHANGES] = changes


def _grouped(diffs: Sequence[FileDiff], key: Callable[[FileDiff], str]) -> dict[str, tuple[FileDiff, ...]]:
    found: dict[str, list[FileDiff]] = defaultdict(list)
    for diff in diffs:
        found[key(diff)].append(diff)
    return {name: tuple(group) for name, group in found.items()}
