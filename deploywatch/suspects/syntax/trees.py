"""Languages whose tree-sitter grammar is installed (the extra ``languages``): exact outlines where text rules guess.

A grammar is asked for by the file's ending and loaded at the first file that needs it. For a file that does not parse, or a
language without its grammar, the answer is ``None``, and the text rules are asked.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

from deploywatch.suspects.syntax.outline import Definition, Outline, Statement

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, Tree

# A file's ending -> the module of its grammar and the function of it that gives the language.
_GRAMMARS: Final = (
    dict.fromkeys(("js", "jsx", "mjs", "cjs"), ("tree_sitter_javascript", "language"))
    | dict.fromkeys(("ts", "mts", "cts"), ("tree_sitter_typescript", "language_typescript"))
    | {
        "tsx": ("tree_sitter_typescript", "language_tsx"),
        "java": ("tree_sitter_java", "language"),
        "kt": ("tree_sitter_kotlin", "language"),
        "go": ("tree_sitter_go", "language"),
        "rb": ("tree_sitter_ruby", "language"),
        "php": ("tree_sitter_php", "language_php"),
        "cs": ("tree_sitter_c_sharp", "language"),
        "rs": ("tree_sitter_rust", "language"),
    }
)
_FUNCTIONS: Final = frozenset(
    """
    function_declaration function_expression generator_function generator_function_declaration arrow_function method_definition
    method_declaration constructor_declaration function_item method singleton_method function_definition anonymous_function
    local_function_statement func_literal
    """.split()
)
_CLASSES: Final = frozenset(
    """
    class_declaration class class_definition interface_declaration enum_declaration record_declaration struct_declaration
    struct_item enum_item impl_item trait_item trait_declaration module type_spec object_declaration namespace_declaration
    internal_module
    """.split()
)
# What an anonymous function is given to, and the field that has the name.
_NAMED_BY: Final = {
    "variable_declarator": "name",
    "pair": "key",
    "assignment_expression": "left",
    "public_field_definition": "name",
    "field_definition": "property",
}
_BLOCKS: Final = frozenset(
    """
    statement_block block class_body body_statement do_block compound_statement declaration_list switch_body function_body
    switch_block interface_body enum_body field_declaration_list do then match_block
    """.split()
)
_LARGEST: Final = 1_000_000


def knows(ending: str) -> bool:
    """Whether files of this ending can be parsed here."""
    return _parser(ending) is not None


def outline(ending: str, text: str) -> Outline | None:
    """Definitions and statements, or ``None`` where the text cannot be parsed here."""
    tree = _parsed(ending, text)
    if tree is None:
        return None
    return Outline(tuple(_definitions(tree.root_node)), tuple(_statements(tree.root_node)))


def same_meaning(ending: str, before: str, after: str) -> bool | None:
    """Whether two texts differ in comments and layout only. ``None`` where either cannot be parsed here."""
    old, new = _parsed(ending, before), _parsed(ending, after)
    return None if old is None or new is None else list(_said(old.root_node)) == list(_said(new.root_node))


class Functions:
    """The functions of one file, parsed once."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self._named: dict[str, list[Definition]] = {}
        for definition in _definitions(root):
            if not definition.is_class:
                self._named.setdefault(definition.name, []).append(definition)

    def span(self, qualified: str) -> tuple[int, int] | None:
        """Its first line and its last (1-based); ``None`` where there is no such function."""
        found = self._find(qualified)
        return (found.first, found.last) if found else None

    def body(self, qualified: str) -> tuple[Statement, ...] | None:
        """The statements of a function by its qualified name, or else the only one of that name."""
        found = self._find(qualified)
        return tuple(_inside(self._root, found)) if found else None

    def _find(self, qualified: str) -> Definition | None:
        named = self._named.get(qualified.rpartition(".")[2], [])
        found = named if len(named) == 1 else [d for d in named if d.qualified == qualified]
        return found[-1] if found else None


def functions(ending: str, text: str) -> Functions | None:
    """The functions of a text; ``None`` where it cannot be parsed here."""
    tree = _parsed(ending, text)
    return Functions(tree.root_node) if tree else None


