"""Where a watch looks: the port to Sentry, its values, and the port to where a watch's state is kept.

Every method of ``IssueSource`` may raise ``deploywatch.errors.SentryError``. An empty answer means "there is none"; whoever
cannot tell raises, or answers ``None`` where that is allowed: empty and unavailable are never the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from deploywatch.model import Issue


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One event of an issue. ``client`` is an opaque key of who met it (a user, a device), ``None`` where nobody knows.

    ``endpoint`` is what was asked of the program, by the name that its SDK gives it (Sentry's ``transaction``).
    """

    id: str
    at: datetime
    release: str | None = None
    client: str | None = None
    endpoint: str | None = None


@dataclass(frozen=True, slots=True)
class EventTimes:
    """Events of one issue, in any order. Not ``complete``: older ones were left out."""

    events: tuple[Occurrence, ...]
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Tally:
    """Events in ``[start, start + width)``, and how many different clients met them (``None``: not known)."""

    start: datetime
    width: timedelta
    events: int
    clients: int | None = None


@dataclass(frozen=True, slots=True)
class FailureTally:
    """Failures in ``[start, start + width)`` out of ``total`` requests (``None``: not counted). Both may be extrapolated."""

    start: datetime
    width: timedelta
    failed: float
    total: float | None = None


@dataclass(frozen=True, slots=True)
class Failures:
    """The service's failures over time: equal buckets, empty ones too, without those that Sentry calls incomplete.

    ``definition`` says what counts as a failure, such as "failed HTTP server transactions" or "unhandled errors".
    ``caveats`` are sentences about how far the numbers can be trusted (sampling, low confidence).
    """

    definition: str
    tallies: tuple[FailureTally, ...]
    caveats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EndpointTally:
    """``failed`` of all ``requests`` to one endpoint. Both may be extrapolated, from so many ``samples``."""

    endpoint: str
    requests: float
    failed: float
    samples: float


@dataclass(frozen=True, slots=True)
class Sight:
    """Whether anything can be seen at all. ``proof`` is a sentence; ``release_heard``: something carried this very release.

    Where nothing did, ``others`` are the releases that recent events carry instead, each with when, the latest first.
    """

    visible: bool
    proof: str
    release_heard: bool = False
    others: tuple[str, ...] = ()


class IssueSource(Protocol):
    """One release in one environment, as Sentry shows it. Windows are ``[start, end)``; orders do not matter."""

    def can_see(self) -> Sight:
        """Whether *any* event of the projects and environment shows in a recent period, or the release has a first event."""
        ...

    def new_issues(self, since: datetime) -> tuple[Issue, ...]:
        """Candidates: issues that Sentry lists as first seen in the release, with ``count`` and ``user_count`` since ``since``.

        Raises ``SentryNotFound`` (best ``SentryUnknownEnvironment``) while Sentry does not know the environment.
        """
        ...

    def regressed_issues(self, since: datetime) -> tuple[Issue, ...]:
        """Issues that were resolved and that Sentry says came back in the release."""
        ...

    def known_issues(self, since: datetime) -> tuple[Issue, ...]:
        """Issues with an event of the release since ``since``, maybe the new ones too; ``count`` is of any release."""
        ...

    def detail(self, issue: Issue) -> Issue:
        """The same issue with ``first_release`` and the lifetime's ``first_seen``, as far as the server tells."""
        ...

    def event_times(self, issue: Issue, since: datetime) -> EventTimes:
        """Its events of any release in the environment since ``since``; where there are too many, the newest."""
        ...

    def baseline(self, issue: Issue, start: datetime, end: datetime, width: timedelta) -> tuple[Tally, ...]:
        """Its events of any release in buckets of ``width`` that end at ``end``; an empty bucket may be missing."""
        ...

    def failures(self, start: datetime, end: datetime, width: timedelta, *, release: str | None) -> Failures | None:
        """The service's failures, of ``release`` only or of all; ``None`` where this server cannot tell.

        With ``total`` known they are of that release; without, a source may count all releases (a share cannot be told then).
        """
        ...

    def endpoints(self, names: Sequence[str], start: datetime, end: datetime) -> tuple[EndpointTally, ...] | None:
        """The release's requests to endpoints of these names; ``None`` where this server cannot tell.

        An endpoint of which no request is known is left out. Only a few names are asked for, the first ones.
        """
        ...

    def discovered(self, start: datetime, end: datetime) -> int | None:
        """How many issues were first seen in the window; ``None`` where this server cannot tell."""
        ...

    def active(self, start: datetime, end: datetime) -> int | None:
        """How many issues had an event in the window; ``None`` where this server cannot tell."""
        ...

    def wait_hint(self) -> timedelta | None:
        """How long Sentry's last answer asked to wait before the next request (rate limits), if it did."""
        ...


class CheckpointStore(Protocol):
    """Where a watch's state survives its process. Values are JSON objects. Raises ``StateError``."""

    def get(self, key: str) -> Mapping[str, Any] | None:
        """What was put last under ``key``, or ``None``."""
        ...

    def put(self, key: str, value: Mapping[str, Any]) -> None:
        """Replaces what is kept under ``key``; when it returns, a killed process no longer loses it."""
        ...
