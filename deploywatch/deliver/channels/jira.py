"""An issue in Jira (Cloud or Data Center) for each finding. REST API 2, whose texts are wiki markup.

The text stands in a ``noformat`` block, where nothing that strangers wrote can format, link or mention.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pydantic import Field

from deploywatch.deliver.channel import CannotTell, Outcome, Receipt
from deploywatch.deliver.options import Tools, read_options
from deploywatch.deliver.rest import Api, ApiOptions, connect, document, segment, text_of
from deploywatch.deliver.ticketing import NewTicket, Ticket, Ticketer

LIMIT: Final = 32_000
_BLOCK: Final = "{noformat}"
_NO_BLOCK: Final = "{\u200bnoformat}"


class JiraOptions(ApiOptions):
    """The keys of a Jira project. The token is "mail@address:API token" for Cloud, a personal access token for Data Center."""

    project: str
    """The project's key, such as SHOP."""
    issue_type: str = "Bug"
    """The kind of issue."""
    labels: tuple[str, ...] = ()
    """Labels that every issue gets, beside the one by which it is found again."""
    fields: dict[str, Any] = Field(default_factory=dict)
    """Further fields as Jira's API takes them, such as customfield_10001 = {value = "Payments"}."""
    cloud: bool = True
    """Whether it is Jira Cloud; Data Center searches at another address."""


@dataclass(frozen=True, slots=True)
class JiraIssues:
    """The issues of one project. A ticket's id is its key (SHOP-17)."""

    api: Api
    options: JiraOptions
    limit: int = LIMIT

    def search(self, label: str) -> Ticket | CannotTell | None:
        """By label, newest first."""
        jql = f'project = "{self.options.project}" AND labels = "{label}" ORDER BY created DESC'
        where = "search/jql" if self.options.cloud else "search"
        found = self.api.read(f"/rest/api/2/{where}?jql={segment(jql)}&fields=status,description&maxResults=1")
        if isinstance(found, CannotTell):
            return found
        issues = found.get("issues") if isinstance(found, Mapping) else None
        return next((self._ticket(item) for item in issues or ()), None)

    def create(self, ticket: NewTicket) -> Receipt:
        """Open an issue."""
        own = {
            "project": {"key": self.options.project},
            "issuetype": {"name": self.options.issue_type},
            "summary": ticket.title,
            "description": verbatim(ticket.text),
            "labels": [ticket.label, *self.options.labels],
        }
        receipt = self.api.write("POST", "/rest/api/2/issue", {"fields": {**self.options.fields, **own}})
        key = text_of(document(receipt), "key")
        return replace(receipt, reference=self._page(key) if key else None, error=_explained(receipt))

    def reopen(self, ticket: Ticket) -> Receipt:
        """The first transition that leads out of "done"."""
        return self._moved(ticket, lambda category: category != "done", "is closed and its workflow has no way back; reopen it")

    def close(self, ticket: Ticket) -> Receipt:
        """The first transition that leads to "done"."""
        return self._moved(ticket, lambda category: category == "done", "cannot be closed from the state it is in; close it")

    def _moved(self, ticket: Ticket, leads: Callable[[str], bool], otherwise: str) -> Receipt:
        path = f"/rest/api/2/issue/{segment(ticket.id)}/transitions"
        found = self.api.read(path)
        if isinstance(found, CannotTell):
            return found.receipt()
        ways = found.get("transitions") if isinstance(found, Mapping) else None
        way = next((way for way in ways or () if leads(text_of(way, "to", "statusCategory", "key"))), None)
        if way is None:
            return Receipt(Outcome.REFUSED, error=f"{ticket.id} {otherwise} by hand")
        return self.api.write("POST", path, {"transition": {"id": text_of(way, "id")}})

    def comment(self, ticket: Ticket, text: str) -> Receipt:
        """Add it."""
        receipt = self.api.write("POST", f"/rest/api/2/issue/{segment(ticket.id)}/comment", {"body": verbatim(text)})
        return replace(receipt, reference=ticket.reference)

    def comments(self, ticket: Ticket) -> Iterable[str] | CannotTell:
        """The newest hundred."""
        found = self.api.read(f"/rest/api/2/issue/{segment(ticket.id)}/comment?orderBy=-created&maxResults=100")
        if isinstance(found, CannotTell):
            return found
        return [text_of(item, "body") for item in (found.get("comments") if isinstance(found, Mapping) else None) or ()]

    def _ticket(self, item: Mapping[str, Any]) -> Ticket:
        key = text_of(item, "key")
        is_open = text_of(item, "fields", "status", "statusCategory", "key") != "done"
        return Ticket(key, self._page(key), text_of(item, "fields", "description"), is_open)

    def _page(self, key: str) -> str:
        return f"{self.api.base}/browse/{segment(key)}"


def verbatim(text: str) -> str:
    """Text in a block that it cannot leave."""
    return f"{_BLOCK}\n{text.replace(_BLOCK, _NO_BLOCK)}\n{_BLOCK}"


def _explained(receipt: Receipt) -> str | None:
    """Jira says which field it does not like."""
    answer = document(receipt)
    errors = answer.get("errors") if isinstance(answer, Mapping) and receipt.outcome is not Outcome.TAKEN else None
    if not isinstance(errors, Mapping) or not errors:
        return receipt.error
    return f"{receipt.error}: {'; '.join(f'{field}: {what}' for field, what in errors.items())}"


def credentials(token: str) -> dict[str, str]:
    """Basic for Cloud's address and token, bearer for Data Center's token."""
    if ":" in token:
        return {"Authorization": f"Basic {base64.b64encode(token.encode()).decode()}"}
    return {"Authorization": f"Bearer {token}"}


def make(name: str, config: Mapping[str, Any], tools: Tools) -> Ticketer:
    """From ``url``, ``token``, ``project``, ``issue_type``, ``labels``, ``fields`` and ``cloud``. Raises ``ConfigError``."""
    options = read_options(JiraOptions, name, config)
    return Ticketer(name, JiraIssues(connect(options, name, tools, credentials), options), tools.render, form="text")
