"""Ownership rules read for compression: a million lines quickly, and in the end the same rules as ``sentry_grammar`` reads.

Lines are gathered into blocks of neighbours that look at one thing (``path``, ``tags.route``...). A rule can be compressed if its
pattern is a literal, or a literal path behind ``*/``; any other wildcard was written by hand and stays where it is, as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from deploywatch.owners.rules import Problem
from deploywatch.owners.sentry_grammar import RuleType, SentryRule, read_line

Kind = tuple[RuleType, str]
"""What a rule looks at: its type and, for tags, the tag's name."""

_WILD: Final = re.compile(r'[*\[\]{}"\\\s]')
_NOT_LITERAL: Final = re.compile(r"[*\[\]{}\\]")


@dataclass(slots=True)
class Block:
    """Neighbouring rules of one kind. ``owners[i]`` is a number in ``Entries.owners`` and belongs to ``patterns[i]``.

    ``first`` is the position of its first rule among all rules. A ``verbatim`` block is not to be touched.
    """

    kind: Kind
    first: int
    verbatim: bool
    patterns: list[str] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Entries:
    """All rules of a text, its distinct owners (each a tuple as a rule has them), and the lines that Sentry would refuse.

    ``header`` are the comment lines before the first rule; ``comments`` counts the others.
    """

    blocks: list[Block] = field(default_factory=list)
    owners: list[tuple[str, ...]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    comments: int = 0
    header: list[str] = field(default_factory=list)

    def owner_by_position(self) -> list[int]:
        """Each rule's owner number, in the order of the rules."""
        return [owner for block in self.blocks for owner in block.owners]

    @property
    def count(self) -> int:
        """How many rules there are."""
        return sum(len(block.patterns) for block in self.blocks)


class _Reader:
    """What reading has seen so far; the two tables save parsing what was parsed before."""

    def __init__(self) -> None:
        self.entries = Entries()
        self._count = 0
        self._owner_ids: dict[tuple[str, ...], int] = {}
        self._owners_behind: dict[str, int] = {}
        self._kinds: dict[str, Kind] = {kind.value: (kind, "") for kind in (RuleType.PATH, RuleType.MODULE, RuleType.URL)}

    def read(self, lines: Iterable[str]) -> Entries:
        owners_behind, kinds, wild = self._owners_behind, self._kinds, _WILD.search
        block: Block | None = None
        for number, line in enumerate(lines, start=1):
            matcher, _, rest = line.partition(" ")
            name, _, pattern = matcher.partition(":")
            owner = owners_behind.get(rest)
            kind = kinds.get(name)
            # The short way is for lines just like earlier ones; the grammar decides about all others.
            star = 2 if pattern.startswith("*/") else 0
            if owner is None or kind is None or not pattern or wild(pattern, star) or (star and "/" not in pattern[2:]):
                block = self._by_grammar(line, number, block)
                continue
            if block is None or block.verbatim or block.kind != kind:
                block = self._open(kind, verbatim=False)
            block.patterns.append(pattern)
            block.owners.append(owner)
            self._count += 1
        return self.entries

    def _by_grammar(self, line: str, number: int, block: Block | None) -> Block | None:
        rule = read_line(line, number)
        if isinstance(rule, Problem):
            self.entries.problems.append(rule)
        elif rule is None and line.strip():
            if self._count or self.entries.problems:
                self.entries.comments += 1
            else:
                self.entries.header.append(line.strip())
        elif rule is None:
            return block
        else:
            block = self._add(rule, block)
            self._learn(line, rule)
        return block

    def _learn(self, line: str, rule: SentryRule) -> None:
        matcher, _, rest = line.partition(" ")
        if matcher == rule.matcher:
            self._owners_behind.setdefault(rest, self._owner_id(rule.owners))
            self._kinds.setdefault(matcher.partition(":")[0], (rule.type, rule.tag))

    def _add(self, rule: SentryRule, block: Block | None) -> Block:
        kind = (rule.type, rule.tag)
        verbatim = rule.type is RuleType.CODEOWNERS or not is_literal(rule.pattern)
        if block is None or verbatim or block.verbatim or block.kind != kind:
            block = self._open(kind, verbatim=verbatim)
        block.patterns.append(rule.pattern)
        block.owners.append(self._owner_id(rule.owners))
        self._count += 1
        return block

    def _open(self, kind: Kind, *, verbatim: bool) -> Block:
        block = Block(kind, self._count, verbatim)
        self.entries.blocks.append(block)
        return block

    def _owner_id(self, owners: tuple[str, ...]) -> int:
        known = self._owner_ids.get(owners)
        if known is None:
            known = self._owner_ids[owners] = len(self.entries.owners)
            self.entries.owners.append(owners)
        return known


def read_entries(text: str) -> Entries:
    """The rules of a text. Never raises."""
    return _Reader().read(text.split("\n"))


def is_literal(pattern: str) -> bool:
    """Whether a pattern stands for one file: all literal but for ``?``, or such a path of a folder and more behind ``*/``."""
    if pattern.startswith("*"):
        return pattern.startswith("*/") and "/" in pattern[2:] and _NOT_LITERAL.search(pattern, 1) is None
    return _NOT_LITERAL.search(pattern) is None
