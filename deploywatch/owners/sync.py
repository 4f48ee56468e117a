"""From the ownership rules that Sentry holds to others: what is wrong with those, and what would change. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from difflib import unified_diff

from deploywatch.owners.rules import Problem
from deploywatch.owners.sentry_grammar import RuleType, read_rules


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rules that there are and those that are to be, in the form in which Sentry keeps them.

    ``problems`` are lines that Sentry would refuse, and the whole text with them. ``unknown`` are owners that do not exist there,
    ``None`` where that is not known. Sizes are in characters, ``limit`` too.
    """

    held: str
    wanted: str
    limit: int
    rules_held: int
    rules_wanted: int
    problems: tuple[Problem, ...] = ()
    unknown: tuple[str, ...] | None = None

    @property
    def is_same(self) -> bool:
        """Whether there is nothing to do."""
        return self.held == self.wanted

    @property
    def fits(self) -> bool:
        """Whether Sentry takes so many characters."""
        return len(self.wanted) <= self.limit

    @property
    def diff(self) -> tuple[str, ...]:
        """The lines of a unified diff, without line ends; none where both are the same."""
        lines = unified_diff(self.held.splitlines(), self.wanted.splitlines(), "held by Sentry", "wanted", lineterm="")
        return tuple(lines)


def compare(held: str, wanted: str, *, limit: int, known: Collection[str] | None = None) -> Comparison:
    """Compare two texts of rules. ``known`` are all owners that the wanted ones may name; ``None``: nobody could be asked."""
    rules, problems = read_rules(wanted)
    converted = [
        Problem(rule.line, rule.text, "codeowners: rules come with an uploaded CODEOWNERS file only")
        for rule in rules
        if rule.type is RuleType.CODEOWNERS
    ]
    named = dict.fromkeys(owner for rule in rules for owner in rule.owners)
    return Comparison(
        held=kept(held),
        wanted=kept(wanted),
        limit=limit,
        rules_held=len(read_rules(held)[0]),
        rules_wanted=len(rules),
        problems=tuple(sorted((*problems, *converted), key=lambda problem: problem.line)),
        unknown=None if known is None else tuple(owner for owner in named if owner not in known),
    )


def kept(text: str) -> str:
    """A text as Sentry keeps it: without space around it. Line ends are made the same."""
    return "\n".join(text.splitlines()).strip()
