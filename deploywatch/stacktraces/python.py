"""Raw Python tracebacks -> ``StackTrace``: what CPython 2.7 to 3.14, ``logging`` and ``traceback`` print.

Read are chains ("The above exception was the direct cause ..."), exception groups with their margins, ``SyntaxError``'s
own form, "[Previous line repeated N more times]", notes, markers, and all of it behind log prefixes. The grammar is
that of CPython's ``traceback.TracebackException.format``.
"""

from __future__ import annotations

import re
from typing import Final

from deploywatch.model import Frame, StackTrace
from deploywatch.stacktraces import assemble
from deploywatch.stacktraces.event_frames import MAX_FRAMES
from deploywatch.stacktraces.exception_tree import Node, flatten
from deploywatch.stacktraces.lines import read_lines
from deploywatch.stacktraces.prefixes import LOG_LINE
from deploywatch.stacktraces.python_lines import Cursor

_START = re.compile(
    r"(?:  \+ )?(?:Exception Group )?Traceback \(most recent call last\):\s*$"
    r'|[ ]{0,2}File "[^"]{1,1024}", line \d+(?:, in .*)?$'
)
_HEADER = re.compile(r"\s*(?:Exception Group )?Traceback \(most recent call last\):\s*$")
_TOP_GROUP: Final = "  + Exception Group Traceback (most recent call last):"
_FILE = re.compile(r'\s*File "(?P<path>.*)", line (?P<line>\d{1,10})(?:, in (?P<function>.*))?$')
_REPEATED = re.compile(r"\s*\[Previous line repeated (\d{1,9}) more times?\]$")
_MARKER = re.compile(r"[\s^~]+$")
_ERROR = re.compile(r"(?P<module>(?:[^\W\d]\w*\.|<locals>\.)*)(?P<type>[^\W\d]\w*)(?::(?: (?P<message>.*))?)?$")
_NOT_AN_ERROR: Final = frozenset({"DEBUG", "INFO", "NOTICE", "WARN", "WARNING", "ERROR", "CRITICAL", "FATAL", "TRACE"})
_MEMBER = re.compile(r"(?P<lead> *(?:\+-)?)\+-{16} (?:\d{1,6}|\.\.\.) -{16}$")
_END_OF_MEMBERS = re.compile(r" *\+-{36}$")
_CONNECTORS: Final = (
    "The above exception was the direct cause of the following exception:",
    "During handling of the above exception, another exception occurred:",
)
_MAX_DEPTH: Final = 50
_MAX_MESSAGE_LINES: Final = 200


def parse(text: str) -> StackTrace | None:
    """Every traceback of ``text``, the last one being the failure; ``None`` where there is none."""
    lines = read_lines(text)
    chains, position = [], 0
    while position < len(lines):
        found = _START.search(lines[position])
        position += 1
        if found is not None:
            cursor = Cursor.at(lines, position - 1, found.start())
            node = _chain(cursor, 0)
            position = max(cursor.position, position)
            chains.append(flatten(node) if node else [])
    return assemble.stack_trace(chains, "python")


def _chain(cursor: Cursor, depth: int) -> Node | None:
    node = _quoting(cursor, depth)
    while node is not None and _take_connector(cursor, depth):
        following = _quoting(cursor, depth)
        if following is None:
            break
        node = Node(following.raised, following.cause or node, following.members)
    return node


def _quoting(cursor: Cursor, depth: int) -> Node | None:
    """An exception; a traceback that its message quotes ("the worker failed:") is of its cause, not of the failure itself."""
    quoted = []
    node = _exception(cursor, depth)
    while node is not None:
        quoted.append(node)
        line = cursor.peek(depth)
        is_quoting = (node.raised.message or "").rstrip().endswith(":") and line is not None and _HEADER.match(line)
        node = _exception(cursor, depth) if is_quoting else None
    for outer in reversed(quoted):
        node = Node(outer.raised, node, outer.members)
    return node


