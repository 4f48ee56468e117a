"""The owner-file dialects: one module each, one line each in ``DIALECTS``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from deploywatch.owners import bitbucket, codeowners, gitlab
from deploywatch.owners.rules import Matcher, Problem, Rule


class OwnerRules(Matcher, Protocol):
    """An owner file whose rules can be looked at one by one."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Its rules, in the order of the file."""
        ...

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Its lines in trouble, in the order of the file."""
        ...


@dataclass(frozen=True, slots=True)
class Dialect:
    """Where a code host looks for its owner file, in its order, and how it reads it."""

    paths: tuple[str, ...]
    parse: Callable[[str, str], OwnerRules]


DIALECTS: Final[Mapping[str, Dialect]] = {
    "github": Dialect(codeowners.PATHS, codeowners.parse),
    "gitlab": Dialect(gitlab.PATHS, gitlab.parse),
    "bitbucket": Dialect(bitbucket.PATHS, bitbucket.parse),
}


def dialect_of(remote: str | None) -> str:
    """The dialect that the host of a git remote's address speaks; GitHub's where the address does not tell."""
    address = (remote or "").lower()
    return next((name for name in DIALECTS if name in address), "github")
