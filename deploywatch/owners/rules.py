"""What every owner-file dialect shares: a rule, a decision, and the search for the rules that match a path."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from deploywatch.model import Event, Frame, RuleRef
from deploywatch.owners.globs import Glob, Text


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule can look at: a file of the repository, a frame as it was reported, the event around it, its Sentry project.

    ``files`` are those of the failure's own frames, the raising one first. ``platform`` is for a frame without its event.
    """

    path: str | None = None
    frame: Frame | None = None
    event: Event | None = None
    project: str | None = None
    files: tuple[str, ...] = ()
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of one owner file.

    ``decided_by`` is the line that decided; ``None`` means that no line matches. A line without owners *decides for nobody*:
    then ``owners`` is empty and ``decided_by`` is not. ``outranked`` are the other lines that match, the strongest first.
    ``also`` are further lines that decided beside it, in dialects where several may (GitLab's sections).
    """

    owners: tuple[str, ...] = ()
    decided_by: RuleRef | None = None
    outranked: tuple[RuleRef, ...] = ()
    also: tuple[RuleRef, ...] = ()


class Matcher(Protocol):
    """An owner file of any dialect, or anything else that can say who owns a place."""

    @property
    def file(self) -> str:
        """Where its rules stand: a path of the repository, or a name such as ``Sentry ownership rules``."""
        ...

    def decide(self, subject: Subject | str) -> Decision:
        """Who owns it, and by which line. A bare string is a path of the repository. Never raises for a strange path."""
        ...


def path_of(subject: Subject | str) -> str | None:
    """The path of the repository that is asked about, without a leading ``/`` or ``./``."""
    path = subject if isinstance(subject, str) else subject.path
    return path.removeprefix("./").lstrip("/") if path else None


def where(rule: RuleRef) -> str:
    """A rule as people look it up: ``file:line (pattern)``, without the line where rules have none."""
    return f"{rule.place} ({rule.pattern})"


@dataclass(frozen=True, slots=True)
class Rule:
    """One line that says who owns what. ``line`` is 1-based."""

    line: int
    pattern: str
    owners: tuple[str, ...]
    glob: Glob

    def reference(self, file: str) -> RuleRef:
        """This line as reports name it."""
        return RuleRef(file=file, line=self.line, pattern=self.pattern, owners=self.owners)


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that is skipped, or a file that is not read (``line`` 0), and why, in words for its author."""

    line: int
    text: str
    reason: str


class HintIndex:
    """Finds the globs that match a path without trying each: by the rarest segment, or the extension, that a glob needs."""

    def __init__(self, globs: Sequence[Glob]) -> None:
        self._globs = tuple(globs)
        frequency = Counter(name for glob in globs for name in glob.segments)
        keyed: defaultdict[str, list[int]] = defaultdict(list)
        self._always: list[int] = []
        for order, glob in enumerate(globs):
            if glob.segments:
                keyed[min(glob.segments, key=lambda name: frequency[name])].append(order)
            elif glob.extension:
                keyed["*" + glob.extension].append(order)
            else:
                self._always.append(order)
        self._keyed = dict(keyed)

    def matching(self, path: str) -> list[int]:
        """The positions (in the order given) of all globs that match, the last first."""
        text = Text(path)
        return [order for order in sorted(self._candidates(path), reverse=True) if self._globs[order].matches(text)]

    def _candidates(self, path: str) -> set[int]:
        found = set(self._always)
        for name in path.split("/"):
            found.update(self._keyed.get(name, ()))
            found.update(self._keyed.get("*" + name[name.rfind(".") :], ()) if "." in name else ())
        return found


class RuleIndex:
    """Finds the rules that match a path."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = tuple(rules)
        self._index = HintIndex([rule.glob for rule in rules])

    def matching(self, path: str) -> list[Rule]:
        """The rules that match, the last of the file first."""
        return [self._rules[order] for order in self._index.matching(path)]
