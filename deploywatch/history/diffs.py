"""``git log -p -U0`` -> FileDiffs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from deploywatch.model import ChangeType, FileChange, FileDiff, Hunk

if TYPE_CHECKING:
    from unidiff.patch import PatchedFile

_COMMIT: Final = re.compile(r"^\x01([0-9a-f]{40,64})((?: [0-9a-f]{40,64})*) ?\n", re.MULTILINE)
_COMMIT_BYTES: Final = re.compile(_COMMIT.pattern.encode(), re.MULTILINE)
_ESCAPE: Final = re.compile(rb"\\([abfnrtv\"\\]|[0-7]{3})")
_LETTERS: Final = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


def read_diffs(out: bytes) -> tuple[FileDiff, ...]:
    """Parse the output of ``git log -p -U0 --format=%x01%H`` (``%P`` may follow), keeping its order.

    Lines that are not UTF-8 are decoded with replacement.
    """
    return tuple(diff for sha, patch in _patches(out.decode("utf-8", "replace")) for diff in _file_diffs(sha, patch))


def read_lineage(out: bytes) -> dict[str, tuple[str, ...]]:
    """The commits of the same output, in its order, with the parents that ``%P`` gave."""
    return {found[1].decode(): tuple(found[2].decode().split()) for found in _COMMIT_BYTES.finditer(out)}


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
