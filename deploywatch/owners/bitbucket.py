"""CODEOWNERS in Bitbucket's dialect (``.bitbucket/CODEOWNERS``): GitHub's patterns, other words for owners.

Source: Atlassian's documentation, "Set up and use code owners". An owner is an e-mail address, ``@user``,
``@workspace/group`` or ``@teams/team``; a group or team may say how many of it are asked: ``:all``, ``:random(2)``,
``:least_busy(2)``. That choice is about reviews: the group as a whole owns, so it is not part of the owner's name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from deploywatch.owners.codeowners import OwnerFile, read_lines, split_words
from deploywatch.owners.gitignore import PatternError, compile_pattern
from deploywatch.owners.rules import Rule

PATHS: Final = (".bitbucket/CODEOWNERS",)
"""Where Bitbucket looks."""

_OWNER: Final = re.compile(
    r"(?P<name>@[\w.{}-]+(?:/[\w.-]+)?|[^\s@,;:<>()\[\]\"/\\]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,})"
    r"(?::(?P<strategy>all|random|least_busy)(?:\((?P<count>\d+)\))?)?"
)


@dataclass(frozen=True, slots=True)
class Reviewers:
    """An owner as Bitbucket names it, and how many of a group are asked to review: ``None`` for all of it."""

    name: str
    strategy: str | None = None
    count: int | None = None


def parse(text: str, file: str = ".bitbucket/CODEOWNERS") -> OwnerFile:
    """Read a file in Bitbucket's dialect. Never raises: lines that cannot be read are in ``problems``."""
    rules, problems = read_lines(text, read_line)
    return OwnerFile(file, rules, problems)


def read_line(line: str, number: int) -> Rule | None:
    """The rule of one line; ``None`` for a blank line or a comment. Raises PatternError."""
    words = split_words(line)
    if not words:
        return None
    pattern, *owners = words
    names = [read_reviewers(owner).name for owner in owners]
    return Rule(number, pattern, tuple(dict.fromkeys(names)), compile_pattern(pattern))


def read_reviewers(word: str) -> Reviewers:
    """One owner of a line. Raises PatternError for a word that is none."""
    found = _OWNER.fullmatch(word)
    is_group = found is not None and "/" in found["name"]
    if found is None or (found["strategy"] and not is_group):
        raise PatternError(f"{word!r} is neither an e-mail address, @user, @workspace/group nor @teams/team")
    return Reviewers(found["name"], found["strategy"], int(found["count"]) if found["count"] else None)
