"""One commit's change as signals see it: code lines only, by file, with the identifiers and definitions in them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from deploywatch.model import Commit, FileDiff, Hunk
from deploywatch.suspects.kinds import is_inert
from deploywatch.suspects.syntax import languages
from deploywatch.suspects.syntax.words import KEYWORDS, identifiers, words

_HASH: Final = re.compile(r"\s*(#|\"\"\"|''')")
_SLASHES: Final = re.compile(r"\s*(//|/\*|\*/|\*\s|\*$)")
_ANY: Final = re.compile(r"\s*(#(?!\[)|//|/\*|\*/|\*\s|\*$|\"\"\"|'''|--\s|<!--)")
_COMMENTS: Final = dict.fromkeys("py pyi pyx rb ex exs yml yaml toml sh".split(), _HASH) | dict.fromkeys(
    languages.BRACES, _SLASHES
)
_DEFINED: Final = re.compile(
    r"\b(?:def|class|function\*?|func|fn|fun|interface|struct|trait|module|defmodule|defp?)\s+(?:\([^()]*\)\s*)?([A-Za-z_$][\w$]*)"
)
_ASSIGNED: Final = re.compile(
    r"\s*(?:export\s+)?(?:default\s+)?(?:const\s+|let\s+|var\s+|static\s+|async\s+)*([A-Za-z_$][\w$]*)\s*(?:[:=]\s*(?:async\s*)?(?:function\b|\()|\([^;]*\)\s*\{\s*$)"
)
_LINES_READ: Final = 4000
_LINES_LIKENED: Final = 400
_PATHS: Final = 60
_TELLING: Final = 8


def is_code(line: str, path: str = "") -> bool:
    """Whether a line of source says something: not blank and not only a comment. Text rules, for single lines of a diff.

    ``path`` tells the language; without it whatever is a comment in any language is one.
    """
    return bool(line.strip()) and not _COMMENTS.get(languages.ending(path), _ANY).match(line)


def code_lines(lines: Iterable[str], path: str = "") -> tuple[str, ...]:
    """The lines that say something."""
    is_comment = _COMMENTS.get(languages.ending(path), _ANY).match
    return tuple(line for line in lines if line.strip() and not is_comment(line))


def says_something(hunk: Hunk, path: str = "") -> bool:
    """Whether a hunk changed code, not only comments and blank lines."""
    return any(is_code(line, path) for line in (*hunk.added, *hunk.removed))


def defined_names(lines: Iterable[str]) -> Iterator[str]:
    """The names that these lines define: functions, classes, methods."""
    for line in lines:
        yield from _DEFINED.findall(line)
        if assigned := _ASSIGNED.match(line):
            yield assigned[1]


def _filled(told: Sequence[bool | None]) -> list[bool | None]:
    """Each ``None`` replaced by what was told last before it."""
    found: list[bool | None] = []
    for this in told:
        found.append(found[-1] if this is None and found else this)
    return found


@dataclass(frozen=True)
class Change:
    """What one commit changed in files that can matter (no tests, no documentation)."""

    commit: Commit
    diffs: tuple[FileDiff, ...]

    @cached_property
    def live(self) -> tuple[FileDiff, ...]:
        """The diffs of files that the deployed program may run or read."""
        return tuple(diff for diff in self.diffs if not is_inert(diff.change.path))

    @cached_property
    def added(self) -> tuple[str, ...]:
        """Added code lines, at most a few thousand."""
        return tuple(self._lines("added"))

    @cached_property
    def removed(self) -> tuple[str, ...]:
        """Removed code lines, at most a few thousand."""
        return tuple(self._lines("removed"))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of its message, paths and code, of a long one those of the beginning: what text similarity counts."""
        paths = [changed.path for changed in self.commit.files[:_PATHS]]
        return words((self.commit.message, *paths, *self.added[:_LINES_LIKENED], *self.removed[:_LINES_LIKENED]))

    def read(self) -> None:
        """Work out at once what every ranking asks for."""
        _ = self.words, self.names, self.definitions, self.moved, self.added_texts, self.removed_texts

    def _lines(self, side: str) -> list[str]:
        found: list[str] = []
        for diff in self.live:
            for hunk in diff.hunks:
                found += code_lines(getattr(hunk, side), diff.change.path)
                # A reformatting commit has a hundred thousand lines and says no more than its first.
                if len(found) > _LINES_READ:
                    return found[:_LINES_READ]
        return found

    @cached_property
    def moved(self) -> frozenset[str]:
        """Lines (without surrounding space) that the commit took out of one file and put into another: moved, not written.

        What moves within a file may well mean something else afterwards (it was wrapped in a condition), so that counts as
        written.
        """
        added, removed = (self._files_of(side) for side in ("added", "removed"))
        return frozenset(line for line, files in added.items() if removed.get(line, files) - files)

    @cached_property
    def removed_texts(self) -> frozenset[str]:
        """Removed lines without surrounding space: an added line among them was there before, elsewhere or less indented."""
        return frozenset(line.strip() for line in self.removed)

    @cached_property
    def added_texts(self) -> frozenset[str]:
        """Added lines without surrounding space: a removed line among them is there still, elsewhere or indented otherwise."""
        return frozenset(line.strip() for line in self.added)

    def wrote(self, hunk: Hunk, side: str, path: str) -> tuple[bool, ...]:
        """For each line of one side of a hunk, whether it is code that the commit wrote (or took away), not only moved.

        A line too short to be told from others (``else:``, a brace) goes with the telling lines around it.
        """
        lines: tuple[str, ...] = getattr(hunk, side)
        told = [None if len(line.strip()) < _TELLING else line.strip() in self.moved for line in lines]
        before, after = _filled(told), _filled(told[::-1])[::-1]
        return tuple(
            is_code(line, path) and not (own if own is not None else bool(left) and bool(right))
            for line, own, left, right in zip(lines, told, before, after, strict=True)
        )

    def _files_of(self, side: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for diff in self.live:
            for hunk in diff.hunks:
                for line in getattr(hunk, side):
                    if len(line.strip()) >= _TELLING:
                        found[line.strip()].add(diff.change.path)
        return found

    @cached_property
    def added_names(self) -> Counter[str]:
        """How often each identifier occurs in added code."""
        return Counter(identifiers("\n".join(self.added)))

    @cached_property
    def removed_names(self) -> Counter[str]:
        """How often each identifier occurs in removed code."""
        return Counter(identifiers("\n".join(self.removed)))

    @cached_property
    def names(self) -> frozenset[str]:
        """Every identifier of the changed code."""
        return frozenset(self.added_names) | frozenset(self.removed_names)

    @cached_property
    def definitions(self) -> dict[str, tuple[FileDiff, Hunk]]:
        """Each function, method or class that the commit added, removed or changed inside of, with the first hunk that did."""
        found: dict[str, tuple[FileDiff, Hunk]] = {}
        for diff in self.live:
            for hunk in diff.hunks:
                if says_something(hunk, diff.change.path):
                    for name in defined_names((hunk.context, *hunk.added, *hunk.removed)):
                        found.setdefault(name, (diff, hunk))
        return found

    def may_have(self, name: str) -> bool:
        """Whether the changed code has the name at all, as far as ``names`` tell: not of keywords, nor past so many lines."""
        is_told = len(name) > 2 and name.isascii() and name not in KEYWORDS
        return not is_told or name in self.names or max(len(self.added), len(self.removed)) >= _LINES_READ
