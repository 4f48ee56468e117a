"""One Python function's statements, cut out of its file: far quicker to parse than the whole.

A statement says the same whether it has annotations or not: those of parameters, results and local variables do nothing at run
time, nor does ``typing.cast``. Where a function is decorated its annotations stay, since frameworks read them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Final

from deploywatch.suspects.syntax.outline import Statement
from deploywatch.suspects.syntax.python import BLOCKS, blocks, parsed, starts_with_docstring
from deploywatch.suspects.syntax.words import indent

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_DEFINITION: Final = re.compile(r"(\s*)(?:async\s+)?(?:def|class)\s+(\w+)")
_FUNCTION: Final = re.compile(r"\s*(?:async\s+)?def\s+(\w+)")
# What a statement may go on with at its own depth.
_CONTINUED: Final = frozenset(")]}#")


class Functions:
    """The functions of one file; nothing is parsed but what is asked for."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._named: dict[str, list[int]] = {}
        for at, line in enumerate(self._lines):
            if "def " in line and (match := _FUNCTION.match(line)):
                self._named.setdefault(match[1], []).append(at)

    def span(self, qualified: str) -> tuple[int, int] | None:
        """Its first line, decorators counted, and its last (1-based); ``None`` where there is no such function."""
        at = self._place(qualified)
        return None if at is None else (_first(self._lines, at) + 1, _end(self._lines, at))

    def body(self, qualified: str) -> tuple[Statement, ...] | None:
        """The statements of a function by its qualified name, or else the only one of that name."""
        span = self.span(qualified)
        if span is None:
            return None
        first, end = span[0] - 1, span[1]
        is_inner = self._lines[first][:1].isspace()
        tree = parsed("\n".join(["if 1:" if is_inner else "", *self._lines[first:end]]))
        outer = tree.body[0] if tree and tree.body else None
        node = outer.body[0] if isinstance(outer, ast.If) else outer
        return tuple(_statements(node, first - 1, 0)) if isinstance(node, _Function) else None

    def _place(self, qualified: str) -> int | None:
        """The index of the line where the function's name is defined; of several with one qualified name the last."""
        *outer, name = qualified.split(".")
        found = self._named.get(name, [])
        inside = found if len(found) == 1 else [at for at in found if _outer(self._lines, at, len(outer)) == outer]
        return inside[-1] if inside else None


def _outer(lines: Sequence[str], at: int, most: int) -> list[str]:
    """The names of the definitions around a line, outermost first; one more than ``most`` at most."""
    found: list[str] = []
    depth = indent(lines[at])
    while at > 0 and depth and len(found) <= most:
        at -= 1
        match = _DEFINITION.match(lines[at])
        if match and len(match[1]) < depth:
            depth = len(match[1])
            found.insert(0, match[2])
    return found


def _first(lines: Sequence[str], at: int) -> int:
    """The index of the first decorator, if there is one on the lines right above."""
    decorator = f"{' ' * indent(lines[at])}@"
    while at > 0 and lines[at - 1].startswith(decorator):
        at -= 1
    return at


def _end(lines: Sequence[str], at: int) -> int:
    depth = indent(lines[at])
    ends = (n for n in range(at + 1, len(lines)) if lines[n].strip() and indent(lines[n]) <= depth)
    return next((n for n in ends if lines[n].lstrip()[0] not in _CONTINUED), len(lines))


def _statements(node: ast.stmt | ast.excepthandler | ast.match_case, offset: int, depth: int) -> Iterator[Statement]:
    """A statement, of a compound one its header, and then those inside; docstrings say nothing."""
    inner = [part for part in blocks(node) if isinstance(part, ast.stmt | ast.excepthandler | ast.match_case)]
    first, end = _lines(node)
    below = min((_lines(part)[0] for part in inner), default=end + 1)
    yield Statement(first + offset, max(first, below - 1) + offset, depth, _said(node))
    for part in inner[1:] if starts_with_docstring(node) else inner:
        yield from _statements(part, offset, depth + 1)


def _lines(node: ast.stmt | ast.excepthandler | ast.match_case) -> tuple[int, int]:
    """First line, decorators counted, and last."""
    if isinstance(node, ast.match_case):
        return node.pattern.lineno, node.pattern.lineno
    decorators = node.decorator_list if isinstance(node, _Function | ast.ClassDef) else []
    return min([node.lineno, *(d.lineno for d in decorators)]), node.end_lineno or node.lineno


def _said(node: ast.AST) -> str:
    """A text that is equal for statements that mean the same."""
    if isinstance(node, ast.AnnAssign):
        return " = ".join(_dumped(part) for part in (node.target, node.value) if part)
    if isinstance(node, ast.Assign):
        return " = ".join(map(_dumped, (*node.targets, node.value)))
    if isinstance(node, _Function):
        parameters = ast.dump(node.args) + _dumped(node.returns) if node.decorator_list else _dumped(node.args)
        return " ".join([type(node).__name__, node.name, parameters, *map(ast.dump, node.decorator_list)])
    header = (value for name, value in ast.iter_fields(node) if name not in BLOCKS)
    parts = (part for value in header for part in (value if isinstance(value, list) else [value]))
    return " ".join([type(node).__name__, *map(_dumped, parts)])


def _dumped(part: object) -> str:
    return ast.dump(_Erased().visit(part)) if isinstance(part, ast.AST) else repr(part)


class _Erased(ast.NodeTransformer):
    """A tree without what does nothing at run time."""

    def visit_arg(self, node: ast.arg) -> ast.AST:
        """A parameter is its name."""
        return ast.arg(node.arg)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """``typing.cast(T, x)`` is ``x``. A ``cast`` whose origin cannot be seen is taken for it if the type is a string."""
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="t" | "typing"), attr="cast"), args=[_, value]):
                return value
            case ast.Call(func=ast.Name(id="cast"), args=[ast.Constant(), value]):
                return value
        return node
