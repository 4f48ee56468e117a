"""Text from a terminal, a log or a chat -> plain lines: no colours, no carriage returns, escaped line breaks broken."""

from __future__ import annotations

import re
from typing import Final

MAX_LINE: Final = 16_384
"""Characters kept of a line. Every pattern that reads lines thereby has a bounded subject."""

_ESCAPE_SEQUENCE = re.compile(
    r"\x1b\[[0-9;:?]*[ -/]*[@-~]"  # colours and cursor movements
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # titles and links
    r"|\x1b[@-Z\\^_]"
    r"|(?:\^\[|#033)\[[0-9;]*m"  # colours as syslog and `cat -v` write them
)
_MARKS: Final = ("\x1b", "^[[", "#033[")
_ESCAPED_FRAME = re.compile(
    r"\\n(?:\\t|[ \t]){0,40}+(?:File \\?[\"']|at |from |#\d|\| {1,9}File|\d{1,5}: |\(\w|\*\* \(|/\S{1,300}:\d|goroutine )"
)
_ESCAPES: Final = {"n": "\n", "r": "", "t": "\t", '"': '"', "'": "'", "\\": "\\", "/": "/"}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)


def read_lines(text: str) -> list[str]:
    """The lines of ``text`` without line ends and terminal colours, each at most ``MAX_LINE`` characters long.

    A line that holds a whole trace with its line breaks escaped, as JSON and ``repr`` write them, becomes several.
    """
    plain = _ESCAPE_SEQUENCE.sub("", text) if any(mark in text for mark in _MARKS) else text
    lines = plain.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [line[:MAX_LINE] for whole in lines for line in _unescaped(whole)]


def _unescaped(line: str) -> list[str]:
    if "\\n" not in line or not _ESCAPED_FRAME.search(line):
        return [line]
    return _ESCAPE.sub(_character, line).split("\n")


def _character(escape: re.Match[str]) -> str:
    code, letter = escape.groups()
    return chr(int(code, 16)) if code else _ESCAPES.get(letter, escape.group())
