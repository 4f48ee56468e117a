"""Failures that do not count, each for a reason and for a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from typing import Final

from deploywatch.model import Issue

# Titles come from strangers; no pattern shall be run over pages of them.
_LONGEST: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore:
    """What to leave out: all that is given must match. ``until`` is the last day (UTC) on which it holds; ``None``: for good.

    ``issue`` is an id or short id, ``type`` the exception's type exactly, ``message`` a regular expression that is searched in
    the title and the message, ``path`` a glob for the raising frame's file. ``reason`` is shown to people.
    """

    reason: str
    until: date | None = None
    issue: str | None = None
    type: str | None = None
    message: str | None = None
    path: str | None = None

    def matches(self, issue: Issue, on: datetime) -> bool:
        """Whether it applies to ``issue`` at the moment ``on``. One that names nothing matches nothing."""
        if self.until is not None and on.astimezone(UTC).date() > self.until:
            return False
        answers = [
            self.issue is None or self.issue in (issue.id, issue.short_id),
            self.type is None or self.type == issue.error_type,
            self.message is None or _speaks(self.message, issue),
            self.path is None or (issue.filename is not None and fnmatchcase(issue.filename, self.path)),
        ]
        return all(answers) and any((self.issue, self.type, self.message, self.path))


def ignored_by(rules: Sequence[Ignore], issue: Issue, on: datetime) -> Ignore | None:
    """The first rule that leaves ``issue`` out, or ``None``."""
    return next((rule for rule in rules if rule.matches(issue, on)), None)


def _speaks(pattern: str, issue: Issue) -> bool:
    return any(re.search(pattern, text[:_LONGEST]) for text in (issue.title, issue.error_value or ""))
