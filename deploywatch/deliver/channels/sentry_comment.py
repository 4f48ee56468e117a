"""A comment on each Sentry issue of the report, with an invisible marker by which it is found again.

Effectively once: it is looked for before it is sent again, and Sentry itself refuses the same text within an hour.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from deploywatch.deliver.answers import LATER
from deploywatch.deliver.channel import CannotTell, Outcome, Parcel, Policy, Receipt
from deploywatch.deliver.options import IssueComments, Options, PostedComment, Tools, read_options
from deploywatch.errors import ConfigError, DeliveryError, SentryError, SentryUnavailable
from deploywatch.model import Report
from deploywatch.sentry.comments import marked, marker_of

POLICY: Final = Policy(repeatable=False, attempts=4)


@dataclass(frozen=True, slots=True)
class SentryComment:
    """A comment below each issue. Its payload is ``{"issue": id, "text": Markdown}``."""

    name: str
    issues: IssueComments
    render: Callable[[Report, str], str]
    policy: Policy = POLICY
    per_finding: bool = True

    def compose(self, report: Report, key: str) -> str:
        """The comment for the report's first finding. Raises ``DeliveryError`` where there is none."""
        if not report.findings:
            raise DeliveryError("there is no issue to comment on", hint="send reports without findings to another channel")
        text = marked(self.render(report, "markdown"), key)
        return json.dumps({"issue": report.findings[0].regression.issue.id, "text": text})

    def send(self, parcel: Parcel) -> Receipt:
        """Post it."""
        told = json.loads(parcel.payload)
        try:
            posted = self.issues.comment(told["issue"], told["text"])
        except SentryUnavailable as error:
            unsure = error.sent and error.status not in LATER
            return Receipt(Outcome.UNSURE if unsure else Outcome.LATER, status=error.status, error=error.message)
        except SentryError as error:
            return Receipt(Outcome.REFUSED, status=error.status, error=f"{error.message}; {error.hint}")
        return Receipt(Outcome.TAKEN, reference=_reference(told["issue"], posted))

    def find(self, parcel: Parcel) -> str | CannotTell | None:
        """The comment that has the marker."""
        issue_id = json.loads(parcel.payload)["issue"]
        try:
            there = self.issues.comments(issue_id)
        except SentryError as error:
            return CannotTell(error.message, for_now=isinstance(error, SentryUnavailable))
        return next((_reference(issue_id, posted) for posted in there if marker_of(posted.text) == parcel.key), None)


def _reference(issue_id: str, posted: PostedComment) -> str:
    return f"issue {issue_id}, comment {posted.id or '?'}"


def make(name: str, config: Mapping[str, Any], tools: Tools) -> SentryComment:
    """There is nothing to configure. Raises ``ConfigError`` where there is no Sentry to comment in."""
    read_options(Options, name, config)
    if tools.issues is None:
        raise ConfigError(f"channel {name} comments in Sentry, which is not configured", hint="set SENTRY_AUTH_TOKEN")
    return SentryComment(name, tools.issues, tools.render)
