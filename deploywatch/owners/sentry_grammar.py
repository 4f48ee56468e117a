"""Sentry's ownership rules, read line by line: ``[type:]pattern owner owner...``.

The grammar is Sentry's own (``issues/ownership/grammar.py``). Sentry refuses a whole file for one line that it cannot parse; here
such a line is reported and the rest is read, so that all of them can be named at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from deploywatch.owners.rules import Problem

SIZE_LIMIT: Final = 100_000
"""Characters that Sentry takes by default in one project's rules; some plans allow 250,000 or 750,000."""


class RuleType(StrEnum):
    """What a rule looks at."""

    PATH = "path"
    MODULE = "module"
    URL = "url"
    CODEOWNERS = "codeowners"
    TAG = "tags"


@dataclass(frozen=True, slots=True)
class SentryRule:
    """One rule. ``tag`` is the tag's name where ``type`` is TAG. Owners are ``#team`` or lower-case e-mail addresses."""

    line: int
    type: RuleType
    pattern: str
    owners: tuple[str, ...]
    tag: str = ""

    @property
    def matcher(self) -> str:
        """The rule without its owners, as it stands in a file: ``path:src/*``, ``tags.route:"a b"``."""
        kind = f"tags.{self.tag}" if self.type is RuleType.TAG else self.type.value
        return f"{kind}:{quoted(self.pattern)}"

    @property
    def text(self) -> str:
        """The rule as it stands in a file."""
        return " ".join((self.matcher, *self.owners))


# The first colon after the type ends it; without a known type the whole word is a path pattern.
_RULE: Final = re.compile(r' *(?:(url|path|module|codeowners|tags\.[^:]+):)? *(?:"((?:[^"\\]|\\.)*)"|(\S+))')
_OWNER: Final = re.compile(r" +(#?\S+)")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")


def quoted(pattern: str) -> str:
    """A pattern as a file must hold it: in quotes where it holds a space or starts with one."""
    if re.search(r"\s", pattern) or pattern.startswith('"'):
        return '"' + pattern.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return pattern


def read_rules(text: str) -> tuple[tuple[SentryRule, ...], tuple[Problem, ...]]:
    """All rules of a text in its order, and the lines that Sentry would not take. Never raises."""
    rules: list[SentryRule] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), start=1):
        read = read_line(line, number)
        if isinstance(read, SentryRule):
            rules.append(read)
        elif read is not None:
            problems.append(read)
    return tuple(rules), tuple(problems)


def read_line(line: str, number: int) -> SentryRule | Problem | None:
    """The rule of one line, the reason why Sentry would refuse it, or ``None`` for a blank line or a comment."""
    line = line.rstrip("\r")
    if not line.strip() or line.lstrip(" ").startswith("#"):
        return None
    found = _RULE.match(line)
    if found is None:
        return Problem(number, line.strip(), "a rule starts with a pattern, after spaces only")
    kind, in_quotes, plain = found.groups()
    rest = line[found.end() :]
    owners, trouble = _owners(rest)
    if trouble or (not owners and kind != RuleType.CODEOWNERS):
        return Problem(number, line.strip(), trouble or "the rule has no owner")
    pattern = plain if plain is not None else re.sub(r"\\(.)", r"\1", in_quotes)
    return _rule(number, kind or "path", pattern, owners)


def _rule(number: int, kind: str, pattern: str, owners: tuple[str, ...]) -> SentryRule:
    if kind.startswith("tags."):
        return SentryRule(number, RuleType.TAG, pattern, owners, tag=kind.removeprefix("tags."))
    return SentryRule(number, RuleType(kind), pattern, owners)


def _owners(rest: str) -> tuple[tuple[str, ...], str | None]:
    """The owners behind a pattern, and what is wrong with them. A ``#`` that stands alone starts a comment."""
    owners: list[str] = []
    position = 0
    while (found := _OWNER.match(rest, position)) is not None and found[1] != "#":
        owner = found[1] if found[1].startswith("#") else found[1].lower()
        if not owner.startswith("#") and not _EMAIL.fullmatch(owner):
            return (), f"{found[1]!r} is neither #team nor an e-mail address"
        owners.append(owner)
        position = found.end()
    left = rest[position:].strip(" ")
    if left and not left.startswith("#"):
        return (), "pattern and owners are separated by spaces, not by tabs"
    return tuple(dict.fromkeys(owners)), None
