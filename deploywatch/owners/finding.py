"""What is wrong with ownership rules, as values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad a finding is, the worst first; the words are SARIF's."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Check(StrEnum):
    """What is checked. The values are the rule ids that programs see; they do not change."""

    INVALID_LINE = "invalid-line"
    UNKNOWN_OWNER = "unknown-owner"
    UNOWNED = "unowned-files"
    MATCHES_NOTHING = "rule-matches-nothing"
    SHADOWED = "shadowed-rule"
    DROPPED = "dropped-by-sentry"
    DRIFT = "drift-from-sentry"
    TOO_LARGE = "too-large-for-sentry"


@dataclass(frozen=True, slots=True)
class OwnerFinding:
    """One finding. ``file`` and ``line`` (1-based; 0: the whole file) say where to mend it.

    ``path`` is the file or folder of the repository that it is about, ``share`` that path's part (0..1) of the recent errors,
    where those are known.
    """

    check: Check
    level: Level
    message: str
    file: str
    line: int = 0
    path: str | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """All findings about the rules of a repository, the worst first, and in sentences what could not be checked, and why."""

    findings: tuple[OwnerFinding, ...] = ()
    not_checked: tuple[str, ...] = ()


def in_order(findings: Iterable[OwnerFinding]) -> tuple[OwnerFinding, ...]:
    """Findings as they are shown: the worst first, then those with most errors, then by place."""
    levels = tuple(Level)
    return tuple(sorted(findings, key=lambda f: (levels.index(f.level), -(f.share or 0.0), f.file, f.line, f.path or "")))


def is_bad(findings: Iterable[OwnerFinding], least: Level = Level.ERROR) -> bool:
    """Whether a finding is at least so bad: what CI fails on."""
    levels = tuple(Level)
    return any(levels.index(finding.level) <= levels.index(least) for finding in findings)
