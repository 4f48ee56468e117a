"""CODEOWNERS in GitHub's dialect: the last line that matches decides, and a line without owners decides for nobody.

Source of the rules: GitHub's documentation, "About code owners". A line that GitHub would not accept is skipped alone, with its
number and the reason; the rest of the file stays in force.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from deploywatch.owners.gitignore import PatternError, compile_pattern
from deploywatch.owners.rules import Decision, Problem, Rule, RuleIndex, Subject, path_of

PATHS: Final = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks, in its order; the first file found is the only one read."""

SIZE_LIMIT: Final = 3_000_000
"""Bytes. GitHub does not load a larger file at all."""

_WORDS: Final = re.compile(r"(?:\\.|[^\s\\]|\\$)+")
_OWNER: Final = re.compile(r"@[A-Za-z0-9_-]+(?:/[A-Za-z0-9_.-]+)?|[^\s@,;:<>()\[\]\"/\\]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")


@dataclass(frozen=True, slots=True)
class OwnerFile:
    """A parsed owner file: its rules in the order of the file, and the lines that were skipped."""

    file: str
    rules: tuple[Rule, ...] = ()
    problems: tuple[Problem, ...] = ()
    _index: RuleIndex = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", RuleIndex(self.rules))

    def decide(self, subject: Subject | str) -> Decision:
        """Who owns a path (relative to the repository's root), by which line, and which lines that outranked."""
        path = path_of(subject)
        matching = self._index.matching(path) if path else []
        if not matching:
            return Decision()
        first, *others = (rule.reference(self.file) for rule in matching)
        return Decision(first.owners, first, tuple(others))


def parse(text: str, file: str = "CODEOWNERS") -> OwnerFile:
    """Read an owner file. Never raises: what cannot be read is in ``problems``."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > SIZE_LIMIT:
        reason = f"the file has {size:,} bytes; GitHub does not load one of more than {SIZE_LIMIT:,}"
        return OwnerFile(file, problems=(Problem(0, "", reason),))
    rules, problems = read_lines(text, read_line)
    return OwnerFile(file, rules, problems)


def read_lines(text: str, read: Callable[[str, int], Rule | None]) -> tuple[tuple[Rule, ...], tuple[Problem, ...]]:
    """The rules of all lines, and a problem for each line on which ``read`` (line, its number) raises PatternError."""
    rules: list[Rule] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        try:
            rule = read(line, number)
        except PatternError as error:
            problems.append(Problem(number, line.strip(), str(error)))
        else:
            rules += [rule] if rule else []
    return tuple(rules), tuple(problems)


def read_line(line: str, number: int) -> Rule | None:
    """The rule of one line; ``None`` for a blank line or a comment. Raises PatternError where GitHub would refuse the line."""
    words = split_words(line)
    if not words:
        return None
    pattern, *owners = words
    glob = compile_pattern(pattern)
    for owner in owners:
        if not _OWNER.fullmatch(owner):
            raise PatternError(f"{owner!r} is neither @user, @organisation/team nor an e-mail address")
    return Rule(number, pattern, tuple(dict.fromkeys(owners)), glob)


def split_words(line: str) -> list[str]:
    """The words of a line up to a comment; a backslash keeps the space behind it in its word."""
    words: list[str] = []
    for word in _WORDS.findall(line):
        if word.startswith("#"):
            break
        words.append(word)
    return words
