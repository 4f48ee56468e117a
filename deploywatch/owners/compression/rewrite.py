"""The rules of one kind: what every path of theirs comes to, how they are written anew, and the proof that nothing changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from heapq import nlargest

from deploywatch.owners.compression.covers import GUARDED, Costs, Pick, readable, smallest
from deploywatch.owners.compression.decider import NOBODY, Decider, folded
from deploywatch.owners.compression.entries import Block, Entries, Kind
from deploywatch.owners.compression.tree import Node, build

Cover = Callable[[Node, Sequence[str], Sequence[int], frozenset[str], Costs], list[Pick]]
"""A mode: from the tree, its keys, their owners, the banned prefixes and the costs to the picks."""

_BLOCKS_OF_A_KIND = 16
"""More blocks than that are no generated rules, and each is looked at beside all other paths; the small ones stay as they are."""


@dataclass(slots=True)
class Proof:
    """What looking up every path showed. ``decided`` counts, by the new rule's position, the paths that it decides about."""

    paths: int = 0
    decided: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class Part:
    """All rules of one kind; the tables are in the order of their keys.

    ``own`` is the position of each literal key's last rule, ``deciding`` of the rule that decides about the path that the key
    stands for: mostly the same. ``banned`` and ``moved`` is what the proof has found out: prefixes that must not become rules,
    and keys whose rules must stand last. ``untouched`` rules stay as they are.
    """

    kind: Kind
    before: Decider
    own: dict[str, int]
    deciding: dict[str, int]
    guarded: Collection[str]
    spelled: dict[str, str]
    rewritten: frozenset[int]
    banned: set[str] = field(default_factory=set)
    moved: set[str] = field(default_factory=set)
    untouched: bool = False


def read_part(entries: Entries, kind: Kind, guarded: Iterable[str]) -> Part:
    """The rules of one kind, and what each of their paths comes to."""
    before = Decider(entries, kind)
    own: dict[str, int] = {} if not before.is_plain else before.plain
    spelled: dict[str, str] = {}
    for block, keys in zip(before.blocks, before.keys, strict=True):
        if not block.verbatim:
            if own is not before.plain:
                own.update(zip(keys, range(block.first, block.first + len(keys)), strict=True))
            if keys != block.patterns:
                spelled.update((key, pattern) for key, pattern in zip(keys, block.patterns, strict=True) if key != pattern)
    # In the order of the keys, neighbours share their folders, and what is known of a folder is at hand.
    in_order = sorted(own)
    own = dict(zip(in_order, map(own.__getitem__, in_order), strict=True))
    deciding = own if before.is_plain else {key: before.position(path_of(key)) for key in own}
    literal = [block for block in before.blocks if not block.verbatim]
    largest = nlargest(_BLOCKS_OF_A_KIND, literal, key=lambda block: len(block.patterns))
    rewritten = frozenset(block.first for block in largest)
    return Part(kind, before, own, deciding, frozenset(folded(kind, list(guarded))), spelled, rewritten)


def path_of(key: str) -> str:
    """The path that a literal key stands for: with a star in front, the shortest one that it matches."""
    return key.removeprefix("*")


def rewrite(part: Part, block: Block, first: int, cover: Cover, owners: Sequence[tuple[str, ...]]) -> Block:
    """One block's rules written anew, to stand at position ``first``."""
    if block.verbatim or part.untouched or block.first not in part.rewritten:
        return Block(block.kind, first, block.verbatim, block.patterns, block.owners)
    leaves = _leaves(part, block)
    guards = _guards(part, block)
    keys = sorted({*leaves, *guards}) if guards else list(leaves)
    positions: Iterable[int] = [leaves.get(key, GUARDED) for key in keys] if guards else leaves.values()
    numbers = [block.owners[position - block.first] if position >= 0 else GUARDED for position in positions]
    picks = cover(build(keys, block.kind[0]), keys, numbers, frozenset(part.banned), _costs(block.kind, owners))
    last = sorted((key for key in part.moved if key in leaves), key=lambda key: (len(key), key))
    picks = [pick for pick in picks if pick.wild or keys[pick.position] not in part.moved] if last else picks
    patterns = [_pattern(part, keys[pick.position], pick) for pick in picks] + [part.spelled.get(key, key) for key in last]
    numbers = [pick.owner for pick in picks] + [block.owners[leaves[key] - block.first] for key in last]
    return Block(block.kind, first, verbatim=False, patterns=patterns, owners=numbers)


