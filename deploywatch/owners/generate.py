"""One Sentry rule for each file, made of an owner file: what ``compress`` then makes small."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from deploywatch.owners.rules import Matcher
from deploywatch.owners.sentry_conversion import DIRECT, CodeMapping
from deploywatch.owners.sentry_grammar import RuleType, SentryRule

_UNWRITABLE: Final = re.compile(r"[*\[\]{}\\\x00-\x1f\x7f\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Generated:
    """The rules as text, one a line; nobody's files, as rules would name them; the owners that Sentry does not know."""

    text: str
    guarded: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def generate(
    paths: Iterable[str], owners: Matcher, called: Callable[[str], str | None], mapping: CodeMapping = DIRECT
) -> Generated:
    """A rule for each of the repository's ``paths`` that somebody owns, in the order of the paths.

    ``called`` gives an owner's name in Sentry, ``None`` for one it does not know. ``mapping`` says how frames name the files.
    A file all of whose owners are unknown counts as nobody's.
    """
    lines: list[str] = []
    guarded: list[str] = []
    unknown: dict[str, None] = {}
    for number, path in enumerate(sorted(paths), start=1):
        names = owners.decide(path).owners
        named = [(name, called(name)) for name in names]
        unknown.update((name, None) for name, owner in named if owner is None)
        found = tuple(dict.fromkeys(owner for _, owner in named if owner))
        pattern = as_pattern(path, mapping)
        if found:
            lines.append(SentryRule(number, RuleType.PATH, pattern, found).text)
        else:
            guarded.append(pattern)
    return Generated("".join(f"{line}\n" for line in lines), tuple(guarded), tuple(unknown))


def as_pattern(path: str, mapping: CodeMapping = DIRECT) -> str:
    """A path as a Sentry rule can name it. What means something in a glob cannot be escaped there, so ``?`` stands in for it."""
    moved = mapping.stack_root + path.removeprefix(mapping.source_root) if path.startswith(mapping.source_root) else path
    start, rest = ("*", moved[1:]) if moved.startswith("*/") else ("", moved)
    return start + _UNWRITABLE.sub("?", rest)
