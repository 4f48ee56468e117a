"""Python through ``ast``."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

from deploywatch.suspects.syntax.outline import Definition, Outline

_Function = ast.FunctionDef | ast.AsyncFunctionDef


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
    for child in ast.iter_child_nodes(node):
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


def _statements(tree: ast.Module) -> Iterator[tuple[int, int]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt):
            continue
        body = getattr(node, "body", None)
        # Of a compound statement only the header is the statement: its body has statements of its own.
        last = body[0].lineno - 1 if isinstance(body, list) and body else node.end_lineno or node.lineno
        yield node.lineno, max(node.lineno, last)


def same_meaning(before: str, after: str) -> bool | None:
    """Whether two texts differ in comments, layout and docstrings only. ``None`` where either does not parse."""
    old, new = parsed(before), parsed(after)
    return None if old is None or new is None else _meaning(old) == _meaning(new)


def meanings(text: str) -> dict[str, tuple[str, str]] | None:
    """For each definition by qualified name: (its signature, its body) in a form that ignores comments, layout and docstrings.

    The body of a class is what it says outside its methods. ``None`` where the text does not parse.
    """
    tree = parsed(text)
    if tree is None:
        return None
    found: dict[str, tuple[str, str]] = {"": ("", _own_body(_without_docstrings(tree)))}
    _collect(tree, "", found)
    return found


def _collect(node: ast.AST, prefix: str, found: dict[str, tuple[str, str]]) -> None:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            signature = ast.dump(child.args) + "".join(ast.dump(d) for d in child.decorator_list)
            found[f"{prefix}{child.name}"] = (signature, "".join(ast.dump(s) for s in child.body))
            _collect(child, f"{prefix}{child.name}.", found)
        elif isinstance(child, ast.ClassDef):
            bases = "".join(ast.dump(b) for b in [*child.bases, *child.keywords, *child.decorator_list])
            found[f"{prefix}{child.name}"] = (bases, _own_body(child))
            _collect(child, f"{prefix}{child.name}.", found)
        else:
            _collect(child, prefix, found)


def _own_body(node: ast.Module | ast.ClassDef) -> str:
    inner = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return "".join(ast.dump(s) for s in node.body if not isinstance(s, inner))


def _meaning(tree: ast.Module) -> str:
    return ast.dump(_without_docstrings(tree))


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and _starts_with_docstring(node):
            node.body = node.body[1:] or [ast.Pass()]
    return tree


def _starts_with_docstring(node: ast.Module | ast.ClassDef | _Function) -> bool:
    first = node.body[0] if node.body else None
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
