"""Ruby backtraces -> ``StackTrace``: what Ruby 1.9 to 3.4, Rails' log, minitest and RSpec print.

Read are both quotings (``in `total'``, and since 3.4 ``in 'Cart#total'``), the order of Ruby 2.5 to 2.7 (last call last,
numbered), causes (printed after the exception without a blank line, or under Rails' ``Causes:``), the snippets of
``error_highlight``, code run by ``eval``, and headers ``Type (message):`` and ``Type: message``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from deploywatch.model import Frame, StackTrace
from deploywatch.stacktraces import assemble
from deploywatch.stacktraces.exception_tree import Node, flatten
from deploywatch.stacktraces.lines import read_lines
from deploywatch.stacktraces.prefixes import unprefixed

_FILE: Final = r"(?P<path>(?:[A-Za-z]:)?[^\s:<(][^:]{0,1000}|<internal:[^>]{1,200}>|\(eval(?: at [^)]{1,1000})?\))"
_FRAME = re.compile(
    rf"\s*(?P<lead>\d{{1,5}}: from |from |# )?{_FILE}:(?P<line>\d{{1,9}})(?::in [`'](?P<function>[^']*)')?(?:: (?P<rest>.*)|:)?$"
)
_BEGIN = re.compile(r"(?:^|(?<=\s))(?:from )?[^\s:]+:\d{1,9}:in [`']")
_RAISED = re.compile(r"(?P<message>.*?)(?: ?\((?P<type>[A-Z][\w:]*)\))?$")
_HEADER = re.compile(r"\s*(?P<type>[A-Z]\w*(?:::[A-Z]\w*)*)(?: \((?P<short>.*)\):?|: (?P<long>.*)|:)\s*$")
_SURE_TYPE = re.compile(r".*(?:Error|Exception|Invalid|NotFound|Missing|Timeout|::\w+)$")
_EVALUATED = re.compile(r"\(eval at (?P<path>.+):(?P<line>\d{1,9})\)$")
_SYNTAX_PLACE = re.compile(r"(?P<path>(?:[A-Za-z]:)?[^\s:]+):(?P<line>\d{1,9}): ")
_REVERSED = re.compile(r"\s*Traceback \(most recent call last\):\s*$")
_MAX_ABOVE: Final = 12


def parse(text: str) -> StackTrace | None:
    """Every backtrace of ``text``, the last one being the failure; ``None`` where there is none."""
    reader = _Reader()
    for line in unprefixed(read_lines(text), _column):
        reader.take(line)
    reader.close()
    return assemble.stack_trace([flatten(root) for root in reader.roots], "ruby")


def _column(line: str) -> int | None:
    found = _BEGIN.search(line)
    return found.start() if found else None


@dataclass(slots=True)
class _Reader:
    """Takes a text line by line. ``frames`` are innermost first; ``above`` are the lines since the last frame.

    ``outer`` are the frames of a backtrace in the order of Ruby 2.5, oldest first, until its last line comes.
    """

    roots: list[Node] = field(default_factory=list)
    last: Node | None = None
    type: str | None = None
    message: list[str] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    above: list[str] = field(default_factory=list)
    outer: list[Frame] | None = None
    is_cause: bool = False
    in_message: bool = False

    def take(self, line: str) -> None:
        """Read one line."""
        found = _FRAME.match(line)
        raised = _RAISED.match(found["rest"]) if found and found["rest"] and not found["lead"] else None
        if found and raised and (raised["type"] or found["function"] is not None):
            self._raise_at(found, raised)
        elif found and self.outer is not None and found["lead"]:
            self.outer.append(_frame(found))
        elif found and (found["lead"] or found["function"] is not None):
            self._call_from(_frame(found))
        elif _REVERSED.match(line):
            self.close()
            self.outer = []
        else:
            self.above.append(line)

    def close(self) -> None:
        """Finish the exception that is being read: a cause hangs on the one before it."""
        if self.frames:
            node = Node(assemble.raised(self.type, "\n".join(self.message).rstrip(), reversed(self.frames)))
            if self.is_cause and self.last is not None:
                self.last.cause = node
            else:
                self.roots.append(node)
            self.last = node
        self.type, self.message, self.frames, self.is_cause, self.in_message = None, [], [], False, False

    def _raise_at(self, found: re.Match[str], raised: re.Match[str]) -> None:
        """``file:line:in 'function': message (Type)``: the raising frame and the header in one line."""
        is_cause = bool(self.frames) and not self.above and not self.in_message
        self.close()
        self.is_cause, self.in_message = is_cause, True
        self.type, self.message = raised["type"], [raised["message"]]
        self.frames = [*_syntax_frame(raised), _frame(found), *reversed(self.outer or ())]
        self.above, self.outer = [], None

    def _call_from(self, frame: Frame) -> None:
        if self.in_message:
            self.message += _until_blank(self.above)
        elif self.above or not self.frames:
            self.close()
            self.is_cause = any(line.strip() == "Causes:" for line in self.above)
            self.type, self.message = _header(self.above[-_MAX_ABOVE:])
        self.frames.append(frame)
        self.above, self.in_message = [], False


def _frame(found: re.Match[str]) -> Frame:
    path, line = found["path"], found["line"]
    evaluated = _EVALUATED.match(path)
    if evaluated:
        path, line = evaluated.group("path", "line")
    return assemble.frame(path, line, found["function"])


def _syntax_frame(raised: re.Match[str]) -> list[Frame]:
    """A SyntaxError's own place stands at the beginning of its message."""
    place = _SYNTAX_PLACE.match(raised["message"]) if raised["type"] == "SyntaxError" else None
    return [assemble.frame(place["path"], place["line"])] if place else []


def _header(above: Sequence[str]) -> tuple[str | None, list[str]]:
    """Type and message from the nearest line above that names an exception; the lines under it are the rest of the message."""
    for number in range(len(above) - 1, -1, -1):
        found = _HEADER.match(above[number])
        if found and (found["short"] is not None or _SURE_TYPE.match(found["type"])):
            rest = [line.strip() for line in above[number + 1 :]] if found["short"] is None else []
            return found["type"], [part for part in (found["short"] or found["long"], *rest) if part]
    return None, []


def _until_blank(lines: Sequence[str]) -> list[str]:
    """The rest of a message: after a blank line comes a snippet of the code."""
    blank = next((number for number, line in enumerate(lines) if not line.strip()), len(lines))
    return list(lines[:blank])