def _exception(cursor: Cursor, depth: int) -> Node | None:
    begin = cursor.position
    line = cursor.peek(depth)
    is_top_group = depth == 0 and line is not None and line.rstrip() == _TOP_GROUP
    inner = 1 if is_top_group else depth
    if line is not None and (is_top_group or _HEADER.match(line)):
        cursor.advance()
    frames = _frames(cursor, inner)
    module, type_, message = _error(cursor, inner)
    members = _members(cursor, inner)
    if cursor.position == begin or not (frames or type_):
        return None
    return Node(assemble.raised(type_, message, frames, module=module), None, members)


def _frames(cursor: Cursor, depth: int) -> list[Frame]:
    frames: list[Frame] = []
    while (line := cursor.peek(depth)) is not None:
        file, repeated = _FILE.match(line), _REPEATED.match(line)
        if file:
            cursor.advance()
            context = _source_line(cursor, depth, indent=len(line) - len(line.lstrip()))
            frames.append(assemble.frame(file["path"], file["line"], file["function"], context_line=context))
        elif repeated and frames:
            cursor.advance()
            frames += frames[-1:] * min(int(repeated[1]), MAX_FRAMES)
        elif frames and (line.startswith("    ") or _MARKER.match(line) or not line.strip()):
            cursor.advance()
        else:
            break
        del frames[:-MAX_FRAMES]
    return frames


def _source_line(cursor: Cursor, depth: int, *, indent: int) -> str | None:
    """The line of code under a frame. Where a chat has eaten all indentation, it is told by standing where it does."""
    line = cursor.peek(depth)
    if line is None or not line.strip() or _MARKER.match(line):
        return None
    is_flat = indent == 0 and not (_FILE.match(line) or _REPEATED.match(line))
    if not is_flat and not line.startswith(" " * (indent + 2)):
        return None
    cursor.advance()
    return line.strip()


def _error(cursor: Cursor, depth: int) -> tuple[str | None, str | None, str | None]:
    """Module, type and message of the exception; the message goes on for as long as the text can be it."""
    line = cursor.peek(depth)
    found = _ERROR.match(line.rstrip()) if line is not None else None
    if found is None or (depth == 0 and found["type"] in _NOT_AN_ERROR):
        return None, None, None
    cursor.advance()
    message = [found["message"] or ""]
    while len(message) < _MAX_MESSAGE_LINES and (line := cursor.peek(depth)) is not None:
        if not line.strip():
            if not _goes_on(cursor, depth):
                break
        elif depth == 0 and (_HEADER.match(line) or line.rstrip() == _TOP_GROUP or LOG_LINE.match(line)):
            break
        cursor.advance()
        if depth == 0 and line.strip() == '"""':  # the end of what concurrent.futures and multiprocessing quote
            break
        message.append(line)
    return found["module"].rstrip(".") or None, found["type"], "\n".join(message)


def _goes_on(cursor: Cursor, depth: int) -> bool:
    """Whether a blank line is part of the message: in a group unless a connector follows, else only if one does later."""
    begin = cursor.position
    cursor.skip_blank(depth)
    line = cursor.peek(depth)
    at_connector, at_end = line in _CONNECTORS, line is None
    steps = 0
    while depth == 0 and line is not None and not _HEADER.match(line) and line not in _CONNECTORS and steps < _MAX_MESSAGE_LINES:
        cursor.advance()
        line, steps = cursor.peek(depth), steps + 1
    before_connector = line in _CONNECTORS
    cursor.position = begin
    return not at_connector and not at_end and (depth > 0 or before_connector)


def _take_connector(cursor: Cursor, depth: int) -> bool:
    begin = cursor.position
    cursor.skip_blank(depth)
    line = cursor.peek(depth)
    if line is None or line.strip() not in _CONNECTORS:
        cursor.position = begin
        return False
    cursor.advance()
    cursor.skip_blank(depth)
    return True


def _members(cursor: Cursor, depth: int) -> list[Node]:
    members: list[Node] = []
    while depth < _MAX_DEPTH and (line := cursor.raw()) is not None:
        separator = _MEMBER.match(line.rstrip())
        if separator is None or len(separator["lead"]) != 2 * (depth + 1):
            break
        cursor.advance()
        member = _chain(cursor, depth + 1)
        members += [member] if member else []
        while cursor.peek(depth + 1) is not None:
            cursor.advance()
    if members and (line := cursor.raw()) is not None and _END_OF_MEMBERS.match(line):
        cursor.advance()
    return members
