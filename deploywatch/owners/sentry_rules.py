"""Who Sentry's ownership rules give an event to: what a rule looks at, and which of several matching rules wins.

Rules (``path:``, ``module:``, ``url:``, ``tags.x:``) and converted CODEOWNERS lines are two lists. Two generations of servers
rank matches differently, so the generation is a setting; see ``Generation``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from deploywatch.model import Event, Frame, RuleRef
from deploywatch.owners.frame_paths import frame_keys
from deploywatch.owners.gitignore import PatternError
from deploywatch.owners.globs import Glob
from deploywatch.owners.rules import Decision, HintIndex, Problem, Subject, path_of
from deploywatch.owners.sentry_globs import compile_codeowners, compile_glob
from deploywatch.owners.sentry_grammar import RuleType, SentryRule, read_rules
from deploywatch.owners.sentry_index import GlobIndex

FILE: Final = "Sentry ownership rules"
CODEOWNERS_FILE: Final = "Sentry's CODEOWNERS"

_NO_FRAME: Final = 1 << 30
_LONGEST: Final = 8_192
"""Characters; no file has a longer path, but events are written by strangers."""


class Generation(StrEnum):
    """How a Sentry server ranks the rules that match one event, the strongest first.

    LAST_LINE: ownership rules before CODEOWNERS; in each, the last line (servers up to about 2025).
    TOP_FRAME: the rule that matches the frame nearest to the failure; for one frame, rules before CODEOWNERS, then the last
    line; rules that look only at the URL or at tags come last (newest servers).
    """

    LAST_LINE = "last-line"
    TOP_FRAME = "top-frame"


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that matches, and the index in ``StackTrace.frames`` of the first frame it matches (``None``: URL, tags)."""

    rule: SentryRule
    file: str
    frame: int | None

    @property
    def reference(self) -> RuleRef:
        """The rule as reports name it."""
        return RuleRef(self.file, self.rule.line, self.rule.matcher, self.rule.owners)


class SentryOwnership:
    """A project's rules, ready to decide. Where ``known_owners`` are given, rules with none of them are skipped, as in Sentry."""

    def __init__(
        self,
        rules: Sequence[SentryRule],
        codeowners: Sequence[SentryRule] = (),
        *,
        generation: Generation = Generation.TOP_FRAME,
        known_owners: Collection[str] | None = None,
    ) -> None:
        self.file = FILE
        self.rules = tuple(rules)
        self.codeowners = tuple(codeowners)
        self._generation = generation
        self._known = known_owners
        kinds: dict[tuple[str, RuleType, str], list[SentryRule]] = {}
        for file, part in ((CODEOWNERS_FILE, self.codeowners), (FILE, self.rules)):
            for rule in part:
                kinds.setdefault((file, rule.type, rule.tag), []).append(rule)
        groups = (_group(file, found) for (file, _, _), found in kinds.items())
        self._groups = [group for group in groups if group.rules]

    def decide(self, subject: Subject | str) -> Decision:
        """Who owns a path, a frame, or a whole event, by which rule, and which rules that outranked."""
        matches = self.matches(subject)
        if not matches:
            return Decision()
        first, *others = (match.reference for match in matches)
        return Decision(first.owners, first, tuple(others))

    def matches(self, subject: Subject | str) -> list[Match]:
        """All rules that match and have an owner that exists, in order of precedence. (Sentry itself keeps the first two.)"""
        found = [match for group in self._groups for match in group.matches(subject) if self._has_owner(match.rule)]
        return sorted(found, key=self._rank)

    def _rank(self, match: Match) -> tuple[int, ...]:
        frame = _NO_FRAME if match.frame is None else match.frame
        is_codeowners = int(match.file == CODEOWNERS_FILE)
        by_line = (is_codeowners, -match.rule.line)
        return (frame, *by_line) if self._generation is Generation.TOP_FRAME else by_line

    def _has_owner(self, rule: SentryRule) -> bool:
        return not rule.owners or self._known is None or any(owner in self._known for owner in rule.owners)


