"""An issue in Linear for each finding, over its GraphQL API.

Effectively once by construction: Linear takes ids of ours, so that the ticket's is made of its label and a comment's of its key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal
from uuid import UUID

from deploywatch.deliver.channel import CannotTell, Outcome, Receipt
from deploywatch.deliver.options import Tools, read_options
from deploywatch.deliver.rest import Api, ApiOptions, connect, document, text_of
from deploywatch.deliver.ticketing import NewTicket, Ticket, Ticketer
from deploywatch.sentry.comments import marker_of

LIMIT: Final = 100_000
SEARCH: Final = """query ($id: ID!) {
  issues(filter: {id: {eq: $id}}, first: 1, includeArchived: true) { nodes { id url description state { type } } }
}"""
CREATE: Final = "mutation ($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { id url } } }"
STATES: Final = """query ($id: String!) {
  issue(id: $id) { team { states { nodes { id type position } } } }
}"""
UPDATE: Final = "mutation ($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success } }"
COMMENT: Final = "mutation ($input: CommentCreateInput!) { commentCreate(input: $input) { success comment { id } } }"
COMMENTS: Final = "query ($id: String!) { issue(id: $id) { comments(first: 100) { nodes { body } } } }"
_PRIORITIES: Final = {"urgent": 1, "high": 2, "medium": 3, "low": 4}
_CLOSED: Final = ("completed", "canceled", "duplicate")
_DONE: Final = ("completed",)
_REOPENED: Final = ("unstarted", "backlog", "triage", "started")
_PASSING: Final = ("RATELIMITED", "INTERNAL_SERVER_ERROR")


class LinearOptions(ApiOptions):
    """The keys of a Linear team."""

    url: str = "https://api.linear.app"
    """The API's address."""
    team: str
    """The team's id (a UUID; Linear shows it with "Copy model UUID")."""
    project: str | None = None
    """The project's id, if the issue is to belong to one."""
    labels: tuple[str, ...] = ()
    """Ids of labels that every issue gets."""
    assignee: str | None = None
    """The id of whom to assign."""
    priority: Literal["urgent", "high", "medium", "low"] | None = None
    """Linear's priority."""

    def fields(self) -> dict[str, Any]:
        """What every new issue has, in Linear's words."""
        found = {"teamId": self.team, "projectId": self.project, "assigneeId": self.assignee, "labelIds": list(self.labels)}
        return {key: value for key, value in found.items() if value} | (
            {"priority": _PRIORITIES[self.priority]} if self.priority else {}
        )


@dataclass(frozen=True, slots=True)
class LinearIssues:
    """The issues of one team. ``fields`` are what every new one gets."""

    api: Api
    fields: Mapping[str, Any]
    limit: int = LIMIT

    def search(self, label: str) -> Ticket | CannotTell | None:
        """By the id that is made of the label."""
        found = self._read(SEARCH, {"id": identity(label)})
        if isinstance(found, CannotTell):
            return found
        nodes = ((found.get("issues") or {}).get("nodes")) or ()
        return next((_ticket(node) for node in nodes), None)

    def create(self, ticket: NewTicket) -> Receipt:
        """Create it under its id."""
        own = {"id": identity(ticket.label), "title": ticket.title, "description": ticket.text}
        receipt, data = self._ask(CREATE, {"input": {**self.fields, **own}})
        return replace(receipt, reference=text_of(data, "issueCreate", "issue", "url") or None)

    def reopen(self, ticket: Ticket) -> Receipt:
        """Put it into the team's first state that is not done."""
        return self._moved(ticket, _REOPENED)

    def close(self, ticket: Ticket) -> Receipt:
        """Put it into the team's first state that is done."""
        return self._moved(ticket, _DONE)

    def _moved(self, ticket: Ticket, kinds: tuple[str, ...]) -> Receipt:
        receipt, data = self._ask(STATES, {"id": ticket.id})
        states = (((data.get("issue") or {}).get("team") or {}).get("states") or {}).get("nodes") or ()
        by_type = {state["type"]: state["id"] for state in sorted(states, key=lambda state: -float(state.get("position") or 0))}
        target = next((by_type[kind] for kind in kinds if kind in by_type), None)
        if receipt.outcome is not Outcome.TAKEN or target is None:
            return replace(receipt, outcome=Outcome.LATER if receipt.outcome is Outcome.TAKEN else receipt.outcome)
        return self._ask(UPDATE, {"id": ticket.id, "input": {"stateId": target}})[0]

    def comment(self, ticket: Ticket, text: str) -> Receipt:
        """Add it under the id that is made of its marker."""
        own = {"id": identity(marker_of(text) or text), "issueId": ticket.id, "body": text}
        receipt, _ = self._ask(COMMENT, {"input": own})
        return replace(receipt, reference=ticket.reference)

    def comments(self, ticket: Ticket) -> Iterable[str] | CannotTell:
        """The newest hundred."""
        found = self._read(COMMENTS, {"id": ticket.id})
        if isinstance(found, CannotTell):
            return found
        nodes = ((found.get("issue") or {}).get("comments") or {}).get("nodes") or ()
        return [text_of(node, "body") for node in nodes]

    def _read(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any] | CannotTell:
        receipt, data = self._ask(query, variables)
        if receipt.outcome is Outcome.TAKEN:
            return data
        return CannotTell(receipt.error or "no answer", for_now=receipt.outcome is not Outcome.REFUSED)

    def _ask(self, query: str, variables: Mapping[str, Any]) -> tuple[Receipt, dict[str, Any]]:
        """GraphQL answers 200 (or 400) with ``errors`` where a web API would answer with a status."""
        receipt = self.api.write("POST", "/graphql", {"query": query, "variables": variables})
        answer = document(receipt)
        errors = answer.get("errors") if isinstance(answer, Mapping) else None
        if errors:
            codes = [text_of(error, "extensions", "code") for error in errors]
            outcome = Outcome.LATER if any(code in _PASSING for code in codes) else Outcome.REFUSED
            return replace(receipt, outcome=outcome, error=f"Linear: {text_of(errors[0], 'message') or codes[0]}"), {}
        data = answer.get("data") if isinstance(answer, Mapping) else None
        return receipt, data if isinstance(data, dict) else {}


def identity(name: str) -> str:
    """A UUID (version 4 in form) that is always the same for a name."""
    return str(UUID(bytes=hashlib.sha256(f"deploywatch {name}".encode()).digest()[:16], version=4))


def _ticket(node: Mapping[str, Any]) -> Ticket:
    is_open = text_of(node, "state", "type") not in _CLOSED
    return Ticket(text_of(node, "id"), text_of(node, "url"), text_of(node, "description"), is_open)


def credentials(token: str) -> dict[str, str]:
    """A personal key as it is, an OAuth token as a bearer's."""
    return {"Authorization": token if token.startswith("lin_api_") else f"Bearer {token}"}


def make(name: str, config: Mapping[str, Any], tools: Tools) -> Ticketer:
    """From ``team``, ``token``, ``project``, ``labels``, ``assignee``, ``priority``. Raises ``ConfigError``."""
    options = read_options(LinearOptions, name, config)
    return Ticketer(name, LinearIssues(connect(options, name, tools, credentials), options.fields()), tools.render)
