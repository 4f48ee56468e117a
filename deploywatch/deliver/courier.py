"""Brings one delivery to its end: claim it, look where the last answer was lost, send, record, wait, again.

Everything that must survive a kill is in the store before the next step is taken; this file holds no state of its own.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from deploywatch.deliver.channel import Channel, Outcome, Parcel, Receipt
from deploywatch.deliver.holder import Holder
from deploywatch.model import Attempt, Delivery, DeliveryState
from deploywatch.report.redact import Redactor
from deploywatch.store.deliveries import Deliveries, Draft, Lease, Settlement

ANSWER_LIMIT: Final = 2000
"""Characters of an answer that are kept."""

_READ_LIMIT: Final = 100_000
_NAP: Final = timedelta(seconds=1)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Timing:
    """Clock and patience. After ``patience`` nothing is tried again; ``lease`` must be longer than the longest single attempt."""

    now: Callable[[], datetime] = _utc_now
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random
    patience: timedelta = timedelta(minutes=2)
    lease: timedelta = timedelta(seconds=90)


@dataclass(frozen=True, slots=True)
class Errand:
    """One delivery, its channel, and when to give up. ``insist``: send even what cannot be looked up, because a person said so.

    ``stand_in`` gives what is to be recorded for the fallback channel, when the delivery ends dead or unknown for a reason.
    """

    delivery_id: int
    channel: Channel
    deadline: datetime
    stand_in: Callable[[DeliveryState, str], tuple[Draft, ...]]
    insist: bool = False


@dataclass(frozen=True, slots=True)
class _Turn:
    """An errand whose delivery is ours now, for the n-th time in this run."""

    errand: Errand
    delivery: Delivery
    number: int

    @property
    def is_last(self) -> bool:
        """Whether no attempt is left after this one."""
        return self.number >= self.errand.channel.policy.attempts

    @property
    def is_over(self) -> bool:
        """Whether not even this one is left; one more turn is for looking."""
        return self.number > self.errand.channel.policy.attempts


class Courier:
    """Runs errands; several threads may share it. ``stopped`` ends every wait early (Ctrl-C)."""

    def __init__(
        self, deliveries: Deliveries, timing: Timing, redactor: Redactor, *, holder: Holder, stopped: Callable[[], bool]
    ) -> None:
        self._deliveries = deliveries
        self._timing = timing
        self._redactor = redactor
        self._holder = holder
        self._stopped = stopped

    def run(self, errand: Errand) -> Delivery:
        """The delivery when nothing more can be done for it now: delivered, dead, unknown, or in somebody else's hands."""
        turns = 0
        while True:
            claim = self._deliveries.claim(errand.delivery_id, self._lease(), self._timing.now())
            turns += claim.held
            delivery = self._take(_Turn(errand, claim.delivery, turns)) if claim.held else claim.delivery
            again_at = delivery.due_at if claim.held else claim.again_at
            if again_at is None or again_at > errand.deadline or not self._wait_until(again_at):
                return delivery

    def pause(self, length: timedelta) -> None:
        """Wait between two messages."""
        self._wait_until(self._timing.now() + length)

    def _take(self, turn: _Turn) -> Delivery:
        return self._look(turn) if turn.delivery.state is DeliveryState.UNKNOWN else self._send(turn)

    def _look(self, turn: _Turn) -> Delivery:
        started = self._timing.now()
        found = turn.errand.channel.find(self._parcel(turn))
        look = Attempt(started, self._timing.now())
        if isinstance(found, str):
            there = replace(look, answer=self._kept(f"looked: it is there ({found})"))
            return self._settle(turn, Settlement(DeliveryState.DELIVERED, there, reference=self._redactor.name(found)))
        if found is None:
            return self._again(turn, replace(look, error="looked: it never arrived"), otherwise=DeliveryState.DEAD)
        in_vain = replace(look, error=self._kept(f"looked: {found.why}"))
        if found.for_now:
            return self._look_later(turn, in_vain)
        if turn.errand.channel.policy.repeatable or turn.errand.insist:
            return self._again(turn, in_vain, otherwise=DeliveryState.UNKNOWN)
        return self._end(turn, DeliveryState.UNKNOWN, in_vain)

    def _look_later(self, turn: _Turn, look: Attempt) -> Delivery:
        due = self._due(turn, Receipt(Outcome.UNSURE))
        if turn.is_over or due > turn.errand.deadline:
            return self._end(turn, DeliveryState.UNKNOWN, look)
        return self._settle(turn, Settlement(DeliveryState.UNKNOWN, look, due_at=due))

    def _again(self, turn: _Turn, look: Attempt, *, otherwise: DeliveryState) -> Delivery:
        if turn.is_over or self._timing.now() > turn.errand.deadline:
            return self._end(turn, otherwise, look)
        begun = self._deliveries.begin(turn.errand.delivery_id, self._lease(), self._timing.now())
        return self._send(replace(turn, delivery=begun.delivery)) if begun.held else begun.delivery

    def _send(self, turn: _Turn) -> Delivery:
        receipt = turn.errand.channel.send(self._parcel(turn))
        attempt = self._attempt(turn, receipt)
        due = self._due(turn, receipt)
        match receipt.outcome:
            case Outcome.TAKEN:
                reference = self._redactor.name(receipt.reference) if receipt.reference else None
                return self._settle(turn, Settlement(DeliveryState.DELIVERED, attempt, reference=reference))
            case Outcome.UNSURE:  # the next turn looks, within the time that is left
                return self._settle(turn, Settlement(DeliveryState.UNKNOWN, attempt, due_at=min(due, turn.errand.deadline)))
            case Outcome.LATER if not turn.is_last and due <= turn.errand.deadline:
                return self._settle(turn, Settlement(DeliveryState.FAILED, attempt, due_at=due))
            case _:
                return self._end(turn, DeliveryState.DEAD, attempt)

    def _parcel(self, turn: _Turn) -> Parcel:
        policy, told = turn.errand.channel.policy, turn.delivery
        earlier = self._deliveries.earlier(told) if policy.updates else None
        thread = self._deliveries.earlier(told, elsewhere=True) if policy.threads and earlier is None else None
        return Parcel(told.payload, told.key, earlier, thread)

    def _end(self, turn: _Turn, state: DeliveryState, attempt: Attempt) -> Delivery:
        """Nothing more can be done in this run; the fallback channel is told, in the same breath."""
        return self._settle(
            turn, Settlement(state, attempt, fallbacks=turn.errand.stand_in(state, attempt.error or "it was not taken"))
        )

    def _settle(self, turn: _Turn, end: Settlement) -> Delivery:
        return self._deliveries.settle(turn.errand.delivery_id, self._holder.name, end, self._timing.now())

    def _attempt(self, turn: _Turn, receipt: Receipt) -> Attempt:
        return Attempt(
            turn.delivery.attempts[-1].started_at,
            self._timing.now(),
            receipt.status,
            self._kept(receipt.answer) or None,
            self._kept(receipt.error or "") or None,
            tuple((name, self._kept(value)) for name, value in receipt.headers),
        )

    def _kept(self, text: str) -> str:
        """Redacted before it is cut, or half a token might be left."""
        return self._redactor.text(text[:_READ_LIMIT])[:ANSWER_LIMIT]

    def _due(self, turn: _Turn, receipt: Receipt) -> datetime:
        return self._timing.now() + turn.errand.channel.policy.wait(turn.number, receipt, self._timing.jitter())

    def _lease(self) -> Lease:
        return Lease(self._holder.name, self._timing.now() + self._timing.lease, self._holder.gone)

    def _wait_until(self, moment: datetime) -> bool:
        """Whether the moment came before everything was stopped."""
        while not self._stopped():
            left = moment - self._timing.now()
            if left <= timedelta(0):
                return True
            self._timing.sleep(min(left, _NAP).total_seconds())
        return False
