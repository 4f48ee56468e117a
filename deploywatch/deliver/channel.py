"""The port to a place that messages go to. An adapter is one file in ``channels/`` and one line in ``registry.py``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from deploywatch.model import Delivery, Report, Resolution


class Outcome(StrEnum):
    """What is certain after sending."""

    TAKEN = "taken"
    """The channel has it."""
    LATER = "later"
    """The channel does not have it; another try may succeed."""
    REFUSED = "refused"
    """The channel does not have it and will not take it as it is."""
    UNSURE = "unsure"
    """It was sent and the answer was lost: the channel may or may not have it."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of sending once. ``reference`` is where or as what the message is found at the channel (an address, an id).

    ``error`` says to a person what went wrong and what to do. ``wait`` is how long the channel asked to be left alone.
    """

    outcome: Outcome
    status: int | None = None
    answer: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    reference: str | None = None
    error: str | None = None
    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent: the message exactly as it was composed, and its key.

    ``earlier`` is the reference of the last message about the same incident that this channel took, where it wants to know.
    Where there is none, ``thread`` is that of the last message about the incident in another release: it has come back.
    """

    payload: str
    key: str
    earlier: str | None = None
    thread: str | None = None


@dataclass(frozen=True, slots=True)
class CannotTell:
    """Looking gave no answer: never does (an incoming webhook cannot be read), or ``for_now`` (the channel does not answer)."""

    why: str
    for_now: bool = False

    def receipt(self) -> Receipt:
        """What came of a message that could not be sent because something had to be read first: it was not."""
        return Receipt(Outcome.LATER if self.for_now else Outcome.REFUSED, error=self.why)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a channel promises and how it wants to be treated.

    ``repeatable``: sending the same message again under the same key does no harm, because the receiver can tell (at least once).
    Where that is false and the channel cannot be looked into, a message whose answer was lost is not sent again (at most once):
    it stays ``unknown`` and people are told. The n-th wait is ``first_wait * 2**(n-1)``, at most ``longest_wait``, unless the
    channel asked for another. ``pause`` is the least time between two messages of one run. ``updates``: what is new about an
    incident takes the place of (or is put under) what was said before, so that a parcel needs its ``earlier``.
    ``threads``: an incident that comes back in another release is told where it was told before, so that a parcel needs its
    ``thread``.
    ``every_deploy``: it is told of every release that was watched, and not only of those that broke something. ``wakes``: it gets
    people out of bed, so that it hears of what is critical where no route says otherwise.
    """

    repeatable: bool
    attempts: int = 6
    first_wait: timedelta = timedelta(seconds=1)
    longest_wait: timedelta = timedelta(seconds=30)
    pause: timedelta = timedelta(0)
    timeout: timedelta = timedelta(seconds=15)
    updates: bool = False
    threads: bool = False
    every_deploy: bool = False
    wakes: bool = False

    def wait(self, tried: int, receipt: Receipt, jitter: float) -> timedelta:
        """How long to wait after ``tried`` attempts, the last with ``receipt``; ``jitter`` (0..1) spreads it by a quarter."""
        if receipt.wait is not None:
            return max(receipt.wait, timedelta(0))
        growing: timedelta = min(self.first_wait * 2 ** min(tried - 1, 30), self.longest_wait)
        return growing * (0.75 + jitter / 2)


class Channel(Protocol):
    """Somewhere that a report can be sent to. Methods may be called from any thread."""

    @property
    def name(self) -> str:
        """What the user calls it; deliveries are identified by it, so a renamed channel is another channel."""
        ...

    @property
    def policy(self) -> Policy:
        """What it promises."""
        ...

    @property
    def per_finding(self) -> bool:
        """Whether it wants one message per finding (a comment on each issue) instead of one for the whole report."""
        ...

    def compose(self, report: Report, key: str) -> str | None:
        """The message, exactly as it will be sent; ``key`` goes into it where the channel can find it again by that.

        Credentials are not part of it. ``None``: this channel has nothing to say about it (no pull request to comment on).
        Raises ``DeployWatchError`` where it has, and cannot.
        """
        ...

    def resolve(self, resolution: Resolution, told: Delivery, key: str) -> str | None:
        """The message that an issue is over, to be sent and found as any other: pagers are closed, tickets too, threads answered.

        ``told`` is the newest message about it that this channel took, or may have taken. ``None``: there is nothing to say here.
        Never raises, because what it says must not depend on what has changed since.
        """
        ...

    def send(self, parcel: Parcel) -> Receipt:
        """Send it once. Trouble with the network or the receiver is a ``Receipt``, not an exception."""
        ...

    def find(self, parcel: Parcel) -> str | CannotTell | None:
        """The reference of a message that was sent before, ``None`` if it is certain that it never arrived."""
        ...
