"""``git log -p -U0`` -> FileDiffs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from deploywatch.model import ChangeType, FileChange, FileDiff, Hunk

if TYPE_CHECKING:
    from unidiff.patch import PatchedFile

_COMMIT: Final = re.compile(r"^\x01([0-9a-f]{40,64})((?: [0-9a-f]{40,64})*) ?\n", re.MULTILINE)
_COMMIT_BYTES: Final = re.compile(_COMMIT.pattern.encode(), re.MULTILINE)
_FILE: Final = b"\ndiff --git "
_ESCAPE: Final = re.compile(rb"\\([abfnrtv\"\\]|[0-7]{3})")
_LETTERS: Final = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


def read_diffs(out: bytes) -> tuple[FileDiff, ...]:
    """Parse the output of ``git log -p -U0 --format=%x01%H`` (``%P`` may follow), keeping its order.

    Lines that are not UTF-8 are decoded with replacement.
    """
    return tuple(diff for sha, patch in _patches(out.decode("utf-8", "replace")) for diff in _file_diffs(sha, patch))


@dataclass(frozen=True)
class Changes:
    """What commits before ``head`` changed in some files, newest first: the same output, of which no more is read than is asked.

    ``lineage`` has each of the commits with those that come next before it when all others are left out (git's history
    simplification).
    """

    head: str
    out: bytes

    @cached_property
    def diffs(self) -> tuple[FileDiff, ...]:
        """What each of them changed."""
        return read_diffs(self.out)

    @cached_property
    def lineage(self) -> dict[str, tuple[str, ...]]:
        """The commits, and the parents that ``%P`` gave."""
        return {mark[1].decode(): tuple(mark[2].decode().split()) for mark in self._marks}

    @cached_property
    def patched(self) -> tuple[str, ...]:
        """Those commits that have a patch; a merge may have none."""
        ends = [*(mark.start() for mark in self._marks[1:]), len(self.out)]
        spans = ((mark, mark.end(), end) for mark, end in zip(self._marks, ends, strict=False))
        return tuple(mark[1].decode() for mark, start, end in spans if self.out.find(_FILE, start, end) >= 0)

    @property
    def adds(self) -> bool:
        """Whether one of the files was added; one that was renamed looks so."""
        return b"\nnew file mode " in self.out

    @cached_property
    def _marks(self) -> list[re.Match[bytes]]:
        return list(_COMMIT_BYTES.finditer(self.out))


def _patches(text: str) -> Iterator[tuple[str, str]]:
    marks = list(_COMMIT.finditer(text))
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    for mark, end in zip(marks, ends, strict=False):
        yield mark[1], text[mark.end() : end]


def _file_diffs(sha: str, patch: str) -> Iterator[FileDiff]:
    from unidiff.patch import PatchSet

    if not patch.strip():
        return
    for file in PatchSet(patch):
        change = _change(file)
        hunks = tuple(
            Hunk(
                hunk.source_start,
                hunk.source_length,
                hunk.target_start,
                hunk.target_length,
                tuple(line.value.rstrip("\r\n") for line in hunk if line.is_removed),
                tuple(line.value.rstrip("\r\n") for line in hunk if line.is_added),
                hunk.section_header,
            )
            for hunk in file
        )
        yield FileDiff(sha, change, hunks, binary=bool(file.is_binary_file))


def _change(file: PatchedFile) -> FileChange:
    old, new = unquoted(file.source_file, "a/"), unquoted(file.target_file, "b/")
    if file.is_added_file:
        return FileChange(ChangeType.ADDED, new)
    if file.is_removed_file:
        return FileChange(ChangeType.DELETED, old)
    if file.is_rename:
        return FileChange(ChangeType.RENAMED, new, old)
    return FileChange(ChangeType.MODIFIED, new)


def unquoted(name: str, prefix: str) -> str:
    """A path as a diff header writes it, without git's C quoting and without ``prefix``."""
    name = name.rstrip("\t")
    if name.startswith('"') and name.endswith('"'):
        raw = _ESCAPE.sub(
            lambda m: _LETTERS.get(m[1], m[1]) if len(m[1]) == 1 else bytes([int(m[1], 8) & 255]), name[1:-1].encode()
        )
        name = raw.decode("utf-8", "surrogateescape")
    return name.removeprefix(prefix)
