"""The lines above a PHP stack -> the exception's type, message and place, and how it hangs on the one before it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_BEGIN = re.compile(
    r"\[previous exception\] \[object\] \(|\[object\] \(|Uncaught |Next (?=[A-Za-z_\\][\w\\@]*(?::| in ))"
    r"|(?:Fatal|Parse|Compile|Recoverable fatal) error: +|^(?=[A-Z\\][\w\\]*(?:: | in ))"
)
_PLACE = re.compile(r"(?P<path>\S.*?)(?::| on line )(?P<line>\d{1,9})\)?$")
_OLD_STYLE = re.compile(r"exception '(?P<type>[\w\\]+)' with message '(?P<message>.*)'$", re.DOTALL)
_OBJECT = re.compile(r"(?P<type>[\w\\@]+)\(code: [^)]*\)(?:: (?P<message>.*))?$", re.DOTALL)
_PLAIN = re.compile(r"(?P<type>[A-Za-z_\\][\w\\@]*)(?:: (?P<message>.*))?$", re.DOTALL)
_MAX_LINES: Final = 20


@dataclass(frozen=True, slots=True)
class Header:
    """What the lines above a stack say. ``is_next`` exceptions were caused by the one before, ``is_previous`` ones caused it."""

    type: str | None = None
    message: str | None = None
    path: str | None = None
    line: str | None = None
    is_next: bool = False
    is_previous: bool = False


def read_header(above: Sequence[str]) -> Header:
    """The header that ends on the last line of ``above`` that is not blank; a message may make it several lines long."""
    lines = [line.rstrip() for line in above if line.strip()][-_MAX_LINES:]
    for number in range(len(lines) - 1, -1, -1):
        begin = _BEGIN.search(lines[number])
        if begin is not None:
            text = "\n".join([lines[number][begin.end() :], *lines[number + 1 :]])
            return _header(begin.group().strip(), text)
    return Header()


def _header(begin: str, text: str) -> Header:
    is_object = "[object]" in begin
    before, separator, after = text.rpartition(" at " if is_object else " in ")
    place = _PLACE.match(after) if separator else None
    if place is None:
        return Header()
    is_error = begin.endswith("error:") and not before.startswith("Uncaught ")
    if is_error:
        return Header(begin.rstrip(":"), before, place["path"], place["line"])
    said = before.removeprefix("Uncaught ")
    found = _OLD_STYLE.match(said) or (_OBJECT if is_object else _PLAIN).match(said)
    type_, message = found.group("type", "message") if found else (None, before)
    return Header(type_, message, place["path"], place["line"], begin == "Next", begin.startswith("[previous"))
