"""Python through ``ast``."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Mapping

from deploywatch.suspects.syntax.outline import Definition, Outline

_Function = ast.FunctionDef | ast.AsyncFunctionDef
BLOCKS = ("body", "handlers", "orelse", "finalbody", "cases")
_WITH_DOCSTRINGS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def parsed(text: str) -> ast.Module | None:
    """The module's tree, or ``None`` where this Python cannot parse it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def outline(text: str) -> Outline | None:
    """Definitions and statements, or ``None`` where the text does not parse."""
    tree = parsed(text)
    if tree is None:
        return None
    return Outline(tuple(_definitions(tree, "")), tuple(_statements(tree)))


def _definitions(node: ast.AST, prefix: str) -> Iterator[Definition]:
    for child in blocks(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            qualified = f"{prefix}{child.name}"
            first = min([child.lineno, *(d.lineno for d in child.decorator_list)])
            signature = max(first, child.body[0].lineno - 1) if child.body else child.lineno
            yield Definition(
                child.name, qualified, first, signature, child.end_lineno or child.lineno, isinstance(child, ast.ClassDef)
            )
            yield from _definitions(child, f"{qualified}.")
        else:
            yield from _definitions(child, prefix)


def blocks(node: ast.AST) -> Iterator[ast.AST]:
    """The statements, handlers and cases inside a statement; expressions hold none."""
    for field in BLOCKS:
        yield from getattr(node, field, ())


def _statements(tree: ast.AST) -> Iterator[tuple[int, int]]:
    for node in blocks(tree):
        yield from _statements(node)
        if not isinstance(node, ast.stmt):
            continue
        body = getattr(node, "body", None)
        # Of a compound statement only the header is the statement: its body has statements of its own.
        last = body[0].lineno - 1 if isinstance(body, list) and body else node.end_lineno or node.lineno
        yield node.lineno, max(node.lineno, last)


def same_meaning(before: str, after: str) -> bool | None:
    """Whether two texts differ in comments, layout and docstrings only. ``None`` where either does not parse."""
    old, new = parsed(before), parsed(after)
    return None if old is None or new is None else _equal(old, new)


def _equal(old: object, new: object) -> bool:
    """Whether two trees say the same. It ends at the first difference."""
    pending = [(old, new)]
    while pending:
        one, other = pending.pop()
        if type(one) is not type(other):
            return False
        if isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return False
            pending += zip(one, other, strict=True)
        elif isinstance(one, ast.AST):
            mine, theirs = _said(one), _said(other)
            pending += [(mine.get(f), theirs.get(f)) for f in one._fields if mine.get(f) is not theirs.get(f)]
        elif one != other:
            return False
    return True


def _said(node: object) -> Mapping[str, object]:
    """The fields of a node, and more; of what has a docstring, without it."""
    if isinstance(node, _WITH_DOCSTRINGS) and starts_with_docstring(node):
        return {**vars(node), "body": node.body[1:] or [ast.Pass()]}
    return vars(node)


def starts_with_docstring(node: object) -> bool:
    """Whether a module, class or function has one."""
    first = node.body[0] if isinstance(node, _WITH_DOCSTRINGS) and node.body else None
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