def _costs(kind: Kind, owners: Sequence[tuple[str, ...]]) -> Costs:
    name = f"{kind[0]}.{kind[1]}" if kind[1] else kind[0]
    in_order = sorted(range(len(owners)), key=lambda number: owners[number])
    rank = [0] * len(owners)
    for place, number in enumerate(in_order):
        rank[number] = place
    return Costs([len(f"{name}: {' '.join(names)}\n") for names in owners], rank)


def _leaves(part: Part, block: Block) -> dict[str, int]:
    """The keys that the block's own rules decide about, in order, and those rules' positions."""
    if part.deciding is part.own and len(part.before.blocks) == 1:
        return part.own
    positions = range(block.first, block.first + len(block.patterns))
    return {key: at for key, at in part.deciding.items() if at in positions and part.own[key] == at}


def _guards(part: Part, block: Block) -> set[str]:
    """The keys that stand for paths which earlier rules, or nobody, must go on deciding about."""
    earlier = set[str]()
    if len(part.before.blocks) > 1:
        earlier = {key for key, at in part.deciding.items() if at < block.first}
    return earlier.union(part.guarded) if part.guarded else earlier


def _pattern(part: Part, key: str, pick: Pick) -> str:
    spelled = part.spelled.get(key, key)
    whole = spelled if len(spelled) == len(key) else key
    return f"{whole[: pick.length]}*" if pick.wild else spelled


def prove(part: Part, after: Decider, proof: Proof, owners: tuple[Sequence[int], Sequence[int]], *, exclusive: bool) -> bool:
    """Look every path up in the new rules; whatever comes to another owner is held against the rule that took it.

    ``owners`` are the owners' numbers by position, before and after. ``exclusive`` asks in addition that no wildcard written here
    matches a path that another rule decides about. Returns whether nothing is wrong.
    """
    old, new = owners
    decided = proof.decided
    wrong: list[tuple[str, int]] = []
    # Where no pattern starts with a star, the tree itself keeps wildcards apart, and one look-up is enough.
    look_for_more = exclusive and not part.before.is_plain
    overlapping: set[int] = set()
    for key, position in part.deciding.items():
        path = key if key[0] != "*" else path_of(key)
        if look_for_more:
            found, *others = after.positions(path)
            overlapping.update(others)
        else:
            found = after.position(path)
        if found == NOBODY or old[position] != new[found]:
            wrong.append((key, found))
        else:
            decided[found] = decided.get(found, 0) + 1
    for path in part.guarded:
        position, found = part.before.position(path), after.position(path)
        if found != NOBODY and (position == NOBODY or old[position] != new[found]):
            wrong.append((path, found))
    proof.paths += len(part.deciding) + len(part.guarded)
    for key, found in wrong:
        _blame(part, after, key, found)
    return not wrong and not _ban(part, after, overlapping)


def _ban(part: Part, after: Decider, overlapping: set[int]) -> bool:
    prefixes = {prefix for position in overlapping if (prefix := _written_prefix(part, after, position)) is not None}
    part.banned |= prefixes
    return bool(prefixes) and not part.untouched


def _blame(part: Part, after: Decider, key: str, found: int) -> None:
    prefix = _written_prefix(part, after, found) if found != NOBODY else None
    if prefix is not None:
        part.banned.add(prefix)
    elif found == NOBODY or key in part.moved or key not in part.own:
        part.untouched = True
    else:
        part.moved.add(key)


def _written_prefix(part: Part, after: Decider, position: int) -> str | None:
    """The prefix behind which a rule has a star that was put there by this program; ``None`` for any other rule."""
    block = after.block(position)
    pattern = block.patterns[position - block.first]
    return folded(part.kind, [pattern])[0][:-1] if pattern.endswith("*") and not block.verbatim else None


COVERS: dict[str, Cover] = {
    "readable": lambda root, keys, owners, banned, _: readable(root, keys, owners, banned),
    "smallest": smallest,
}
