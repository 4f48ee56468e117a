"""Exceptions with their causes and, for groups, their members -> the flat order of ``StackTrace.exceptions``."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from deploywatch.model import Raised


@dataclass(slots=True, eq=False)
class Node:
    """An exception, what it was raised from or while handling, and those that it groups; parsers fill it as they read."""

    raised: Raised
    cause: Node | None = None
    members: list[Node] = field(default_factory=list)


def flatten(root: Node) -> list[Raised]:
    """Every exception of the tree, root causes first and ``root`` last, with ``group`` set on the members of groups.

    It is the order of Sentry's SDKs, so that an event and a text of one failure agree: the reverse of
    exception, its cause's tree, its members' trees.
    """
    preorder: list[tuple[Raised, int | None]] = []
    waiting: list[tuple[Node, int | None]] = [(root, None)]
    while waiting:
        node, group = waiting.pop()
        position = len(preorder)
        preorder.append((node.raised, group))
        waiting += [(member, position) for member in reversed(node.members)]
        if node.cause is not None:
            waiting.append((node.cause, None))
    last = len(preorder) - 1
    return [replace(raised, group=last - group if group is not None else None) for raised, group in reversed(preorder)]
