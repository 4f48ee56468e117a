"""A clock that only sleeping moves, and channels that do what a script says."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

from deploywatch.deliver.channel import CannotTell, Outcome, Parcel, Policy, Receipt
from deploywatch.deliver.courier import Timing
from deploywatch.deliver.holder import Holder
from deploywatch.deliver.outbox import Manner
from deploywatch.errors import DeliveryError
from deploywatch.model import Delivery, DeliveryState, Report, Resolution
from deploywatch.report.redact import Redactor
from tests.report.samples import issue

AT_MOST_ONCE = Policy(repeatable=False)
START = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


class Clock:
    """Time stands still until somebody sleeps; threads may share it."""

    def __init__(self) -> None:
        self._now = START
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self._now += timedelta(seconds=seconds)

    @property
    def passed(self) -> timedelta:
        return self._now - START

    def timing(self, **changes) -> Timing:
        return Timing(**({"now": self.now, "sleep": self.sleep, "jitter": lambda: 0.5} | changes))


def manner(clock: Clock, *, redactor: Redactor | None = None, holder: Holder | None = None, **timing) -> Manner:
    return Manner(redactor or Redactor(), clock.timing(**timing), holder)


def receipt(outcome: Outcome, **parts) -> Receipt:
    return Receipt(outcome, **({"error": None if outcome is Outcome.TAKEN else f"it is {outcome.value}"} | parts))


TAKEN = receipt(Outcome.TAKEN, status=200, answer="ok")
LATER = receipt(Outcome.LATER, status=503)
REFUSED = receipt(Outcome.REFUSED, status=404, answer="no_service")
LOST = receipt(Outcome.UNSURE)
"""The message arrived, its answer did not."""
NEVER = receipt(Outcome.UNSURE, status=502)
"""Neither arrived."""


def resolution(number: int = 0, *left: str) -> Resolution:
    """The end of an issue of the samples."""
    over = issue(number) if number else issue()
    return Resolution(over, "shop@1.5.0", "production", "no events in 2h", START, left)


def told(payload: str, reference: str | None = None, key: str = "a" * 40) -> Delivery:
    """A delivery that was taken, as channels are given it when it is over."""
    return Delivery(1, key, "it", payload, DeliveryState.DELIVERED, START, reference=reference)


class Scripted:
    """A channel whose n-th answer is the n-th of the script, and ``TAKEN`` after that.

    ``seen`` holds what arrived, in order, as (key, payload). ``can_find``: it can be looked into. Steps of the script may be functions.
    """

    def __init__(
        self,
        name: str = "team",
        script: Iterable[Receipt | Callable[[], Receipt]] = (),
        *,
        can_find: bool = False,
        policy: Policy = AT_MOST_ONCE,
        per_finding: bool = False,
        refuses: str | None = None,
    ) -> None:
        self.name = name
        self.policy = policy
        self.per_finding = per_finding
        self.seen: list[tuple[str, str]] = []
        self.tries = 0
        self.parcels: list[Parcel] = []
        self.looks: list[CannotTell] = []
        self.only_whole = False
        """It has nothing to say of an issue that is over while others are left."""
        self._script = list(script)
        self._can_find = can_find
        self._refuses = refuses

    def compose(self, report: Report, key: str) -> str:
        if self._refuses:
            raise DeliveryError(self._refuses, hint="say something else")
        titles = ",".join(finding.regression.issue.short_id for finding in report.findings)
        return f"{self.name}: {report.release} {titles} {report.why} {' '.join(report.warnings)} {key}"

    def resolve(self, resolution: Resolution, told: Delivery, key: str) -> str | None:
        if self.only_whole and resolution.left:
            return None
        return f"{self.name}: {resolution.issue.short_id} is over, {','.join(resolution.left) or 'nothing'} left, told {told.reference} {key}"

    def send(self, parcel: Parcel) -> Receipt:
        self.tries += 1
        self.parcels.append(parcel)
        step = self._script.pop(0) if self._script else TAKEN
        answer = step() if callable(step) else step
        if answer.outcome is Outcome.TAKEN or (answer.outcome is Outcome.UNSURE and answer.status is None):
            self.seen.append((parcel.key, parcel.payload))
        return answer

    def find(self, parcel: Parcel) -> str | CannotTell | None:
        if self.looks:
            return self.looks.pop(0)
        if not self._can_find:
            return CannotTell("it cannot be read")
        return next((f"message {place}" for place, (there, _) in enumerate(self.seen, start=1) if there == parcel.key), None)
