"""A comment on each Sentry issue of the report. Sentry itself, too, refuses the same text within an hour."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from deploywatch.deliver.answers import LATER
from deploywatch.deliver.channel import CannotTell, Outcome, Receipt
from deploywatch.deliver.commenting import Commenter, Posted
from deploywatch.deliver.options import Options, PostedComment, SentryIssues, Tools, read_options
from deploywatch.errors import ConfigError, SentryError, SentryUnavailable
from deploywatch.model import Report

LIMIT: Final = 60_000


@dataclass(frozen=True, slots=True)
class CommentsOfIssues:
    """The comments of Sentry's issues."""

    issues: SentryIssues
    limit: int = LIMIT

    def target(self, report: Report) -> str:
        """The issue's id."""
        return report.findings[0].regression.issue.id

    def add(self, target: str, text: str) -> Receipt:
        """Post it."""
        try:
            posted = self.issues.comment(target, text)
        except SentryError as error:
            return failed(error)
        return Receipt(Outcome.TAKEN, reference=_reference(target, posted))

    def change(self, reference: str, text: str) -> None:  # noqa: ARG002 - a comment of Sentry's stays as it is; another is added
        """Never."""
        return

    def posted(self, target: str) -> Iterable[Posted] | CannotTell:
        """All of the issue's comments."""
        try:
            there = self.issues.comments(target)
        except SentryError as error:
            return CannotTell(error.message, for_now=isinstance(error, SentryUnavailable))
        return [Posted(_reference(target, posted), posted.text) for posted in there]


def failed(error: SentryError) -> Receipt:
    """What came of something that Sentry did not take."""
    if isinstance(error, SentryUnavailable):
        unsure = error.sent and error.status not in LATER
        return Receipt(Outcome.UNSURE if unsure else Outcome.LATER, status=error.status, error=error.message)
    return Receipt(Outcome.REFUSED, status=error.status, error=f"{error.message}; {error.hint}")


def _reference(issue_id: str, posted: PostedComment) -> str:
    return f"issue {issue_id}, comment {posted.id or '?'}"


def make(name: str, config: Mapping[str, Any], tools: Tools) -> Commenter:
    """There is nothing to configure. Raises ``ConfigError`` where there is no Sentry to comment in."""
    read_options(Options, name, config)
    if tools.issues is None:
        raise ConfigError(f"channel {name} comments in Sentry, which is not configured", hint="set SENTRY_AUTH_TOKEN")
    return Commenter(name, CommentsOfIssues(tools.issues), tools.render)
