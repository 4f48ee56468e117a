"""PHP stack traces -> ``StackTrace``: what PHP itself and Monolog (Laravel, Symfony) print, and fatal errors without a stack.

PHP names an exception's own place in its header and writes each call beside the place that it was made *from*. Frames are
therefore shifted by one: the function of ``#0`` ran at the header's place. The first exception printed is the root cause,
each ``Next`` was thrown because of it; Monolog prints ``[previous exception]`` the other way round.
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
from deploywatch.stacktraces.php_headers import Header, read_header
from deploywatch.stacktraces.prefixes import starting_with, unprefixed

_CALL = re.compile(
    r"\s*#\d{1,5} (?:(?P<path>.*?)\((?P<line>\d{1,9})\): |\[internal function\]: )"
    r"(?P<function>(?:[^\s({]|\{[^}]{0,400}\}){1,400})"
)
_MAIN = re.compile(r"\s*#\d{1,5} (?P<function>\{main\})")
_EVALUATED = re.compile(r"(?P<path>.*?)\((?P<line>\d{1,9})\) : (?:eval\(\)'d code|runtime-created function)$")
_FATAL = re.compile(r"(?<!\S)(?:Fatal|Parse|Compile|Recoverable fatal) error: ++(?!Uncaught )")
_ON_LINE = re.compile(r" on line \d{1,9}$")
_STACK = re.compile(r"\s*(?:PHP )?(?:Stack trace:|\[stacktrace\])\s*$")
_INTERNAL: Final = "[internal function]"


def parse(text: str) -> StackTrace | None:
    """Every stack trace of ``text``, the last one being the failure; ``None`` where there is none."""
    reader = _Reader()
    for line in unprefixed(read_lines(text), starting_with("#0 ", _CALL)):
        reader.take(line)
    reader.close()
    return assemble.stack_trace([flatten(root) for root in reader.roots], "php")


@dataclass(slots=True)
class _Reader:
    """Takes a text line by line; ``above`` are the lines since the last call, in which a header stands."""

    roots: list[Node] = field(default_factory=list)
    last: Node | None = None
    above: list[str] = field(default_factory=list)
    header: Header = field(default_factory=Header)
    calls: list[re.Match[str]] = field(default_factory=list)

    def take(self, line: str) -> None:
        """Read one line."""
        call = _CALL.match(line) or _MAIN.match(line)
        if call is not None:
            self.header = self.header if self.calls else read_header(self.above)
            self.calls.append(call)
            self.above = []
            return
        self.close()
        if _STACK.match(line):
            return
        if _ON_LINE.search(line) and _FATAL.search(line):
            self._add(read_header([line]), ())
        self.above.append(line)

    def close(self) -> None:
        """Finish the exception that is being read."""
        if self.calls:
            self._add(self.header, self.calls)
        self.header, self.calls = Header(), []

    def _add(self, header: Header, calls: Sequence[re.Match[str]]) -> None:
        module, _, name = _single(header.type or "").rpartition("\\")
        node = Node(assemble.raised(name, header.message, reversed(_frames(header, calls)), module=module))
        if header.is_next and self.last is not None:
            node.cause = self.roots.pop()
            self.roots.append(node)
        elif header.is_previous and self.last is not None:
            self.last.cause = node
        else:
            self.roots.append(node)
        self.last = node


def _frames(header: Header, calls: Sequence[re.Match[str]]) -> list[Frame]:
    """Innermost first: each place with the function that ran there, which is the one called from the place after it."""
    places = [(header.path, header.line), *(_place(call) for call in calls if "path" in call.re.groupindex)]
    functions: list[str | None] = [_single(call["function"]) for call in calls]
    functions += [None] * (len(places) - len(functions))
    return [assemble.frame(path, line, name) for (path, line), name in zip(places, functions, strict=False) if path]


def _place(call: re.Match[str]) -> tuple[str, str | None]:
    path, line = call["path"] or _INTERNAL, call["line"]
    evaluated = _EVALUATED.match(path)
    return (evaluated["path"], evaluated["line"]) if evaluated else (path, line)


def _single(name: str) -> str:
    """Monolog writes names as JSON does, with every backslash doubled."""
    return name.replace("\\\\", "\\")
