"""Stack traces of Elixir and Erlang, as Elixir's ``Exception.format`` prints them -> ``StackTrace``.

``package`` is the application that a frame belongs to. Of an exception inside an exit (``** (EXIT) an exception was
raised:``) the inner one, which stands further in, is the cause of the exit around it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from deploywatch.model import Frame, Raised, StackTrace
from deploywatch.stacktraces import assemble
from deploywatch.stacktraces.exception_tree import Node, flatten
from deploywatch.stacktraces.lines import read_lines
from deploywatch.stacktraces.prefixes import starting_with, unprefixed

_STARRED = re.compile(r"\*\* \((?P<type>[\w.]{1,200})\) ?(?P<message>.*)$")
_PACKAGE: Final = r"\s+(?:\((?P<package>[a-z]\w*)(?: [^()\s]+)?\) )?"
_PLACED = re.compile(
    _PACKAGE + r"(?P<path>[^\s:()]+\.(?:exs?|[ehl]?eex|erl|[hxy]rl|sface)):(?P<line>\d{1,9})(?::\d{1,9})?: (?P<function>.+)$"
)
_UNPLACED = re.compile(_PACKAGE + r"(?P<function>(?:anonymous fn/\d{1,3} in )?:?[A-Za-z][\w.!?@]*(?:\.\"[^\"]*\")?/\d{1,3})$")
_MODULE = re.compile(r"(?:anonymous fn/\d{1,3} in )?(?P<module>[A-Z]\w*(?:\.[A-Z]\w*)*|:\w+)\.")
_OWN_PLACE = re.compile(r"(?P<path>[^\s:]+\.(?:exs?|[hl]?eex)):(?P<line>\d{1,9})(?::(?P<column>\d{1,9}))?: ")
_EXIT: Final = "EXIT"
_MAX_MESSAGE_LINES: Final = 60


def parse(text: str) -> StackTrace | None:
    """Every stack trace of ``text``, the last one being the failure; ``None`` where there is none."""
    reader = _Reader()
    for line in unprefixed(read_lines(text), starting_with("** (", _STARRED)):
        reader.take(line)
    reader.close()
    return assemble.stack_trace([flatten(root) for root in reader.roots], "elixir")


@dataclass(slots=True, eq=False)
class _Draft:
    """An error whose header stands ``indent`` characters in; ``frames`` are innermost first."""

    indent: int
    type: str
    message: list[str]
    node: Node
    frames: list[Frame] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    """Takes a text line by line. ``open`` are errors whose frames are still to come, each further in than the one before."""

    roots: list[Node] = field(default_factory=list)
    drafts: list[_Draft] = field(default_factory=list)
    open: list[_Draft] = field(default_factory=list)

    def take(self, line: str) -> None:
        """Read one line."""
        column = line.find("** (")
        starred = _STARRED.match(line, column) if column >= 0 else None
        frame = _PLACED.match(line) or _UNPLACED.match(line) if self.open else None
        if starred is not None:
            self._begin(column, starred)
        elif frame is not None:
            self._add(len(line) - len(line.lstrip()), frame)
        elif self.open and not self.open[-1].frames and len(self.open[-1].message) < _MAX_MESSAGE_LINES:
            self.open[-1].message.append(line.strip())
        else:
            self.close()

    def close(self) -> None:
        """Finish the errors that are being read, if there is a frame among them."""
        for draft in self.drafts:
            frames = [*_own_place(draft.message[0]), *draft.frames]
            draft.node.raised = assemble.raised(draft.type, "\n".join(draft.message).strip(), reversed(frames))
        if self.drafts and any(draft.node.raised.frames for draft in self.drafts):
            self.roots.append(self.drafts[0].node)
        self.drafts, self.open = [], []

    def _begin(self, column: int, starred: re.Match[str]) -> None:
        if starred["type"] == _EXIT and self.open:
            return
        is_inside = bool(self.open) and column > self.open[-1].indent and not self.open[-1].frames
        if not is_inside:
            self.close()
        draft = _Draft(column, starred["type"], [starred["message"]], Node(Raised(None, None, ())))
        if is_inside:
            self.open[-1].node.cause = draft.node
        self.drafts.append(draft)
        self.open.append(draft)

    def _add(self, indent: int, found: re.Match[str]) -> None:
        while len(self.open) > 1 and indent <= self.open[-1].indent:
            self.open.pop()
        places = found.groupdict()
        module = _MODULE.match(found["function"])
        frame = assemble.frame(
            places.get("path"),
            places.get("line"),
            found["function"],
            module=module["module"] if module else None,
            package=found["package"],
        )
        self.open[-1].frames.append(frame)


def _own_place(message: str) -> list[Frame]:
    """Errors of the compiler name their place at the beginning of the message."""
    place = _OWN_PLACE.match(message)
    return [assemble.frame(place["path"], place["line"], column=place["column"])] if place else []
