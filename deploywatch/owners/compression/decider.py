"""Which rule a text comes to, by looking it up: independent of how the rules were made, so that it can prove them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

from deploywatch.owners.compression.entries import Block, Entries, Kind
from deploywatch.owners.gitignore import PatternError
from deploywatch.owners.pieces import Tails
from deploywatch.owners.sentry_globs import compile_glob
from deploywatch.owners.sentry_grammar import RuleType
from deploywatch.owners.sentry_index import GlobIndex

_WILD_CHARACTERS: Final = frozenset("*?[]{}\\")
_WILD: Final = re.compile(r"[*?\[\]{}\\]")

NOBODY: Final = -1
"""The position of the deciding rule where no rule matches."""


class Decider:
    """All rules of one kind in their order. A rule's *position* counts all rules of the text, from 0.

    ``keys`` are each block's patterns as Sentry compares them; ``plain`` is the position of the last rule for each literal.
    """

    def __init__(self, entries: Entries, kind: Kind) -> None:
        self.kind = kind
        self.blocks = [block for block in entries.blocks if block.kind == kind]
        self._starts = [block.first for block in self.blocks]
        self.keys = [folded(kind, block.patterns) for block in self.blocks]
        self.plain: dict[str, int] = {}
        self._behind_star = Tails()
        self._globs: list[str] = []
        self._glob_positions: list[int] = []
        for block, keys in zip(self.blocks, self.keys, strict=True):
            self._add(block, keys)
        self._index = GlobIndex(self._globs) if self._globs else None

    def _add(self, block: Block, keys: list[str]) -> None:
        if not _WILD.search("\n".join(keys)):
            self.plain.update(zip(keys, range(block.first, block.first + len(keys)), strict=True))
            return
        for position, key in enumerate(keys, start=block.first):
            literal = not _WILD.search(key, 1)
            if literal and key[:1] not in _WILD_CHARACTERS:
                self.plain[key] = position
            elif literal and key.startswith("*/"):
                self._behind_star.add(key[1:], position)
            elif _is_glob(key):
                self._globs.append(key)
                self._glob_positions.append(position)

    @property
    def is_plain(self) -> bool:
        """Whether no rule has a wildcard, so that each path has a rule of its own."""
        return self._index is None and not self._behind_star

    def position(self, text: str) -> int:
        """The position of the rule that decides about a text, or ``NOBODY``."""
        best = self.plain.get(text, NOBODY)
        if self._behind_star:
            best = max(best, self._behind_star.last(text))
        glob = self._index.last(text) if self._index else NOBODY
        return best if glob == NOBODY else max(best, self._glob_positions[glob])

    def positions(self, text: str) -> list[int]:
        """The positions of all rules that match a text, the deciding one first; just ``NOBODY`` where none matches."""
        found = [self._glob_positions[order] for order in self._index.matching(text)] if self._index else []
        if self._behind_star:
            found += self._behind_star.found(text)
        if text in self.plain:
            found.append(self.plain[text])
        return sorted(found, reverse=True) if len(found) > 1 else found or [NOBODY]

    def block(self, position: int) -> Block:
        """The block that holds a position."""
        return self.blocks[bisect_right(self._starts, position) - 1]


def folded(kind: Kind, patterns: list[str]) -> list[str]:
    """Patterns as Sentry compares them."""
    if kind[0] is RuleType.TAG:
        return patterns
    # In one string, because this is done to a million patterns; none of them holds a line end.
    return "\n".join(patterns).lower().replace("\\", "/").split("\n") if patterns else []


def kinds(entries: Entries) -> Iterator[Kind]:
    """What the rules look at, each kind once; ``codeowners:`` rules cannot be compressed and are left out."""
    yield from dict.fromkeys(block.kind for block in entries.blocks if block.kind[0] is not RuleType.CODEOWNERS)


def _is_glob(key: str) -> bool:
    if not any(character in key for character in "[]{}"):
        return True
    try:
        compile_glob(key)
    except PatternError:
        return False
    return True
