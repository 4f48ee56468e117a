"""Text rules for languages with braces, where no parser is installed.

Strings and comments are blanked, then braces are matched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from deploywatch.suspects.syntax.outline import Definition, Outline

# One alternation, first match wins: comments, strings, template strings (without nested braces), and JavaScript's regular
# expressions after an operator.
_NOISE: Final = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|(?<=[=(,:!&|?{};])\s*/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+/",
    re.DOTALL,
)
_NOT_NAMES: Final = frozenset(
    "if for while switch catch return else do with function try using lock synchronized foreach match when unsafe loop".split()
)
_NAMED: Final = (
    re.compile(r"\b(?:function\*?|func|fn|fun|def|sub)\s+(?:\([^()]*\)\s*)?([A-Za-z_$][\w$]*)\s*(?:<[^{}()]*>)?\s*\("),
    re.compile(r"\b(?P<cls>class|interface|struct|trait|impl|enum|object|namespace|module)\s+([A-Za-z_$][\w$]*)"),
    re.compile(r"([A-Za-z_$][\w$]*)\s*[:=]\s*(?:async\s*)?(?:function\b|\([^()]*\)\s*(?::[^={}]*)?=>|[A-Za-z_$][\w$]*\s*=>)"),
    re.compile(r"([A-Za-z_$][\w$]*)\s*(?:<[^{}()]*>)?\s*\((?:[^()]|\([^()]*\))*\)\s*(?:throws [\w., ]+|:[^{};]*|->[^{};]*)?$"),
)
_HEADER_LIMIT: Final = 600


def outline(text: str) -> Outline:
    """Definitions found by matching braces, and statements found by matching brackets and line ends."""
    clean = blanked(text)
    return Outline(tuple(_definitions(clean)), tuple(_statements(clean)))


def blanked(text: str) -> str:
    """``text`` with the insides of comments and strings replaced by spaces; every line keeps its number."""
    return _NOISE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


@dataclass(frozen=True, slots=True)
class _Brace:
    """A brace; of an opening one the text before it and the line where that text starts."""

    line: int
    header_line: int
    header: str | None


def _definitions(clean: str) -> list[Definition]:
    found: list[Definition] = []
    open_blocks: list[tuple[_Brace, str | None, bool]] = []
    for brace in _braces(clean):
        if brace.header is not None:
            open_blocks.append((brace, *_name(brace.header)))
        elif open_blocks:
            opened, name, is_class = open_blocks.pop()
            if name:
                outer = ".".join(n for _, n, _ in open_blocks if n)
                qualified = f"{outer}.{name}" if outer else name
                found.append(Definition(name, qualified, opened.header_line, opened.line, brace.line, is_class))
    return sorted(found, key=lambda d: (d.first, -d.last))


def _braces(clean: str) -> Iterator[_Brace]:
    line, header_from, header_line = 1, 0, 1
    starts = False
    for at, char in enumerate(clean):
        if char == "\n":
            line += 1
        elif char in "{};":
            header = clean[max(header_from, at - _HEADER_LIMIT) : at] if char == "{" else None
            if char != ";":
                yield _Brace(line, header_line if starts else line, header)
            header_from, starts = at + 1, False
        elif not char.isspace() and not starts:
            header_line, starts = line, True


def _name(header: str) -> tuple[str | None, bool]:
    header = header.rstrip()
    best: tuple[int, str, bool] | None = None
    for pattern in _NAMED:
        for match in pattern.finditer(header):
            is_class = "cls" in match.groupdict()
            name = match[match.lastindex or 1]
            if name not in _NOT_NAMES and (best is None or match.start() > best[0]):
                best = (match.start(), name, is_class)
    return (best[1], best[2]) if best else (None, False)


def _statements(clean: str) -> list[tuple[int, int]]:
    """Runs of lines that round or square brackets hold together, and method chains that go on with a leading dot."""
    spans: list[tuple[int, int]] = []
    depth, first = 0, 1
    lines = clean.split("\n")
    for number, line in enumerate(lines, 1):
        if depth <= 0:
            depth, first = 0, number
        opened = line.count("(") + line.count("[") - line.count(")") - line.count("]")
        depth += 0 if line.rstrip().endswith("{") and opened > 0 else opened
        goes_on = number < len(lines) and lines[number].lstrip().startswith((".", "?.", "&&", "||"))
        if depth <= 0 and not goes_on:
            spans.append((first, number))
            first = number + 1
        elif goes_on and depth <= 0:
            depth = 0
    return [span for span in spans if span[1] - span[0] < 12]


def without_comments(text: str) -> str:
    """``text`` with comments removed and strings kept."""
    return _NOISE.sub(lambda m: " " if m[0].lstrip().startswith(("//", "/*")) else m[0], text)
