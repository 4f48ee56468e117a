"""Text rules for languages whose blocks are told by indentation, and for Python that this Python cannot parse."""

from __future__ import annotations

import re
from typing import Final

from deploywatch.suspects.syntax.outline import Definition, Outline

_DEFINITION: Final = re.compile(
    r"^(\s*)(?:async\s+)?(?P<kind>def|class|defp|defmodule|module)\s+(?:self\.)?(?P<name>[A-Za-z_][\w.?!]*)"
)


def outline(text: str) -> Outline:
    """Definitions end before the next line that is indented no deeper."""
    lines = text.split("\n")
    found: list[Definition] = []
    stack: list[tuple[int, str]] = []
    for number, line in enumerate(lines, 1):
        match = _DEFINITION.match(line)
        if not match:
            continue
        depth = len(match[1].expandtabs())
        stack = [entry for entry in stack if entry[0] < depth]
        qualified = ".".join([*(name for _, name in stack), match["name"]])
        stack.append((depth, match["name"]))
        last = _end(lines, number, depth)
        found.append(Definition(match["name"], qualified, number, number, last, match["kind"] not in ("def", "defp")))
    return Outline(tuple(found))


def _end(lines: list[str], start: int, depth: int) -> int:
    last = start
    for number in range(start + 1, len(lines) + 1):
        line = lines[number - 1]
        if line.strip():
            if len(line.expandtabs()) - len(line.expandtabs().lstrip()) <= depth:
                return number if line.strip() == "end" else last
            last = number
    return last
