"""Stack traces of C#, F# and VB.NET -> ``StackTrace``: what .NET, Mono and Unity print.

An inner exception stands *inside* the outer one: its header after ``--->``, its frames, an end mark, then the outer's frames.
Async state machines and lambdas are reported as the method that they were written in. ``module`` is the type.
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

_FRAME = re.compile(
    r"at (?P<call>[^()]*[^()\s]) ?\((?P<arguments>[^():]*)\)(?: \[0x[0-9a-f]+\])?"
    r"(?: in (?:<[^>]*>:0|(?P<path>.+?):(?:line )?(?P<line>\d{1,9})))?\s*$"
)
_UNITY = re.compile(r"(?P<call>[\w.+`<>|:]++) ?\([^()]*\) \(at (?P<path>[^()]+):(?P<line>\d{1,9})\)$")
_HEADER = re.compile(
    r"(?P<lead>.*?(?:^|\s|\())(?P<arrow>---> )?(?:\(Inner Exception #(?P<number>\d{1,5})\) )?"
    r"(?P<type>(?:[A-Za-z_]\w*\.)*\w*(?:Exception|Error)(?:`\d+)?)(?: \([^)]{1,200}\))?(?:: (?P<message>.*))?$"
)
_END_OF_INNER = re.compile(r"\s*--- End of inner exception stack trace ---")
_SKIPPED = re.compile(r"\s*--- End of stack trace from previous location")
_GENERIC = re.compile(r"\[[^\[\]]*\]")
_STATE_MACHINE = re.compile(r"(?P<type>.*)[.+]<(?P<method>\w+)>d(?:__\d+)?$")
_LAMBDA = re.compile(r"<(?P<method>[\w.]+)>(?:b__.*|g__(?P<local>\w+)\|.*)$")
_CLOSURE = re.compile(r"[.+]<>c(?:__DisplayClass\w+)?$")
_UNUSUAL_HEADER = re.compile(r"(?P<type>[A-Za-z_][\w.+`]*): (?P<message>.*)$")
_MAX_MESSAGE_LINES: Final = 60


def parse(text: str) -> StackTrace | None:
    """Every stack trace of ``text``, the last one being the failure; ``None`` where there is none."""
    reader = _Reader()
    for line in unprefixed(read_lines(text), starting_with("at ", _FRAME)):
        reader.take(line.strip())
    reader.close()
    return assemble.stack_trace([flatten(root) for root in reader.roots], "csharp")


@dataclass(slots=True, eq=False)
class _Draft:
    """An exception whose header is read; ``frames`` are innermost first."""

    type: str | None
    message: list[str]
    node: Node = field(default_factory=lambda: Node(Raised(None, None, ())))
    frames: list[Frame] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    """Takes a text line by line. ``open`` holds the exceptions whose frames are still to come, the outermost first."""

    roots: list[Node] = field(default_factory=list)
    drafts: list[_Draft] = field(default_factory=list)
    open: list[_Draft] = field(default_factory=list)
    previous: str = ""
    in_message: bool = False

    def take(self, line: str) -> None:
        """Read one line without its indentation."""
        text = line.removesuffix("<---").rstrip()
        frame = _read_frame(text)
        if frame is not None:
            self._add(frame)
        elif not _SKIPPED.match(text) and not _END_OF_INNER.match(text):
            self._other(text)
        if len(text) < len(line) or _END_OF_INNER.match(line):
            self.in_message = False
            self.open[1:] = self.open[1:-1]
        self.previous = text

    def close(self) -> None:
        """Finish the exceptions that are being read, if there is a frame among them."""
        for draft in self.drafts:
            module, _, name = (draft.type or "").rpartition(".")
            message = "\n".join(draft.message).rstrip()
            draft.node.raised = assemble.raised(name, message, reversed(draft.frames), module=module)
        if any(draft.frames for draft in self.drafts):
            root = self.drafts[0].node
            root.members = [member for member in root.members if root.cause is None or member.raised != root.cause.raised]
            self.roots.append(root)
        self.drafts, self.open, self.in_message = [], [], False

    def _add(self, frame: Frame) -> None:
        if not self.open:
            header = _UNUSUAL_HEADER.match(self.previous)
            self._push(_Draft(header["type"], [header["message"]]) if header else _Draft(None, []))
        self.in_message = False
        self.open[-1].frames.append(frame)

    def _other(self, line: str) -> None:
        header = _HEADER.match(line)
        if header is None:
            self._continue(line)
            return
        draft = _Draft(header["type"], [header["message"] or ""])
        if header["arrow"] and self.open:
            holder = self.open[-1].node
            if header["number"]:
                holder.members.append(draft.node)
            else:
                holder.cause = draft.node
        else:
            self.close()
        self._push(draft)
        self.in_message = True
        before, arrow, inner = draft.message[0].partition(" ---> ")
        if arrow:
            draft.message = [before]
            self._other(f"---> {inner}")

    def _continue(self, line: str) -> None:
        """A line that is neither header nor frame: of the message, or the end of a trace whose frames are read."""
        if self.in_message and len(self.open[-1].message) < _MAX_MESSAGE_LINES:
            self.open[-1].message.append(line)
        elif line and self.open and self.open[0].frames:
            self.close()

    def _push(self, draft: _Draft) -> None:
        self.drafts.append(draft)
        self.open.append(draft)


def _read_frame(line: str) -> Frame | None:
    found = _FRAME.match(line) or _UNITY.match(line)
    if found is None:
        return None
    module, function = _names(_GENERIC.sub("", found["call"]))
    return assemble.frame(found["path"], found["line"], function, module=module)


def _names(call: str) -> tuple[str, str]:
    """Type and method, with what the compiler made of async methods, lambdas and local functions undone."""
    if call.endswith(("..ctor", "..cctor")):
        type_, _, method = call.rpartition("..")
        return type_, "." + method
    type_, _, method = call.replace(":", ".").rpartition(".")
    machine, written = _STATE_MACHINE.match(type_), _LAMBDA.match(method)
    if machine and method == "MoveNext":
        return _CLOSURE.sub("", machine["type"]), machine["method"]
    return _CLOSURE.sub("", type_), (written["local"] or written["method"]) if written else method
