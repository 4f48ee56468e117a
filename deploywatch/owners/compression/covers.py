"""Which prefixes become rules: the two modes of compression.

*readable*: the fewest prefix rules of which no two match the same path. A prefix becomes a rule if all paths below it have one
owner; the order of such rules does not matter.

*smallest*: the fewest characters where the last match wins and broad rules stand first. Exact, by dynamic programming over the
tree as in Draves, King, Venkatachary and Zill, "Constructing optimal IP routing tables", INFOCOM 1999, with the length of a rule
as its cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from deploywatch.owners.compression.tree import Node

GUARDED = -1
"""In place of an owner's number: this path must match no prefix rule."""


@dataclass(frozen=True, slots=True)
class Costs:
    """``rule[n]`` is what a rule of owner ``n`` costs in characters beside its pattern. Of equals the lowest ``rank[n]`` wins."""

    rule: Sequence[int]
    rank: Sequence[int]


@dataclass(frozen=True, slots=True)
class Pick:
    """A rule: the first ``length`` characters of key ``position``, with a star behind if ``wild``, and its owner's number."""

    position: int
    length: int
    wild: bool
    owner: int


def readable(root: Node, keys: Sequence[str], owners: Sequence[int], banned: frozenset[str]) -> list[Pick]:
    """The picks of the readable mode, in the order of the keys. No prefix in ``banned`` becomes a rule."""
    picks: list[Pick] = []
    stack: list[Node | int] = [root]
    while stack:
        item = stack.pop()
        if isinstance(item, int):
            picks += [Pick(item, len(keys[item]), wild=False, owner=owners[item])] if owners[item] != GUARDED else []
        elif _may_be_rule(item, keys, banned) and _is_pure(item, owners):
            picks.append(Pick(item.first, item.length, wild=True, owner=owners[item.first]))
        else:
            stack += reversed(item.children)
    return picks


def _is_pure(node: Node, owners: Sequence[int]) -> bool:
    owner = owners[node.first]
    return (
        owner != GUARDED
        and owners[node.last - 1] == owner
        and owners[node.first : node.last].count(owner) == node.last - node.first
    )


def _may_be_rule(node: Node, keys: Sequence[str], banned: frozenset[str]) -> bool:
    return node.length > 0 and not (banned and keys[node.first][: node.length] in banned)


def smallest(root: Node, keys: Sequence[str], owners: Sequence[int], banned: frozenset[str], costs: Costs) -> list[Pick]:
    """The picks of the smallest mode, each broad rule before those that outrank it. No prefix in ``banned`` becomes a rule."""
    plans: dict[Node, _Plan] = {}
    savings: dict[Node, dict[int, int] | None] = {}
    for node in reversed(_nodes(root)):
        below = _savings_below(node, keys, owners, costs, savings)
        if below and _may_be_rule(node, keys, banned):
            plan = _plan(node.length, below, costs)
            if plan.gain > 0:
                plans[node] = plan
                below = {owner: saved - plan.gain for owner, saved in below.items() if saved > plan.gain}
        savings[node] = below
    return _picks(root, keys, owners, plans)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A rule at a node for ``owner`` saves ``gain`` characters, unless one of ``already`` is inherited from above."""

    owner: int
    gain: int
    already: frozenset[int]


def _nodes(root: Node) -> list[Node]:
    """All nodes, each before those below it."""
    found = [root]
    for node in found:
        found += [child for child in node.children if isinstance(child, Node)]
    return found


def _savings_below(
    node: Node, keys: Sequence[str], owners: Sequence[int], costs: Costs, savings: dict[Node, dict[int, int] | None]
) -> dict[int, int] | None:
    """What is saved below a node if an owner is inherited there: characters by owner. ``None`` if something below is guarded."""
    total: dict[int, int] = {}
    for part in [savings.pop(child) for child in node.children if isinstance(child, Node)]:
        if part is None:
            return None
        larger, smaller = (part, total) if len(part) > len(total) else (total, part)
        for owner, saved in smaller.items():
            larger[owner] = larger.get(owner, 0) + saved
        total = larger
    for child in node.children:
        if isinstance(child, int):
            owner = owners[child]
            if owner == GUARDED:
                return None
            total[owner] = total.get(owner, 0) + costs.rule[owner] + len(keys[child])
    return total


def _plan(length: int, below: dict[int, int], costs: Costs) -> _Plan:
    best, gain = GUARDED, -1
    for owner, saved in below.items():
        gained = saved - costs.rule[owner]
        if gained > gain or (gained == gain and costs.rank[owner] < costs.rank[best]):
            best, gain = owner, gained
    gain -= length + 1
    return _Plan(best, gain, frozenset(owner for owner, saved in below.items() if saved >= gain) if gain > 0 else frozenset())


def _picks(root: Node, keys: Sequence[str], owners: Sequence[int], plans: dict[Node, _Plan]) -> list[Pick]:
    picks: list[Pick] = []
    stack: list[tuple[Node | int, int]] = [(root, GUARDED)]
    while stack:
        item, inherited = stack.pop()
        if isinstance(item, int):
            owner = owners[item]
            picks += [Pick(item, len(keys[item]), wild=False, owner=owner)] if owner not in (inherited, GUARDED) else []
            continue
        plan = plans.get(item)
        if plan and inherited not in plan.already:
            picks.append(Pick(item.first, item.length, wild=True, owner=plan.owner))
            inherited = plan.owner
        stack += ((child, inherited) for child in reversed(item.children))
    return picks
