"""Stack traces of Java, Kotlin, Scala and Groovy -> ``StackTrace``: what ``printStackTrace``, Logback and Android print.

Read are ``Caused by:``, ``Suppressed:`` and Logback's ``Wrapped by:`` (root cause first), ``... N more`` (the frames are those
of the trace around it, and are put back), module and class loader prefixes, hidden classes, native methods and Logback's
jar names. A frame's ``module`` is its class, as Sentry's SDKs report it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from deploywatch.model import Frame, StackTrace
from deploywatch.stacktraces import assemble
from deploywatch.stacktraces.exception_tree import Node, flatten
from deploywatch.stacktraces.lines import read_lines
from deploywatch.stacktraces.prefixes import starting_with, unprefixed

_FRAME = re.compile(
    r"at (?P<call>(?=[^().]++\.)[^()]++)"
    r"\((?P<source>[^()\s:]*:\d{1,9}|[\w$-]+\.\w+|Unknown Source(?::\d+)?|Native Method|<generated>)\)"
    r"(?: ~?\[[^\]]*\])?\s*$"
)
_MORE = re.compile(r"\s*\.\.\. (\d{1,6}) (?:more|common frames omitted)\s*$")
_SOURCE = re.compile(r"(?P<file>[^:]+?)(?::(?P<line>\d{1,9}))?$")
_RELATION = re.compile(r"(?P<indent>\s*)(?P<word>Caused by|Suppressed|Wrapped by): (?P<error>.*)$")
_ERROR = re.compile(r"(?P<type>(?:[A-Za-z_$][\w$]*\.)*[A-Za-z_$][\w$]*)(?:: (?P<message>.*)|:)?$")
_THREAD = re.compile(r'(?:FATAL EXCEPTION: .*|Exception in thread "[^"]*" |Uncaught exception[^:]{0,80}: )')
_INSIDE = re.compile(r"(?<![\w.$])(?P<type>(?:[a-z_][\w$]*\.)+[A-Z][\w$]*)(?:: (?P<message>.*)|$)")
_NOT_A_FILE: Final = ("Native Method", "Unknown Source", "<generated>")
_MAX_MESSAGE_LINES: Final = 60


def parse(text: str) -> StackTrace | None:
    """Every stack trace of ``text``, the last one being the failure; ``None`` where there is none."""
    lines = unprefixed(read_lines(text), starting_with("at ", _FRAME))
    roots = _Linker().link(_stacks(lines))
    return assemble.stack_trace([flatten(root) for root in roots], "java")


@dataclass(frozen=True, slots=True)
class _Stack:
    """A run of frames, innermost first, and the lines above it. ``more`` is the number of frames that it shares."""

    above: Sequence[str]
    frames: Sequence[Frame]
    more: int


def _stacks(lines: Sequence[str]) -> list[_Stack]:
    stacks: list[_Stack] = []
    above, begin, more = 0, 0, 0
    frames: list[Frame] = []
    for number, line in enumerate([*lines, ""]):
        found, left_out = _FRAME.match(line.strip()), _MORE.match(line)
        if found or left_out:
            begin = begin if frames or more else number
            frames += [_frame(found)] if found else []
            more = int(left_out[1]) if left_out else more
        elif _RELATION.match(line) and above < number and not (frames or more):
            stacks.append(_Stack(lines[above:number], (), 0))
            above = number
        elif frames or more:
            stacks.append(_Stack(lines[above:begin], frames, more))
            above, frames, more = number, [], 0
    return stacks


def _frame(found: re.Match[str]) -> Frame:
    """``loader/module@version/class.method(File.java:12)``; the ``/`` of a hidden class (``Foo$$Lambda/0x1f.run``) is its own."""
    call, hidden, rest = found["call"].partition("/0x")
    package, _, name = call.rpartition("/")
    class_name, _, method = (name + hidden + rest).rpartition(".")
    source = _SOURCE.match(found["source"]) if not found["source"].startswith(_NOT_A_FILE) else None
    file, line = source.group("file", "line") if source else (None, None)
    return assemble.frame(file, line, method, module=class_name, package=package.rpartition("/")[2].partition("@")[0])


@dataclass(frozen=True, slots=True)
class _Header:
    relation: str | None
    indent: int
    type: str | None
    message: str | None


def _header(lines: Sequence[str]) -> _Header:
    """The nearest line above a stack that names an exception; what stands between is the rest of its message."""
    first = max(0, len(lines) - _MAX_MESSAGE_LINES)
    above = range(len(lines) - 1, first - 1, -1)
    related = next(((number, found) for number in above if (found := _RELATION.match(lines[number]))), None)
    named = ((number, found) for number in above if (found := _ERROR.match(_without_thread(lines[number]))) and _is_type(found))
    inside = ((number, found) for number in above if (found := _INSIDE.search(lines[number])))
    if related is not None:
        number, found = related[0], _ERROR.match(related[1]["error"])
    else:
        number, found = next(named, None) or next(inside, (-1, None))
    if found is None:
        return _Header(related[1]["word"] if related else None, 0, None, None)
    message = "\n".join([found["message"] or "", *lines[number + 1 :]]).rstrip()
    indent = len(related[1]["indent"].expandtabs(4)) if related else 0
    return _Header(related[1]["word"] if related else None, indent, found["type"], message)


def _is_type(found: re.Match[str]) -> bool:
    name = found["type"].rpartition(".")[2]
    return ("." in found["type"] and name[:1].isupper()) or name.endswith(("Exception", "Error", "Throwable"))


def _without_thread(line: str) -> str:
    found = _THREAD.match(line)
    return line[found.end() :] if found else line.strip()


class _Linker:
    """Puts exceptions together as they come: what a relation hangs on is the last exception at its own indentation."""

    def __init__(self) -> None:
        self.roots: list[Node] = []
        self.open: list[tuple[int, Node]] = []

    def link(self, stacks: Sequence[_Stack]) -> list[Node]:
        """The outermost exceptions, in the text's order."""
        for stack in stacks:
            header = _header(stack.above)
            if header.type or stack.frames:
                self._add(header, stack)
        return self.roots

    def _add(self, header: _Header, stack: _Stack) -> None:
        module, _, name = (header.type or "").rpartition(".")
        node = Node(assemble.raised(name, header.message, reversed(stack.frames), module=module))
        enclosing = self._enclosing(header)
        if stack.more and enclosing is not None:
            node.raised = replace(node.raised, frames=(*enclosing.raised.frames[: stack.more], *node.raised.frames))
        if enclosing is None:
            self.roots.append(node)
            self.open = []
        elif header.relation == "Suppressed":
            enclosing.members.append(node)
        elif header.relation == "Wrapped by":
            node.cause = enclosing
            self.roots[-1] = node
        else:
            enclosing.cause = node
        self.open.append((header.indent, node))

    def _enclosing(self, header: _Header) -> Node | None:
        if header.relation is None or not self.open:
            return None
        outer = header.indent - (1 if header.relation == "Suppressed" else 0)
        while len(self.open) > 1 and self.open[-1][0] > outer:
            self.open.pop()
        return self.open[-1][1]