def _inside(root: Node, span: Definition) -> Iterator[Statement]:
    """The statements within a definition, outer before inner, of compound ones the header; the definition itself is the first."""
    waiting = [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        first, last = _rows(node)
        if last < span.first or first > span.last or "comment" in node.type:
            continue
        is_whole = (first, last) == (span.first, span.last)
        if first >= span.first and last <= span.last and node.type not in _BLOCKS and (is_whole or _is_statement(node)):
            yield Statement(first, max(first, min(last, _header_last(node, last))), depth, _said_by(node))
            depth += 1
        waiting += [(child, depth) for child in reversed(node.named_children)]


def _rows(node: Node) -> tuple[int, int]:
    return node.start_point[0] + 1, node.end_point[0] + (node.end_point[1] > 0)


def _is_statement(node: Node) -> bool:
    return node.parent is not None and (node.parent.type in _BLOCKS or node.parent.parent is None)


def _header_last(node: Node, last: int) -> int:
    """The line where the first block inside begins."""
    return next((part.start_point[0] + 1 for part in _nodes(node) if part is not node and part.type in _BLOCKS), last)


def _said_by(node: Node) -> str:
    return " ".join(text.decode("utf-8", "replace") for text in _header(node))


def _header(root: Node) -> Iterator[bytes]:
    """The text of every leaf but comments and type annotations, down to the blocks inside."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if "comment" in node.type or node.type == "type_annotation" or (node is not root and node.type in _BLOCKS):
            continue
        if node.child_count == 0 or "string" in node.type:
            yield node.text or b""
        else:
            waiting += reversed(node.children)


@cache
def _parser(ending: str) -> Parser | None:
    if ending not in _GRAMMARS:
        return None
    module, function = _GRAMMARS[ending]
    try:
        tree_sitter = importlib.import_module("tree_sitter")
        grammar = importlib.import_module(module)
    except ImportError:
        return None
    parser: Parser = tree_sitter.Parser(tree_sitter.Language(getattr(grammar, function)()))
    return parser


def _parsed(ending: str, text: str) -> Tree | None:
    parser = _parser(ending)
    if parser is None or len(text) > _LARGEST:
        return None
    tree = parser.parse(text.encode("utf-8", "replace"))
    return None if tree.root_node.has_error else tree


def _nodes(root: Node) -> Iterator[Node]:
    """Every named node, outer before inner; a tree may be deeper than Python's stack."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(node.named_children)


def _definitions(root: Node) -> Iterator[Definition]:
    outer: list[tuple[int, str]] = []
    for node in _nodes(root):
        is_class = node.type in _CLASSES
        name = _name(node) if is_class or node.type in _FUNCTIONS else None
        if name is None:
            continue
        while outer and outer[-1][0] <= node.start_byte:
            outer.pop()
        qualified = ".".join([*(known for _, known in outer), name])
        outer.append((node.end_byte, name))
        first, last = node.start_point[0] + 1, node.end_point[0] + 1
        body = node.child_by_field_name("body")
        yield Definition(name, qualified, first, max(first, body.start_point[0] + 1 if body else first), last, is_class)


def _name(node: Node) -> str | None:
    """What a definition is called: by itself, or by the variable, property or key that it is given to."""
    own = node.child_by_field_name("name") or (node.child_by_field_name("type") if node.type in _CLASSES else None)
    holder = node.parent
    # A function that is handed to a wrapper on its way: ``create: detect((context) => ...)``.
    if holder is not None and holder.type == "arguments" and holder.parent is not None:
        holder = holder.parent.parent
    if own is None and holder is not None and holder.type in _NAMED_BY:
        own = holder.child_by_field_name(_NAMED_BY[holder.type])
    if own is None or own.text is None:
        return None
    return own.text.decode("utf-8", "replace").strip("'\"`").rpartition(".")[2] or None


def _statements(root: Node) -> Iterator[tuple[int, int]]:
    for node in _nodes(root):
        if node.parent is None or not (node.parent.type in _BLOCKS or node.parent.parent is None):
            continue
        first, last = node.start_point[0], node.end_point[0] - (node.end_point[1] == 0)
        # Of a compound statement, and of a call that is given a function, only the lines before the body are the statement.
        body = next((inner.start_point[0] for inner in _nodes(node) if inner.type in _BLOCKS), last)
        yield first + 1, max(first, min(last, body)) + 1


def _said(root: Node) -> Iterator[bytes]:
    """The text of every leaf but comments, in order."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if "comment" in node.type:
            continue
        if node.child_count == 0 or "string" in node.type:
            yield node.text or b""
        else:
            waiting += reversed(node.children)
