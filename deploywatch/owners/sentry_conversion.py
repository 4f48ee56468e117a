"""A CODEOWNERS file as Sentry makes rules of it, with every line that it drops without a word.

Source: Sentry's ``convert_codeowners_syntax``. Sentry skips lines whose path it cannot take, drops owners that nobody mapped to a
Sentry team or user, and skips a line whose owners all drop. Nothing tells of either: an earlier, broader line then decides, which
is a wrong owner and not an error.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from deploywatch.owners.codeowners import split_words
from deploywatch.owners.rules import Problem
from deploywatch.owners.sentry_grammar import RuleType, SentryRule

_UNTAKEABLE: Final = re.compile(r"(?P<space>\\?\s)|(?P<negation>^!)|(?P<hash>#)|(?P<brackets>\[.*\])")
_REASONS: Final = {
    "space": "its path holds a space",
    "negation": "it is negated with !",
    "hash": "its path holds a #",
    "brackets": "its path holds [ ]",
}


@dataclass(frozen=True, slots=True)
class Conversion:
    """The ``codeowners:`` rules that Sentry keeps, the lines it drops, and the lines of which it drops some owners."""

    rules: tuple[SentryRule, ...] = ()
    dropped: tuple[Problem, ...] = ()
    thinned: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeMapping:
    """Sentry's translation between frames and files: what starts with ``stack_root`` in a frame is below ``source_root`` here."""

    stack_root: str = ""
    source_root: str = ""


DIRECT: Final = CodeMapping()
"""Frames name files as the repository does."""


def convert(text: str, owners: Mapping[str, str], mapping: CodeMapping = DIRECT) -> Conversion:
    """Convert a CODEOWNERS text. ``owners`` maps each external name that Sentry knows to its ``#team`` or e-mail address.

    E-mail addresses need no mapping of their own if they belong to members; such members belong into ``owners`` as themselves.
    """
    rules: list[SentryRule] = []
    dropped: list[Problem] = []
    thinned: list[Problem] = []
    for number, line in enumerate(text.split("\n"), start=1):
        words = split_words(line)
        if not words:
            continue
        path, *names = words
        known = tuple(dict.fromkeys(owners[name] for name in names if name in owners))
        missing = [name for name in names if name not in owners]
        reason = _reason(path, missing, kept=bool(known))
        if reason:
            dropped.append(Problem(number, line.strip(), reason))
            continue
        if missing:
            thinned.append(Problem(number, line.strip(), f"Sentry knows no {_listed(missing)}, so only {_listed(known)} is left"))
        rules.append(SentryRule(number, RuleType.CODEOWNERS, mapped_path(path, mapping), known))
    return Conversion(tuple(rules), tuple(dropped), tuple(thinned))


def _reason(path: str, missing: list[str], *, kept: bool) -> str | None:
    found = _UNTAKEABLE.search(path)
    if found:
        return f"Sentry skips the line because {_REASONS[found.lastgroup or 'space']}; an earlier line decides in its place"
    if missing and not kept:
        return f"Sentry knows no {_listed(missing)} and skips the line; an earlier line decides in its place"
    return None


def _listed(names: list[str] | tuple[str, ...]) -> str:
    return " or ".join(names) if isinstance(names, list) else " and ".join(names)


def mapped_path(path: str, mapping: CodeMapping) -> str:
    """A path of the repository as frames name it: in an anchored path the first ``source_root`` becomes ``stack_root``."""
    anchored = "/" in path.rstrip("/")
    if not anchored or not (mapping.stack_root or mapping.source_root):
        return path
    return re.sub(r"//+", "/", path.replace(mapping.source_root, mapping.stack_root, 1))
