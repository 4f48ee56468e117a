"""An issue in GitLab for each finding. REST API v4: "Issues" and "Notes"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from deploywatch.deliver.channel import CannotTell, Receipt
from deploywatch.deliver.channels.gitlab_comment import LIMIT, GitLabOptions, credentials
from deploywatch.deliver.options import Tools, read_options
from deploywatch.deliver.rest import Api, connect, document, segment, text_of
from deploywatch.deliver.ticketing import NewTicket, Ticket, Ticketer


class IssueOptions(GitLabOptions):
    """The keys of an issue."""

    labels: tuple[str, ...] = ()
    """Labels that every issue gets, beside the one by which it is found again."""
    confidential: bool = False
    """Whether only the project's members see it."""


@dataclass(frozen=True, slots=True)
class GitLabIssues:
    """The issues of one project. A ticket's id is its number within the project (``iid``)."""

    api: Api
    project: str
    labels: tuple[str, ...] = ()
    confidential: bool = False
    limit: int = LIMIT

    def search(self, label: str) -> Ticket | CannotTell | None:
        """By label, newest first."""
        found = self.api.read(f"{self.project}/issues?labels={segment(label)}&scope=all&per_page=1")
        if isinstance(found, CannotTell):
            return found
        return next((_ticket(item) for item in found or ()), None)

    def create(self, ticket: NewTicket) -> Receipt:
        """Open an issue."""
        body = {
            "title": ticket.title,
            "description": ticket.text,
            "labels": ",".join([ticket.label, *self.labels]),
            "confidential": self.confidential,
        }
        receipt = self.api.write("POST", f"{self.project}/issues", body)
        return replace(receipt, reference=text_of(document(receipt), "web_url") or None)

    def reopen(self, ticket: Ticket) -> Receipt:
        """Change its state."""
        return self.api.write("PUT", f"{self.project}/issues/{segment(ticket.id)}", {"state_event": "reopen"})

    def close(self, ticket: Ticket) -> Receipt:
        """Change its state."""
        return self.api.write("PUT", f"{self.project}/issues/{segment(ticket.id)}", {"state_event": "close"})

    def comment(self, ticket: Ticket, text: str) -> Receipt:
        """Add a note."""
        receipt = self.api.write("POST", f"{self.project}/issues/{segment(ticket.id)}/notes", {"body": text})
        return replace(receipt, reference=ticket.reference)

    def comments(self, ticket: Ticket) -> Iterable[str] | CannotTell:
        """All notes."""
        found = self.api.pages(f"{self.project}/issues/{segment(ticket.id)}/notes")
        return found if isinstance(found, CannotTell) else [text_of(item, "body") for item in found]


def _ticket(item: Mapping[str, Any]) -> Ticket:
    is_open = text_of(item, "state") == "opened"
    return Ticket(text_of(item, "iid"), text_of(item, "web_url"), text_of(item, "description"), is_open)


def make(name: str, config: Mapping[str, Any], tools: Tools) -> Ticketer:
    """From ``project``, ``token``, ``labels``, ``confidential`` and ``url``. Raises ``ConfigError``."""
    options = read_options(IssueOptions, name, config)
    api = connect(options, name, tools, credentials)
    return Ticketer(name, GitLabIssues(api, options.path(), options.labels, options.confidential), tools.render)
