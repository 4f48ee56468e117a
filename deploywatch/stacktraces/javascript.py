"""Stacks of JavaScript and TypeScript -> ``StackTrace``: V8's (Node, Chrome, Deno, Hermes), and through ``gecko`` the others.

Read are ``async`` and ``new`` calls, ``[as alias]``, code run by ``eval``, ``file://`` and bundlers' addresses, ``[cause]``,
the ``[errors]`` of an ``AggregateError``, frames that Node leaves out because the cause shows them, and Node's own form of
a ``SyntaxError``. The grammar is V8's (https://v8.dev/docs/stack-trace-api) and that of Node's ``util.inspect``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from deploywatch.model import Frame, StackTrace
from deploywatch.stacktraces import assemble, gecko
from deploywatch.stacktraces.exception_tree import Node, flatten
from deploywatch.stacktraces.javascript_errors import Header, read_header
from deploywatch.stacktraces.javascript_frames import local, read_frame
from deploywatch.stacktraces.lines import read_lines
from deploywatch.stacktraces.prefixes import starting_with, unprefixed

_OMITTED = re.compile(r"\s*\.\.\. (\d{1,6}) lines matching cause stack trace \.\.\.$")
_ANY_FRAME = re.compile(r"at (?:.*\)|.*:\d{1,9}:\d{1,9})(?: \{)?$")


def parse(text: str) -> StackTrace | None:
    """Every stack of ``text``, the last one being the failure; ``None`` where there is none."""
    lines = unprefixed(read_lines(text), starting_with("at ", _ANY_FRAME))
    roots, nodes, omitted = _link(_stacks(lines))
    for node in reversed(nodes):
        if node.cause is not None:
            node.raised = replace(node.raised, frames=_restored(node, omitted.get(id(node), [])))
    return assemble.stack_trace([flatten(root) for root in roots], "javascript") or gecko.parse_lines(lines)


@dataclass(frozen=True, slots=True)
class _Stack:
    """A run of frames, innermost first, with what stands above it; ``omitted`` are places and numbers of frames left out."""

    header: Header
    frames: tuple[Frame, ...]
    omitted: tuple[tuple[int, int], ...]


def _stacks(lines: Sequence[str]) -> list[_Stack]:
    stacks: list[_Stack] = []
    above, begin = 0, 0
    frames: list[Frame] = []
    omitted: list[tuple[int, int]] = []
    for number, line in enumerate([*lines, ""]):
        frame, left_out = read_frame(line), _OMITTED.match(line) if frames else None
        if left_out:
            omitted.append((len(frames), int(left_out[1])))
        elif frame is not None:
            begin = begin if frames else number
            frames.append(frame)
        elif frames:
            stacks.append(_stack(lines[above:begin], frames, omitted))
            above, frames, omitted = number, [], []
    return stacks


def _stack(above: Sequence[str], frames: Sequence[Frame], omitted: Sequence[tuple[int, int]]) -> _Stack:
    header = read_header(above)
    syntax = [assemble.frame(local(header.place[0]), header.place[1])] if header.place else []
    return _Stack(header, (*syntax, *frames), tuple(omitted))


def _link(stacks: Sequence[_Stack]) -> tuple[list[Node], list[Node], dict[int, Sequence[tuple[int, int]]]]:
    """Roots of the error trees, all nodes in the text's order (causes after what they caused), and their omitted frames."""
    roots: list[Node] = []
    nodes: list[Node] = []
    lists: list[tuple[int, Node]] = []
    omitted: dict[int, Sequence[tuple[int, int]]] = {}
    for stack in stacks:
        header = stack.header
        node = Node(assemble.raised(header.type, header.message, reversed(stack.frames)))
        begun = header.errors_list
        if begun is not None and begun.type is not None:
            roots.append(Node(assemble.raised(begun.type, begun.message, ())))
            lists.append((begun.indent, roots[-1]))
        elif begun is not None and nodes:
            lists.append((begun.indent, nodes[-1]))
        while lists and lists[-1][0] >= header.indent:
            lists.pop()
        if header.is_cause and nodes:
            nodes[-1].cause = node
        elif lists:
            lists[-1][1].members.append(node)
        else:
            roots.append(node)
        nodes.append(node)
        omitted[id(node)] = stack.omitted
    return roots, nodes, omitted


def _restored(node: Node, omitted: Sequence[tuple[int, int]]) -> tuple[Frame, ...]:
    """The frames with those that Node left out: in the cause they follow the frame after which they were left out."""
    frames = list(reversed(node.raised.frames))
    cause = list(reversed(node.cause.raised.frames)) if node.cause else []
    for position, count in reversed(omitted):
        known = frames[position - 1] if 0 < position <= len(frames) else None
        if known in cause:
            after = cause.index(known) + 1
            frames[position:position] = cause[after : after + count]
    return tuple(reversed(frames))
