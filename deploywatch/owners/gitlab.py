"""CODEOWNERS in GitLab's dialect: sections that each decide on their own, and whose owners add up.

Source: GitLab's documentation, "Syntax of CODEOWNERS file" and "Advanced CODEOWNERS configuration" (18.x). Inside a section the
last entry that matches decides, unless an exclusion (``!pattern``) of that section matches too. Comments stand on lines of their
own; behind an entry, ``#`` is no comment and owners named there count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final

from deploywatch.owners.fnmatch_patterns import compile_fnmatch
from deploywatch.owners.gitignore import PatternError
from deploywatch.owners.rules import Decision, Problem, Rule, RuleIndex, Subject, path_of

PATHS: Final = ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where GitLab looks, in its order."""

ROLES: Final = frozenset({"developer", "developers", "maintainer", "maintainers", "owner", "owners"})
"""The roles that ``@@role`` may name; each means the project's direct members of just that role."""

_HEADER: Final = re.compile(r"(?P<optional>\^)?\[(?P<name>[^\]]*)\](?:\[(?P<approvals>\d*)\])?(?P<owners>\s[^#]*)?")
_ENTRY: Final = re.compile(r"(?P<pattern>(?:\\\s|\S)+)(?P<owners>.*)")
_OWNER: Final = re.compile(r"@@?[\w.-]+(?:/[\w.-]+)*|[^\s@,;:<>()\[\]\"/\\]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")


@dataclass(frozen=True, slots=True)
class Section:
    """One section, all headings of its name together. ``approvals`` of its owners must approve a change, at least 1."""

    name: str
    optional: bool = False
    approvals: int = 1
    rules: tuple[Rule, ...] = ()
    exclusions: tuple[Rule, ...] = ()
    _entries: RuleIndex = field(init=False, repr=False, compare=False)
    _excluded: RuleIndex = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_entries", RuleIndex(self.rules))
        object.__setattr__(self, "_excluded", RuleIndex(self.exclusions))

    def matching(self, path: str) -> list[Rule]:
        """The lines that match, the deciding one first: an exclusion, which leaves the path to nobody, or the last entry."""
        return [*self._excluded.matching(path), *self._entries.matching(path)]


@dataclass(frozen=True, slots=True)
class GitLabOwners:
    """A parsed file: its sections in the order of their first headings (the unnamed one first), and the lines in trouble."""

    file: str
    sections: tuple[Section, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The entries of all sections, in the order of the file."""
        return tuple(sorted((rule for section in self.sections for rule in section.rules), key=lambda rule: rule.line))

    def decide(self, subject: Subject | str) -> Decision:
        """The owners of every section that has a say, those of required sections first; each section's deciding line is in it."""
        path = path_of(subject)
        matching = [section.matching(path) for section in sorted(self.sections, key=lambda s: s.optional)] if path else []
        deciding = [rules[0].reference(self.file) for rules in matching if rules]
        if not deciding:
            return Decision()
        deciding.sort(key=lambda rule: not rule.owners)
        owners = tuple(dict.fromkeys(owner for rule in deciding for owner in rule.owners))
        outranked = tuple(rule.reference(self.file) for rules in matching for rule in rules[1:])
        return Decision(owners, deciding[0], outranked, tuple(deciding[1:]))


def parse(text: str, file: str = "CODEOWNERS") -> GitLabOwners:
    """Read a file in GitLab's dialect. Never raises: lines in trouble are in ``problems``."""
    return _Reader(file).read(text)


class _Reader:
    """The state of reading: the sections so far, and the heading whose lines are being read."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._sections: dict[str, Section] = {"": Section("")}
        self._current = ""
        self._default: tuple[str, ...] = ()
        self._rules: dict[str, list[Rule]] = {}
        self._exclusions: dict[str, list[Rule]] = {}
        self._problems: list[Problem] = []

    def read(self, text: str) -> GitLabOwners:
        for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
            self._line(line.strip(), number)
        sections = tuple(
            replace(section, rules=tuple(self._rules.get(key, ())), exclusions=tuple(self._exclusions.get(key, ())))
            for key, section in self._sections.items()
        )
        return GitLabOwners(self._file, sections, tuple(self._problems))

    def _line(self, line: str, number: int) -> None:
        if not line or line.startswith("#"):
            return
        header = _HEADER.match(line)
        if header:
            self._heading(header, number, line)
            return
        if line.startswith(("[", "^[")):
            self._problem(number, line, "a section heading without its ] is read as a pattern")
        self._entry(line, number)

    def _heading(self, header: re.Match[str], number: int, line: str) -> None:
        name = header["name"].strip()
        optional, approvals = bool(header["optional"]), int(header["approvals"] or 0)
        if not name:
            self._problem(number, line, "a section needs a name")
        if optional and approvals:
            self._problem(number, line, "an optional section cannot require approvals")
        self._default = read_owners(header["owners"] or "")
        if (header["owners"] or "").strip() and not self._default:
            self._problem(number, line, "the section's default owners are neither @names nor e-mail addresses")
        self._current = name.casefold()
        known = self._sections.get(self._current)
        self._sections[self._current] = Section(
            known.name if known else name,
            optional and (known is None or known.optional),
            max(approvals, known.approvals if known else 1),
        )

    def _entry(self, line: str, number: int) -> None:
        entry = _ENTRY.match(line)
        if entry is None:
            return
        excludes = entry["pattern"].startswith("!")
        named = read_owners(entry["owners"])
        owners = () if excludes else named or (() if entry["owners"].strip() else self._default)
        try:
            rule = Rule(number, entry["pattern"], owners, compile_fnmatch(entry["pattern"].removeprefix("!")))
        except PatternError as error:
            self._problem(number, line, str(error))
            return
        (self._exclusions if excludes else self._rules).setdefault(self._current, []).append(rule)
        if not owners and not excludes:
            self._problem(number, line, "the entry has no valid owner, so nobody owns what it matches")

    def _problem(self, number: int, line: str, reason: str) -> None:
        self._problems.append(Problem(number, line, reason))


def read_owners(text: str) -> tuple[str, ...]:
    """The owners in a text: ``@user``, ``@group/subgroup``, ``@@role``, e-mail addresses. Other words do not count."""
    return tuple(dict.fromkeys(word for word in text.split() if _is_owner(word)))


def _is_owner(word: str) -> bool:
    if word.startswith("@@"):
        return word[2:].lower() in ROLES
    return bool(_OWNER.fullmatch(word))
