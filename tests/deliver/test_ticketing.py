"""What every tracker must do, and what a channel of tickets does with any of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

import pytest

from deploywatch.deliver.channel import CannotTell, Outcome, Parcel, Receipt
from deploywatch.deliver.ticketing import NewTicket, Ticket, Ticketer, label_of
from deploywatch.model import Report
from tests.deliver.support import resolution, told
from tests.report.samples import finding, healthy_report, issue, report

ONE = replace(report(), findings=(finding(),))


@dataclass
class Shelf:
    """A tracker in memory. ``trouble`` is what the next writes answer, by the name of the method."""

    tickets: dict[str, Ticket] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    trouble: dict[str, Receipt] = field(default_factory=dict)
    search_answer: CannotTell | None = None
    limit: int = 400

    def search(self, label: str) -> Ticket | CannotTell | None:
        return self.search_answer or self.tickets.get(label)

    def create(self, ticket: NewTicket) -> Receipt:
        self.tickets[ticket.label] = Ticket("1", "https://tracker/1", ticket.text, is_open=True)
        return self.trouble.pop("create", Receipt(Outcome.TAKEN, reference="https://tracker/1"))

    def reopen(self, ticket: Ticket) -> Receipt:
        answer = self.trouble.pop("reopen", Receipt(Outcome.TAKEN))
        if answer.outcome is Outcome.TAKEN:
            self.tickets = {label: replace(there, is_open=True) for label, there in self.tickets.items()}
        return answer

    def close(self, ticket: Ticket) -> Receipt:
        answer = self.trouble.pop("close", Receipt(Outcome.TAKEN))
        if answer.outcome is Outcome.TAKEN:
            self.shut()
        return answer

    def comment(self, ticket: Ticket, text: str) -> Receipt:
        self.said.append(text)
        return self.trouble.pop("comment", Receipt(Outcome.TAKEN, reference=ticket.reference))

    def comments(self, ticket: Ticket) -> list[str] | CannotTell:
        return self.trouble.get("comments") or self.said

    def shut(self) -> None:
        self.tickets = {label: replace(ticket, is_open=False) for label, ticket in self.tickets.items()}


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def channel(shelf: Shelf) -> Ticketer:
    return Ticketer("tickets", shelf, lambda told, form: f"{form} of {told.release}\n" + "x" * 1000)


def parcel(channel: Ticketer, told: Report = ONE, key: str = "a" * 40) -> Parcel:
    payload = channel.compose(told, key)
    assert payload is not None
    return Parcel(payload, key)


def test_a_ticket_is_opened_once_and_found_again(channel: Ticketer, shelf: Shelf):
    first = parcel(channel)
    assert channel.find(first) is None
    assert channel.send(first) == Receipt(Outcome.TAKEN, reference="https://tracker/1")
    assert channel.find(first) == "https://tracker/1"
    assert list(shelf.tickets) == [label_of(finding().regression.issue)]


def test_news_of_the_same_issue_is_a_comment_that_is_found_too(channel: Ticketer, shelf: Shelf):
    channel.send(parcel(channel))
    news = parcel(channel, replace(ONE, release="shop@2"), "b" * 40)
    assert channel.find(news) is None
    assert channel.send(news).outcome is Outcome.TAKEN
    assert (len(shelf.tickets), len(shelf.said), channel.find(news)) == (1, 1, "https://tracker/1")


def test_a_regression_opens_the_closed_ticket_again(channel: Ticketer, shelf: Shelf):
    channel.send(parcel(channel))
    shelf.shut()
    channel.send(parcel(channel, replace(ONE, release="shop@2"), "b" * 40))
    (ticket,) = shelf.tickets.values()
    assert (ticket.is_open, len(shelf.said)) == (True, 1)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [(Outcome.LATER, Outcome.LATER), (Outcome.UNSURE, Outcome.LATER), (Outcome.REFUSED, Outcome.REFUSED)],
)
def test_nothing_is_said_to_a_ticket_that_could_not_be_reopened(
    channel: Ticketer, shelf: Shelf, answer: Outcome, outcome: Outcome
):
    channel.send(parcel(channel))
    shelf.shut()
    shelf.trouble["reopen"] = Receipt(answer, error="no way back")
    receipt = channel.send(parcel(channel, key="b" * 40))
    assert (receipt.outcome, receipt.error, shelf.said) == (outcome, "no way back", [])


@pytest.mark.parametrize(
    ("answer", "outcome", "said"),
    [(Outcome.LATER, Outcome.LATER, 0), (Outcome.UNSURE, Outcome.LATER, 0), (Outcome.REFUSED, Outcome.TAKEN, 1)],
)
def test_a_ticket_that_cannot_be_closed_now_is_told_later_and_one_that_never_can_is_told_why(
    channel: Ticketer, shelf: Shelf, answer: Outcome, outcome: Outcome, said: int
):
    channel.send(parcel(channel))
    shelf.trouble["close"] = Receipt(answer, error="no way there")
    payload = channel.resolve(resolution(), told(parcel(channel).payload), "c" * 40)
    receipt = channel.send(Parcel(payload, "c" * 40))
    assert (receipt.outcome, receipt.error, len(shelf.said)) == (outcome, "no way there", said)


@pytest.mark.parametrize(("for_now", "outcome"), [(True, Outcome.LATER), (False, Outcome.REFUSED)])
def test_no_ticket_is_opened_while_it_is_not_known_whether_there_is_one(
    channel: Ticketer, shelf: Shelf, for_now: bool, outcome: Outcome
):
    shelf.search_answer = CannotTell("the tracker does not answer", for_now=for_now)
    assert channel.send(parcel(channel)).outcome is outcome
    assert channel.find(parcel(channel)) == shelf.search_answer
    assert shelf.tickets == {}


def test_a_lost_answer_is_looked_for(channel: Ticketer, shelf: Shelf):
    shelf.trouble = {"create": Receipt(Outcome.UNSURE), "comment": Receipt(Outcome.UNSURE)}
    for key in ("a" * 40, "b" * 40):
        told = parcel(channel, key=key)
        assert channel.send(told).outcome is Outcome.UNSURE
        assert channel.find(told) == "https://tracker/1"


def test_comments_that_cannot_be_read_cannot_tell(channel: Ticketer, shelf: Shelf):
    channel.send(parcel(channel))
    shelf.trouble["comments"] = CannotTell("forbidden")
    assert channel.find(parcel(channel, key="b" * 40)) == CannotTell("forbidden")


def test_the_payload_fits_the_tracker_with_its_marker(channel: Ticketer, shelf: Shelf):
    told = json.loads(parcel(channel).payload)
    assert len(told["text"]) <= shelf.limit
    assert told["text"].endswith(f"(deploywatch:{'a' * 40})")
    assert ONE.release in told["title"]


def test_without_a_finding_there_is_no_ticket(channel: Ticketer):
    assert channel.compose(healthy_report(), "a" * 40) is None


@pytest.mark.parametrize(
    ("short_id", "label"),
    [("SHOP-1A2", "deploywatch-shop-1a2"), ("Grün & Co-7", "deploywatch-gr-n-co-7"), ('x" OR 1=1', "deploywatch-x-or-1-1")],
)
def test_label_of(short_id: str, label: str):
    assert label_of(replace(issue(), short_id=short_id)) == label
