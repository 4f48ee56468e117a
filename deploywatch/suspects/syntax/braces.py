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
_CONTROL: Final = frozenset(
    """
    if for while switch catch return else do with try using lock synchronized foreach match when unsafe loop go defer select case
    """.split()
)
_CLASS: Final = re.compile(
    r"^[ \t]*(?:@\w+(?:\([^()]*\))?\s+)*"
    r"(?:(?:public|private|protected|internal|abstract|final|static|sealed|data|open|partial|pub(?:\([^()]*\))?|export|default|enum"
    r"|inner|value|annotation|readonly|declare|unsafe)\s+)*"
    r"(?:class|interface|struct|trait|impl(?:<[^{}]*?>)?|enum|object|namespace|module|record|extension)\s+([A-Za-z_$][\w$]*)"
    r"|^[ \t]*type\s+([A-Za-z_]\w*)(?:\[[^\[\]]*\])?\s+(?:struct|interface)\b",
    re.MULTILINE,
)
_FUNCTION: Final = (
    re.compile(
        r"\b(?:function\*?|func|fn|fun|def|sub)\s+(?:\([^()]*\)\s*)?([A-Za-z_$][\w$]*)\s*(?:<[^{}()]*>|\[[^\[\]]*\])?\s*\("
    ),
    re.compile(r"([A-Za-z_$][\w$]*)\s*[:=]\s*(?:async\s*)?(?:function\b|\([^()]*\)\s*(?::[^={}]*)?=>|[A-Za-z_$][\w$]*\s*=>)"),
    re.compile(r"([A-Za-z_$][\w$]*)\s*(?:<[^{}()]*>)?\s*\((?:[^()]|\([^()]*\))*\)\s*(?:throws [\w., ]+|:[^{};]*|->[^{};]*)?$"),
)
_HEADER_LIMIT: Final = 600
_LONGEST: Final = 12


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
    open_blocks: list[tuple[_Brace, _Named | None]] = []
    for brace in _braces(clean):
        if brace.header is not None:
            open_blocks.append((brace, _named(brace.header)))
        elif open_blocks:
            opened, named = open_blocks.pop()
            if named:
                qualified = ".".join([*(outer.name for _, outer in open_blocks if outer), named.name])
                first = opened.header_line + named.lines_before
                found.append(Definition(named.name, qualified, first, opened.line, brace.line, named.is_class))
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
        elif not starts and char != "," and not char.isspace():
            header_line, starts = line, True


@dataclass(frozen=True, slots=True)
class _Named:
    """What a block defines. Where statements end without a sign, ``lines_before`` lines of the text before it are not its own."""

    name: str
    is_class: bool
    lines_before: int = 0


def _named(header: str) -> _Named | None:
    """``None`` for the block of a statement."""
    header = header.strip()
    if found := _CLASS.search(header):
        return _Named(found[1] or found[2], is_class=True, lines_before=header.count("\n", 0, found.start()))
    if any(re.split(r"\W", line.strip(), maxsplit=1)[0] in _CONTROL for line in header.split("\n")):
        return None
    matches = [match for pattern in _FUNCTION for match in pattern.finditer(header) if match[1] not in _CONTROL]
    last = max(matches, key=lambda match: match.start(), default=None)
    return _Named(last[1], is_class=False) if last and last[1] != "function" else None


def _statements(clean: str) -> list[tuple[int, int]]:
    """Runs of lines that round or square brackets hold together, and method chains that go on with a leading dot."""
    spans: list[tuple[int, int]] = []
    depth, first, goes_on = 0, 1, False
    lines = clean.split("\n")
    for number, line in enumerate(lines, 1):
        if depth <= 0 and not goes_on:
            depth, first = 0, number
        opened = line.count("(") + line.count("[") - line.count(")") - line.count("]")
        depth += 0 if line.rstrip().endswith("{") and opened > 0 else opened
        goes_on = depth <= 0 and number < len(lines) and lines[number].lstrip().startswith((".", "?.", "&&", "||"))
        if depth <= 0 and not goes_on:
            spans.append((first, number))
    return [span for span in spans if span[1] - span[0] < _LONGEST]


def without_comments(text: str) -> str:
    """``text`` with comments removed and strings kept."""
    return _NOISE.sub(lambda m: " " if m[0].lstrip().startswith(("//", "/*")) else m[0], text)