def parse(text: str, *, generation: Generation = Generation.TOP_FRAME) -> tuple[SentryOwnership, tuple[Problem, ...]]:
    """A project's rules as Sentry's settings hold them, and the lines that Sentry would refuse or that can never match."""
    rules, problems = read_rules(text)
    unmatchable = tuple(filter(None, map(_trouble, rules)))
    return SentryOwnership(rules, generation=generation), tuple(sorted((*problems, *unmatchable), key=lambda p: p.line))


def _trouble(rule: SentryRule) -> Problem | None:
    try:
        _glob(rule)
    except PatternError as error:
        return Problem(rule.line, rule.text, str(error))
    return None


def _glob(rule: SentryRule) -> Glob:
    return compile_codeowners(rule.pattern) if rule.type is RuleType.CODEOWNERS else compile_glob(comparable(rule, rule.pattern))


class _Index(Protocol):
    def matching(self, text: str) -> list[int]: ...


@dataclass(frozen=True, slots=True)
class _Group:
    """The rules of one file that look at one thing, in their order."""

    file: str
    rules: tuple[SentryRule, ...]
    index: _Index

    def matches(self, subject: Subject | str) -> Iterator[Match]:
        frames: dict[int, int | None] = {}
        for frame, text in _texts(self.rules[0], subject):
            for order in self.index.matching(text):
                frames.setdefault(order, frame)
        return (Match(self.rules[order], self.file, frame) for order, frame in frames.items())


def _group(file: str, rules: list[SentryRule]) -> _Group:
    usable = tuple(rule for rule in rules if _trouble(rule) is None) if any(map(_special, rules)) else tuple(rules)
    if rules[0].type is RuleType.CODEOWNERS:
        return _Group(file, usable, HintIndex([_glob(rule) for rule in usable]))
    return _Group(file, usable, GlobIndex([comparable(rule, rule.pattern) for rule in usable]))


def _special(rule: SentryRule) -> bool:
    return any(character in rule.pattern for character in "[]{}")


def _texts(rule: SentryRule, subject: Subject | str) -> Iterator[tuple[int | None, str]]:
    """What rules of this kind look at, with the index of its frame: all that the subject has and that is not absurdly long."""
    return ((frame, text) for frame, text in _all_texts(rule, subject) if len(text) <= _LONGEST)


def _all_texts(rule: SentryRule, subject: Subject | str) -> Iterator[tuple[int | None, str]]:
    event = None if isinstance(subject, str) else subject.event
    if rule.type in {RuleType.URL, RuleType.TAG}:
        return ((None, comparable(rule, text)) for text in (_event_texts(rule, event) if event else ()))
    return ((frame, comparable(rule, text)) for frame, text in _frame_texts(rule, subject))


def _event_texts(rule: SentryRule, event: Event) -> tuple[str, ...]:
    if rule.type is RuleType.URL:
        return (event.request.url,) if event.request and event.request.url else ()
    return tuple(value for name, value in event.tags if name == rule.tag)


def _frame_texts(rule: SentryRule, subject: Subject | str) -> Iterator[tuple[int, str]]:
    if isinstance(subject, str) or (subject.event is None and subject.frame is None):
        path = path_of(subject)
        if path and rule.type is not RuleType.MODULE:
            yield 0, path
        return
    frames = (subject.frame,) if subject.frame else subject.event.stacktrace.frames if subject.event else ()
    for index, frame in enumerate(frames):
        for key in _keys(rule, frame, subject.event.platform if subject.event else subject.platform):
            yield index, key


def _keys(rule: SentryRule, frame: Frame, platform: str | None) -> tuple[str, ...]:
    if rule.type is RuleType.MODULE:
        return (frame.module,) if frame.module else ()
    if rule.type is RuleType.CODEOWNERS and frame.in_app is False:
        return ()
    return frame_keys(frame, platform)


def comparable(rule: SentryRule, text: str) -> str:
    """A pattern or text as rules of this kind compare them: most without regard to case and to which way slashes lean."""
    if rule.type is RuleType.CODEOWNERS:
        return text.lstrip("/")
    return text if rule.type is RuleType.TAG else text.lower().replace("\\", "/")
