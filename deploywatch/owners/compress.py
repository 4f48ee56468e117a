"""Compress ownership rules below Sentry's limit, and prove that every listed path still goes to the same owner.

A rule that names one path stays a rule about that path or becomes part of a wildcard that ends behind ``/``, ``_`` (or ``.``
outside paths). Two modes: see ``compression.covers``. Wildcards written by hand stay as and where they are.

The proof looks every path up in the old and in the new rules. What it finds wrong (two patterns with stars in front may overlap
in ways that no tree shows) is mended by forbidding the guilty wildcard and starting over; at the worst the rules stay as they
were.

Order between different paths is not kept: what counts is, for each path, the last rule that matches it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from deploywatch.owners.compression.decider import Decider, kinds
from deploywatch.owners.compression.entries import Block, Entries, Kind, read_entries
from deploywatch.owners.compression.rewrite import COVERS, Part, Proof, prove, read_part, rewrite
from deploywatch.owners.rules import Problem
from deploywatch.owners.sentry_grammar import SIZE_LIMIT, RuleType, SentryRule, quoted

_ROUNDS: Final = 12
"""How often the proof may send the rules back before what it finds wrong is left uncompressed."""


class Mode(StrEnum):
    """``readable``: no two rules written here match one path. ``smallest``: fewest characters, the last match wins."""

    READABLE = "readable"
    SMALLEST = "smallest"


@dataclass(frozen=True, slots=True)
class NewFiles:
    """Where a path that is not listed will go if ``matcher`` matches it. ``paths`` counts listed ones it decides about."""

    matcher: str
    owners: tuple[str, ...]
    paths: int


@dataclass(frozen=True, slots=True)
class Compression:
    """The result. ``paths`` is how many distinct paths were looked up before and after, all with the same answer.

    ``kept`` counts the hand-written wildcards that were left alone, ``comments`` the comment lines that are gone. Sizes are in
    characters, as Sentry counts. ``problems`` are lines that Sentry would refuse; they are not in ``text``.
    """

    text: str
    rules_before: int
    rules_after: int
    size_before: int
    size_after: int
    paths: int
    new_files: tuple[NewFiles, ...] = ()
    kept: int = 0
    comments: int = 0
    problems: tuple[Problem, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether Sentry takes it by default."""
        return self.size_after <= SIZE_LIMIT


def compress(text: str, mode: Mode = Mode.READABLE, *, guarded: Collection[str] = ()) -> Compression:
    """Compress the rules of a text. ``guarded`` are paths that nobody owns: no wildcard written here will match them."""
    entries = read_entries(text)
    result, proof = compress_entries(entries, mode, guarded=guarded)
    written = write(result)
    return Compression(
        text=written,
        rules_before=entries.count,
        rules_after=result.count,
        size_before=len(text),
        size_after=len(written),
        paths=proof.paths,
        new_files=_new_files(result, proof),
        kept=sum(len(block.patterns) for block in entries.blocks if block.verbatim),
        comments=entries.comments,
        problems=tuple(entries.problems),
    )


def compress_entries(entries: Entries, mode: Mode, *, guarded: Collection[str] = ()) -> tuple[Entries, Proof]:
    """Compress rules that are already read, and prove it. The result shares ``entries.owners``."""
    result, proof, parts = _compressed(entries, mode, guarded)
    if mode is Mode.SMALLEST and any(part.banned or part.moved or part.untouched for part in parts):
        other, other_proof, _ = _compressed(entries, Mode.READABLE, guarded)
        if len(write(other)) < len(write(result)):
            return other, other_proof
    return result, proof


def _compressed(entries: Entries, mode: Mode, guarded: Collection[str]) -> tuple[Entries, Proof, list[Part]]:
    parts = {kind: read_part(entries, kind, guarded if kind[0] is RuleType.PATH else ()) for kind in kinds(entries)}
    old = entries.owner_by_position()
    for round_ in range(_ROUNDS + 1):
        result = _rewritten(entries, parts, mode)
        new = result.owner_by_position()
        proof = Proof()
        wrong = [
            part
            for kind, part in parts.items()
            if not prove(part, Decider(result, kind), proof, (old, new), exclusive=mode is Mode.READABLE)
        ]
        if not wrong:
            return result, proof, list(parts.values())
        for part in wrong if round_ == _ROUNDS - 1 else ():
            part.untouched = True
    raise AssertionError("rules that were left as they are do not decide as they did")


def _rewritten(entries: Entries, parts: dict[Kind, Part], mode: Mode) -> Entries:
    result = Entries(owners=entries.owners, header=entries.header)
    first = 0
    for block in entries.blocks:
        part = parts.get(block.kind)
        new = rewrite(part, block, first, COVERS[mode], entries.owners) if part else _moved(block, first)
        result.blocks.append(new)
        first += len(new.patterns)
    return result


def _moved(block: Block, first: int) -> Block:
    return Block(block.kind, first, block.verbatim, block.patterns, block.owners)


def write(entries: Entries) -> str:
    """The rules as text, one a line."""
    lines = [*entries.header]
    owners = [" ".join(names) for names in entries.owners]
    for block in entries.blocks:
        kind = _prefix(block.kind)
        lines += [
            f"{kind}{quoted(pattern) if ' ' in pattern else pattern} {owners[owner]}".rstrip(" ")
            for pattern, owner in zip(block.patterns, block.owners, strict=True)
        ]
    return "\n".join(lines) + "\n" if lines else ""


def _prefix(kind: Kind) -> str:
    return f"tags.{kind[1]}:" if kind[0] is RuleType.TAG else f"{kind[0]}:"


def _new_files(result: Entries, proof: Proof) -> tuple[NewFiles, ...]:
    found: list[NewFiles] = []
    for block in result.blocks:
        for position, pattern in enumerate(block.patterns):
            if pattern.endswith("*") and not block.verbatim:
                rule = SentryRule(0, block.kind[0], pattern, result.owners[block.owners[position]], block.kind[1])
                found.append(NewFiles(rule.matcher, rule.owners, proof.decided.get(block.first + position, 0)))
    return tuple(found)
