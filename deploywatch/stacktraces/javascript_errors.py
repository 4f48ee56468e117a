"""The lines above a JavaScript stack -> the error's type and message, and how it hangs together with the error before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_NAMED = re.compile(
    r"(?<![\w$.])(?P<type>[A-Za-z_$][\w$.]*(?:Error|Exception|Rejection|Failure|Warning)|Error)"
    r"(?: \[[^\]\s]{1,80}\])?(?:: (?P<message>.*)|:?$)"
)
_OTHERWISE_NAMED = re.compile(r"(?P<type>[A-Za-z_$][\w$. ]{0,60})(?: \[[^\]\s]{1,80}\])?: (?P<message>.*)$")
_STACKLESS = re.compile(r"\s*\[(?P<type>[A-Za-z_$][\w$.]*)(?:: (?P<message>.*))?\] \{$")
_ERRORS_LIST = re.compile(r"(?P<indent>\s*)\[errors\]: \[$")
_LEAD = re.compile(r"[\s})\],]*(?:\[cause\]: |Caused by: )?(?:Uncaught (?:\(in promise\) )?|Unhandled Promise Rejection: )?")
_CAUSE = re.compile(r"[\s})\],]*(?:\[cause\]: |Caused by: )")
_CARET = re.compile(r"\s*\^+\s*$")
_SOURCE_PLACE = re.compile(r"(?P<path>(?:file://)?(?:[A-Za-z]:)?[^\s:][^:]*):(?P<line>\d{1,9})$")
_MAX_LINES: Final = 60


@dataclass(frozen=True, slots=True)
class ErrorsList:
    """A list ``[errors]`` that begins above a stack; ``type`` and ``message`` are its owner's where that one has no stack."""

    indent: int
    type: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """What the lines above a stack say. ``indent`` is the number of spaces before it, ``place`` a SyntaxError's path and line."""

    type: str | None = None
    message: str | None = None
    is_cause: bool = False
    indent: int = 0
    errors_list: ErrorsList | None = None
    place: tuple[str, str] | None = None


def read_header(lines: Sequence[str]) -> Header:
    """The header of the stack that follows on ``lines``: the nearest line that begins with an error, else that holds one."""
    above = range(len(lines) - 1, max(-1, len(lines) - 1 - _MAX_LINES), -1)
    leading = ((number, found) for number in above if (found := _NAMED.match(lines[number], _after_lead(lines[number]))))
    inside = ((number, found) for number in above if (found := _NAMED.search(lines[number])))
    number, found = next(leading, None) or next(inside, None) or _last_resort(lines)
    if found is None:
        return Header(errors_list=_errors_list(lines))
    indent = len(lines[number]) - len(lines[number].lstrip())
    message = [found["message"] or "", *(_dedented(line, indent) for line in lines[number + 1 :])]
    type_ = found["type"].strip()
    return Header(
        type=type_,
        message="\n".join(message).rstrip(),
        is_cause=_CAUSE.match(lines[number]) is not None,
        indent=indent,
        errors_list=_errors_list(lines[:number]),
        place=_syntax_place(lines[:number]) if type_.endswith("SyntaxError") else None,
    )


def _errors_list(lines: Sequence[str]) -> ErrorsList | None:
    begun = next(((number, found) for number, line in enumerate(lines) if (found := _ERRORS_LIST.match(line))), None)
    if begun is None:
        return None
    number, found = begun
    owner = next(
        (stackless for line in lines[max(0, number - _MAX_LINES) : number] if (stackless := _STACKLESS.match(line))), None
    )
    return ErrorsList(len(found["indent"]), *(owner.group("type", "message") if owner else (None, None)))


def _dedented(line: str, indent: int) -> str:
    return line[indent:] if line.startswith(" " * indent) else line.lstrip()


def _after_lead(line: str) -> int:
    found = _LEAD.match(line)
    return found.end() if found else 0


def _last_resort(lines: Sequence[str]) -> tuple[int, re.Match[str] | None]:
    """An error with a name of its own stands directly above its stack."""
    last = len(lines) - 1
    return last, _OTHERWISE_NAMED.match(lines[last], _after_lead(lines[last])) if lines else None


def _syntax_place(lines: Sequence[str]) -> tuple[str, str] | None:
    """Node prints where a SyntaxError is above it: ``path:line``, the code, and a line of carets."""
    tail = [line for line in lines[-6:] if line.strip()]
    if tail and _CARET.match(tail[-1]):
        tail = tail[:-1]
    elif not (tail and _SOURCE_PLACE.match(tail[-1])):
        return None
    places = (found for line in reversed(tail) if (found := _SOURCE_PLACE.match(line)))
    return next(((found["path"], found["line"]) for found in places), None)
