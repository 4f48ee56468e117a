"""The radix tree of sorted keys, branching only behind cuts: where rules may end in a star.

Built in one pass with a stack, as suffix trees are built from longest common prefixes (Kasai et al., CPM 2001): the common prefix
of neighbours says where the tree branches. Time is linear in the keys' count times the cuts of a key.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from deploywatch.owners.sentry_grammar import RuleType

_CUTS: Final = {RuleType.PATH: re.compile("[/_]"), RuleType.URL: re.compile("[/_]")}
_OTHER_CUTS: Final = re.compile("[/_.]")
_HOST: Final = re.compile(r"\*?[a-z]+://[^/]*")


class Node:
    """The keys that share their first ``length`` characters.

    ``children`` are nodes and, as positions among the keys, keys that end here, in the order of the keys. The positions of all
    keys below are ``range(first, last)``.
    """

    __slots__ = ("children", "first", "last", "length")

    def __init__(self, length: int, first: int) -> None:
        self.length = length
        self.first = first
        self.last = first
        self.children: list[Node | int] = []


def build(keys: Sequence[str], kind: RuleType) -> Node:
    """The tree of ``keys``, which are sorted and differ from each other. Its root has length 0 and stands for no rule."""
    cut = _CUTS.get(kind, _OTHER_CUTS)
    root = Node(0, 0)
    stack = [root]
    previous, cuts = "", list[int]()
    for position, key in enumerate(keys):
        # cuts holds those of the previous key, the longest last; the ones that this key shares stay.
        while cuts and not key.startswith(previous[: cuts[-1]]):
            cuts.pop()
        shared = cuts[-1] if cuts else 0
        if position:
            _attach(stack, position - 1, shared)
        cuts += [found.end() for found in cut.finditer(key, shared or first_cut(key))]
        previous = key
    if keys:
        _attach(stack, len(keys) - 1, 0)
    root.last = len(keys)
    return root


def _attach(stack: list[Node], leaf: int, shared: int) -> None:
    """Hang a key into the tree; with the key behind it, it shares ``shared`` characters."""
    top = stack[-1]
    if top.length < shared:
        top = Node(shared, leaf)
        stack.append(top)
    top.children.append(leaf)
    while stack[-1].length > shared:
        closed = stack.pop()
        closed.last = leaf + 1
        if stack[-1].length < shared:
            stack.append(Node(shared, closed.first))
        stack[-1].children.append(closed)


def first_cut(key: str) -> int:
    """Where the search for cuts starts: behind what says nothing yet, so that no rule is just ``*/*`` or ``https://*``.

    That is the first name that is more than a star and separators; and in a URL, its host.
    """
    host = _HOST.match(key) if ":" in key else None
    if host:
        return host.end()
    return len(key) - len(key.lstrip("*/_."))
