"""An issue in YouTrack for each finding, with the project's fields (team, function, product...). REST API, 2019.1 on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pydantic import Field

from deploywatch.deliver.channel import CannotTell, Outcome, Receipt
from deploywatch.deliver.options import Tools, read_options
from deploywatch.deliver.rest import Api, ApiOptions, connect, document, segment, text_of
from deploywatch.deliver.ticketing import NewTicket, Ticket, Ticketer, filled
from deploywatch.deliver.youtrack_fields import as_issue_field, filled_value, kinds_of
from deploywatch.report.escaping import markdown

LIMIT: Final = 100_000
_BAD_REQUEST: Final = 400
_FIELDS: Final = "id,idReadable,description,resolved"


class YouTrackOptions(ApiOptions):
    """The keys of a YouTrack project."""

    project: str
    """The project's short name, such as SHOP."""
    fields: dict[str, str] = Field(default_factory=dict)
    """Fields of every new issue, such as Team = "{team}", Function = "{function}", Product = "Shop"; see docs/channels.md."""
    reopen: str = "State Open"
    """The command that opens a resolved issue again."""
    close: str = "State Fixed"
    """The command that resolves an issue whose fix was verified."""


@dataclass(frozen=True, slots=True)
class YouTrackIssues:
    """The issues of one project. A ticket's id is the readable one (SHOP-17)."""

    api: Api
    project: str
    fields: Mapping[str, str] = field(default_factory=dict)
    reopening: str = "State Open"
    closing: str = "State Fixed"
    limit: int = LIMIT

    def search(self, label: str) -> Ticket | CannotTell | None:
        """By tag, newest first."""
        query = segment(f"project: {{{self.project}}} tag: {{{label}}} sort by: created desc")
        tag = self._tag(label)
        if tag is None or isinstance(tag, CannotTell):
            return tag  # YouTrack answers 400 to a search for a tag that nobody has made
        found = self.api.read(f"/api/issues?query={query}&fields={_FIELDS}&$top=1")
        if isinstance(found, CannotTell):
            return found
        return next((self._ticket(item) for item in found or ()), None)

    def create(self, ticket: NewTicket) -> Receipt:
        """Open an issue, tagged from its first moment on."""
        project = self._project()
        tag = self._tag(ticket.label) or self._new_tag(ticket.label)
        for found in (project, tag):
            if isinstance(found, CannotTell):
                return found.receipt()
        body = {"project": {"id": project}, "summary": ticket.title, "description": ticket.text, "tags": [{"id": tag}]}
        receipt = self._open(body, self._fields(str(project), ticket.facts))
        number = text_of(document(receipt), "idReadable")
        return replace(receipt, reference=self._page(number) if number else None)

    def _open(self, body: Mapping[str, Any], fields: Mapping[str, Mapping[str, Any]]) -> Receipt:
        """With its fields, or without those that are made of the finding where YouTrack does not take them: it may lack a value.

        Nothing was made of what it refused, so that asking again makes no second one. The ticket says what is missing.
        """
        path = "/api/issues?fields=idReadable"
        receipt = self.api.write("POST", path, {**body, "customFields": list(fields.values())})
        made = [name for name in fields if "{" in self.fields[name]]
        if receipt.status != _BAD_REQUEST or not made:
            return receipt
        kept = [each for name, each in fields.items() if name not in made]
        missing = ", ".join(f"{name} = {filled_value(fields[name])}" for name in made)
        text = f"YouTrack did not take: {markdown(missing)}\n\n{body['description']}"
        return self.api.write("POST", path, {**body, "description": text, "customFields": kept})

    def _fields(self, project: str, facts: Mapping[str, str]) -> dict[str, dict[str, Any]]:
        values = {name: filled(template, facts) for name, template in self.fields.items()}
        wanted = {name: value for name, value in values.items() if value}
        if not wanted:
            return {}
        known = "field(name,fieldType(id))"
        found = self.api.read(f"/api/admin/projects/{segment(project)}/customFields?fields={known}&$top=500")
        kinds = kinds_of(found) if isinstance(found, list) else {}
        return {name: as_issue_field(name, value, kinds.get(name)) for name, value in wanted.items()}

    def reopen(self, ticket: Ticket) -> Receipt:
        """Run the project's command for it."""
        return self._command(ticket, self.reopening)

    def close(self, ticket: Ticket) -> Receipt:
        """Run the project's command for it."""
        return self._command(ticket, self.closing)

    def _command(self, ticket: Ticket, query: str) -> Receipt:
        body = {"query": query, "issues": [{"idReadable": ticket.id}], "silent": True}
        return self.api.write("POST", "/api/commands", body)

    def comment(self, ticket: Ticket, text: str) -> Receipt:
        """Add it."""
        receipt = self.api.write("POST", f"/api/issues/{segment(ticket.id)}/comments?fields=id", {"text": text})
        return replace(receipt, reference=ticket.reference)

    def comments(self, ticket: Ticket) -> Iterable[str] | CannotTell:
        """All of them, as many as one answer may have."""
        found = self.api.read(f"/api/issues/{segment(ticket.id)}/comments?fields=text&$top=1000")
        return found if isinstance(found, CannotTell) else [text_of(item, "text") for item in found or ()]

    def _project(self) -> str | CannotTell:
        found = self.api.read(f"/api/admin/projects?query={segment(self.project)}&fields=id,shortName&$top=100")
        if isinstance(found, CannotTell):
            return found
        ids = (text_of(item, "id") for item in found or () if text_of(item, "shortName") == self.project)
        return next(ids, CannotTell(f"there is no project {self.project} that this token may see"))

    def _tag(self, label: str) -> str | CannotTell | None:
        found = self.api.read(f"/api/tags?query={segment(label)}&fields=id,name&$top=100")
        if isinstance(found, CannotTell):
            return found
        return next((text_of(item, "id") for item in found or () if text_of(item, "name") == label), None)

    def _new_tag(self, label: str) -> str | CannotTell:
        receipt = self.api.write("POST", "/api/tags?fields=id", {"name": label})
        number = text_of(document(receipt), "id")
        if receipt.outcome is Outcome.TAKEN and number:
            return number
        return CannotTell(receipt.error or "the tag was not made", for_now=receipt.outcome is not Outcome.REFUSED)

    def _ticket(self, item: Mapping[str, Any]) -> Ticket:
        number = text_of(item, "idReadable")
        return Ticket(number, self._page(number), text_of(item, "description"), item.get("resolved") is None)

    def _page(self, number: str) -> str:
        return f"{self.api.base}/issue/{segment(number)}"


def credentials(token: str) -> dict[str, str]:
    """A permanent token."""
    return {"Authorization": f"Bearer {token}"}


def make(name: str, config: Mapping[str, Any], tools: Tools) -> Ticketer:
    """From ``url``, ``token``, ``project``, ``fields``, ``reopen`` and ``close``. Raises ``ConfigError``."""
    options = read_options(YouTrackOptions, name, config)
    api = connect(options, name, tools, credentials)
    return Ticketer(name, YouTrackIssues(api, options.project, options.fields, options.reopen, options.close), tools.render)
