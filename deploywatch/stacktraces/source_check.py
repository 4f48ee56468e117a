"""Whether the frames' source lines, where the reporter sent them, stand in the files at head.

A line that stands elsewhere, or nowhere, means that head is not what was deployed or that the frame was mapped to the wrong
file. The line is looked for nearby, and between files of one name the one that has the line is the frame's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from deploywatch.model import Frame, MappedFrame
from deploywatch.stacktraces.libraries import is_test_file

NEARBY: Final = 20
"""Lines above and below that are searched: more, and a line like ``return None`` is found by chance."""

_LEAST_CHARACTERS: Final = 4
_MAX_WARNINGS: Final = 5
_CUT_MARKS: Final = ("...", "{snip}", "…")

LinesOf = Callable[[str], Sequence[str] | None]
"""A path of the repository -> the file's lines at head, without line ends; ``None`` where there is no such text file."""


@dataclass(frozen=True, slots=True)
class CheckedFrames:
    """The frames with their lines and files corrected, in the same order, and one sentence for each doubt."""

    frames: tuple[MappedFrame, ...]
    warnings: tuple[str, ...] = ()


def check_source(frames: Sequence[MappedFrame], lines_of: LinesOf) -> CheckedFrames:
    """Compare each frame's ``context_line`` with head; each file is asked for once, and only where there is a line to compare."""
    read = cache(lines_of)
    checked = [_check(_settled(frame, read), read) for frame in frames]
    doubts = list(dict.fromkeys(doubt for _, doubt in checked if doubt is not None))
    more = len(doubts) - _MAX_WARNINGS
    if more > 0:
        doubts[_MAX_WARNINGS:] = [f"{more} more frames do not have at head the source line that the event has"]
    return CheckedFrames(tuple(frame for frame, _ in checked), tuple(doubts))


def _settled(mapped: MappedFrame, lines_of: LinesOf) -> MappedFrame:
    """Of several files that the frame may be in, the only one that has its line at its place."""
    if mapped.file is not None or not _says_something(mapped.frame):
        return mapped
    having = [path for path in mapped.candidates if _has(lines_of(path), mapped.frame, mapped.line)]
    if len(having) != 1:
        return mapped
    file = having[0]
    in_app = mapped.in_app if mapped.frame.in_app is not None else not is_test_file(file)
    return replace(mapped, file=file, mapped_by="suffix", candidates=(), in_app=in_app)


def _check(mapped: MappedFrame, lines_of: LinesOf) -> tuple[MappedFrame, str | None]:
    if mapped.file is None or mapped.line is None or not _says_something(mapped.frame):
        return mapped, None
    lines = lines_of(mapped.file)
    if lines is None or _has(lines, mapped.frame, mapped.line):
        return mapped, None
    place = f"{mapped.file}:{mapped.line}"
    said = f"the event's source line `{_shown(mapped.frame.context_line)}`"
    found = _nearby(lines, mapped.frame, mapped.line)
    if found is None:
        doubt = f"{place} does not have {said}: head is not the release that failed, or the frame is of another file"
        return mapped, doubt
    doubt = f"{place} does not have {said}, line {found} does and is used: head is not exactly the release that failed"
    return replace(mapped, line=found), doubt


def _nearby(lines: Sequence[str], frame: Frame, line: int) -> int | None:
    """The only line around ``line`` that reads as the frame's, or the only one whose neighbours do, too."""
    numbers = range(max(1, line - NEARBY), min(len(lines), line + NEARBY) + 1)
    same = [number for number in numbers if _has(lines, frame, number)]
    if len(same) > 1:
        agreement = {number: _agreement(lines, frame, number) for number in same}
        best = max(agreement.values())
        same = [number for number in same if agreement[number] == best]
    return same[0] if len(same) == 1 else None


def _agreement(lines: Sequence[str], frame: Frame, number: int) -> int:
    before = zip(reversed(frame.pre_context), reversed(lines[: number - 1]), strict=False)
    after = zip(frame.post_context, lines[number:], strict=False)
    return sum(_plain(theirs) == _plain(ours) for pairs in (before, after) for theirs, ours in pairs)


def _has(lines: Sequence[str] | None, frame: Frame, line: int | None) -> bool:
    if lines is None or line is None or not 1 <= line <= len(lines):
        return False
    ours, theirs = _plain(lines[line - 1]), _plain(frame.context_line or "")
    return ours == theirs or _contains_parts(ours, theirs)


def _contains_parts(ours: str, theirs: str) -> bool:
    """Reporters cut long lines and mark the cut; what is left must stand in our line, in its order."""
    mark = next((mark for mark in _CUT_MARKS if theirs.startswith(mark) or theirs.endswith(mark)), None)
    parts = [part.strip() for part in theirs.split(mark)] if mark else []
    position = 0
    for part in parts:
        found = ours.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return sum(map(len, parts)) >= 2 * _LEAST_CHARACTERS


def _says_something(frame: Frame) -> bool:
    """A closing bracket stands in every file; a line must have some characters to tell one place from another."""
    return len(_plain(frame.context_line or "").replace(" ", "")) >= _LEAST_CHARACTERS


def _plain(text: str) -> str:
    return " ".join(text.split())


def _shown(text: str | None) -> str:
    plain = _plain(text or "")
    return plain if len(plain) <= 80 else plain[:79] + "…"
