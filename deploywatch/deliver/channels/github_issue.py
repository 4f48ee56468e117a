"""An issue in GitHub for each finding. REST API 2022-11-28: "Issues" and "Issue comments"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from deploywatch.deliver.channel import CannotTell, Receipt
from deploywatch.deliver.channels.github_comment import GitHubOptions, credentials
from deploywatch.deliver.options import Tools, read_options
from deploywatch.deliver.rest import Api, connect, document, segment, text_of
from deploywatch.deliver.ticketing import NewTicket, Ticket, Ticketer

LIMIT: Final = 65_536


class IssueOptions(GitHubOptions):
    """The keys of an issue."""

    labels: tuple[str, ...] = ()
    """Labels that every issue gets, beside the one by which it is found again."""
    assignees: tuple[str, ...] = ()
    """Logins of those to assign."""


@dataclass(frozen=True, slots=True)
class GitHubIssues:
    """The issues of one repository. A ticket's id is its number."""

    api: Api
    repository: str
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    limit: int = LIMIT

    def search(self, label: str) -> Ticket | CannotTell | None:
        """By label, newest first; a pull request is no ticket."""
        found = self.api.read(f"{self.repository}/issues?labels={segment(label)}&state=all&per_page=20")
        if isinstance(found, CannotTell):
            return found
        issues = (item for item in found or () if isinstance(item, Mapping) and "pull_request" not in item)
        return next((_ticket(item) for item in issues), None)

    def create(self, ticket: NewTicket) -> Receipt:
        """Open an issue."""
        body = {
            "title": ticket.title,
            "body": ticket.text,
            "labels": [ticket.label, *self.labels],
            "assignees": list(self.assignees),
        }
        receipt = self.api.write("POST", f"{self.repository}/issues", body)
        return replace(receipt, reference=text_of(document(receipt), "html_url") or None)

    def reopen(self, ticket: Ticket) -> Receipt:
        """Set its state."""
        body = {"state": "open", "state_reason": "reopened"}
        return self.api.write("PATCH", f"{self.repository}/issues/{segment(ticket.id)}", body)

    def close(self, ticket: Ticket) -> Receipt:
        """Set its state."""
        body = {"state": "closed", "state_reason": "completed"}
        return self.api.write("PATCH", f"{self.repository}/issues/{segment(ticket.id)}", body)

    def comment(self, ticket: Ticket, text: str) -> Receipt:
        """Post it."""
        path = f"{self.repository}/issues/{segment(ticket.id)}/comments"
        return replace(self.api.write("POST", path, {"body": text}), reference=ticket.reference)

    def comments(self, ticket: Ticket) -> Iterable[str] | CannotTell:
        """All of them."""
        found = self.api.pages(f"{self.repository}/issues/{segment(ticket.id)}/comments")
        return found if isinstance(found, CannotTell) else [text_of(item, "body") for item in found]


def _ticket(item: Mapping[str, Any]) -> Ticket:
    return Ticket(text_of(item, "number"), text_of(item, "html_url"), text_of(item, "body"), text_of(item, "state") == "open")


def make(name: str, config: Mapping[str, Any], tools: Tools) -> Ticketer:
    """From ``repository``, ``token``, ``labels``, ``assignees`` and ``url``. Raises ``ConfigError``."""
    options = read_options(IssueOptions, name, config)
    api = connect(options, name, tools, credentials)
    return Ticketer(name, GitHubIssues(api, options.path(), options.labels, options.assignees), tools.render)
