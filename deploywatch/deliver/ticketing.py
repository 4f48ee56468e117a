"""A ticket for each incident, in whatever tracker.

It is opened once, found again by its label, commented on when there is news, closed when all of it was verified as fixed, and
opened again when it comes back in a later release. The label is made of its first Sentry issue alone, so that a regression of
next year finds this year's ticket. Each text carries a marker with its key; by that a message whose answer was lost is looked for
before it is sent again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final, Protocol

from deploywatch.deliver.channel import CannotTell, Outcome, Parcel, Policy, Receipt
from deploywatch.deliver.message import message_of
from deploywatch.model import Delivery, Issue, Report, Resolution
from deploywatch.report import resolved
from deploywatch.report.escaping import clip, plain
from deploywatch.report.outline import outline
from deploywatch.sentry.comments import marked, marker_of

# Trackers index what was written a moment ago only a moment later.
POLICY: Final = Policy(repeatable=False, attempts=5, first_wait=timedelta(seconds=4), pause=timedelta(seconds=1))
TITLE_LIMIT: Final = 200
_PLACES: Final = re.compile(r"\{(\w+)\}")
_NOT_IN_LABELS: Final = re.compile(r"[^a-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket that is there. ``id`` is the tracker's own; ``reference`` is what a person opens; ``text`` is its description."""

    id: str
    reference: str
    text: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket that is to be; ``key`` is the message's, for trackers that take an identity of ours.

    ``facts`` are what fields of the tracker may be filled with: see ``facts_of``.
    """

    label: str
    title: str
    text: str
    key: str
    facts: Mapping[str, str] = field(default_factory=dict)


class Tracker(Protocol):
    """Where tickets are. Writing never raises for what the tracker answers: it is in the receipt, with the ticket's reference."""

    @property
    def limit(self) -> int:
        """Characters that a description or a comment may have."""
        ...

    def search(self, label: str) -> Ticket | CannotTell | None:
        """The newest ticket with the label, open or closed."""
        ...

    def create(self, ticket: NewTicket) -> Receipt:
        """Open a ticket."""
        ...

    def reopen(self, ticket: Ticket) -> Receipt:
        """Open a closed ticket again; doing it twice is doing it once."""
        ...

    def close(self, ticket: Ticket) -> Receipt:
        """Close an open ticket; doing it twice is doing it once."""
        ...

    def comment(self, ticket: Ticket, text: str) -> Receipt:
        """Add a comment."""
        ...

    def comments(self, ticket: Ticket) -> Iterable[str] | CannotTell:
        """The texts of its comments."""
        ...


@dataclass(frozen=True, slots=True)
class Ticketer:
    """A channel that keeps a ticket for each incident: ``{"label", "title", "text", "facts"}``; ``form`` is the text's format."""

    name: str
    tracker: Tracker
    render: Callable[[Report, str], str]
    form: str = "markdown"
    policy: Policy = POLICY
    per_finding: bool = False

    def compose(self, report: Report, key: str) -> str | None:
        """The ticket of the incident, known by its first issue; nothing without one."""
        if not report.findings:
            return None
        first = message_of(report).incident
        issue = next(finding.regression.issue for finding in report.findings if finding.regression.issue.id == first)
        room = self.tracker.limit - len(marked("", key))
        text = marked(self.render(report, self.form)[:room], key)
        title = clip(plain(f"{outline(report).headline.partition(';')[0]} ({report.release})"), TITLE_LIMIT)
        return json.dumps({"label": label_of(issue), "title": title, "text": text, "facts": facts_of(report)})

    def resolve(self, resolution: Resolution, told: Delivery, key: str) -> str:
        """The end of the ticket with its reason as a comment, or only that where other issues of the incident are left."""
        text = resolved.as_form(resolution, self.form)
        return json.dumps(
            {"label": json.loads(told.payload)["label"], "text": marked(text, key), "close": True, "left": bool(resolution.left)}
        )

    def send(self, parcel: Parcel) -> Receipt:
        """Open a ticket, or add to the one that is there."""
        told = json.loads(parcel.payload)
        there = self.tracker.search(told["label"])
        if isinstance(there, CannotTell):
            return there.receipt()
        if told.get("close"):
            return self._close(there, told)
        if there is None:
            return self.tracker.create(NewTicket(told["label"], told["title"], told["text"], parcel.key, told["facts"]))
        if not there.is_open and (opened := self.tracker.reopen(there)).outcome is not Outcome.TAKEN:
            # Nothing was said yet, so that whatever became of it can be done again.
            return opened if opened.outcome is Outcome.REFUSED else _not_yet(opened)
        return self.tracker.comment(there, told["text"])

    def _close(self, there: Ticket | None, told: Mapping[str, Any]) -> Receipt:
        """Close it, then say why. A ticket that its workflow does not let go of is told why all the same."""
        if there is None:
            return Receipt(Outcome.REFUSED, error=f"there is no ticket with the label {told['label']} (any more)")
        closed = self.tracker.close(there) if there.is_open and not told.get("left") else Receipt(Outcome.TAKEN)
        if closed.outcome in (Outcome.LATER, Outcome.UNSURE):
            return _not_yet(closed)
        said = self.tracker.comment(there, told["text"])
        return said if closed.outcome is Outcome.TAKEN else replace(said, error=closed.error)

    def find(self, parcel: Parcel) -> str | CannotTell | None:
        """The ticket that has the message, as its description or as a comment."""
        there = self.tracker.search(json.loads(parcel.payload)["label"])
        if there is None or isinstance(there, CannotTell):
            return there
        if marker_of(there.text) == parcel.key:
            return there.reference
        comments = self.tracker.comments(there)
        if isinstance(comments, CannotTell):
            return comments
        return there.reference if any(marker_of(text) == parcel.key for text in comments) else None


def label_of(issue: Issue) -> str:
    """The label of a Sentry issue's ticket: ``deploywatch-shop-1a2``."""
    return "deploywatch-" + _NOT_IN_LABELS.sub("-", (issue.short_id or issue.id).lower()).strip("-")[:50]


def facts_of(report: Report) -> dict[str, str]:
    """What is known of the report's first finding, by the names that fields are filled with; ``""`` where it is not known.

    ``team`` is the first owner without its sign (``acme/payments``); ``service``, ``function`` and ``product`` are the service's.
    """
    regression = report.findings[0].regression
    owner = regression.owner
    service = owner.service if owner else None
    return {
        "team": plain(owner.names[0]).lstrip("@#") if owner else "",
        "service": service.name if service else "",
        "function": (service.function if service else None) or "",
        "product": (service.product if service else None) or "",
        "project": plain(regression.issue.project),
        "severity": str(regression.severity),
        "release": plain(report.release),
        "environment": plain(report.environment or ""),
    }


def filled(template: str, facts: Mapping[str, str]) -> str:
    """``template`` with each ``{name}`` of the facts in its place; ``""`` where one of them is not known."""
    named = [name for name in facts if f"{{{name}}}" in template]
    if not all(facts[name] for name in named):
        return ""
    return _PLACES.sub(lambda place: facts.get(place[1], place[0]), template)


def _not_yet(receipt: Receipt) -> Receipt:
    return Receipt(Outcome.LATER, status=receipt.status, answer=receipt.answer, error=receipt.error, wait=receipt.wait)
