"""The outbox: what is to be said is recorded, exactly as it will be sent and under its key, before anything is sent.

Saying the same thing again, in this run or after a kill at any point, finds the recorded delivery and goes on from its state: it
is neither lost nor said twice. Each channel has a worker of its own, so that one that fails or dawdles never holds up another.
What a channel did not take, or may not have taken, is told to its fallback channel and given back to the caller, never silently.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from deploywatch.deliver import archive
from deploywatch.deliver.channel import Channel
from deploywatch.deliver.courier import Courier, Errand, Timing
from deploywatch.deliver.drafts import drafts_of, stand_ins_for
from deploywatch.deliver.holder import Holder
from deploywatch.deliver.message import Message, message_of
from deploywatch.deliver.resolving import KIND as RESOLVED
from deploywatch.deliver.resolving import Earlier, IsOpen, drafts_for
from deploywatch.errors import UsageError
from deploywatch.model import Delivery, DeliveryState, Report, Resolution
from deploywatch.report.redact import Redactor
from deploywatch.store.deliveries import Deliveries, Draft

_NO_FALLBACKS: Final[Mapping[str, Channel]] = MappingProxyType({})
_NOT_TAKEN: Final = (DeliveryState.DEAD, DeliveryState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Manner:
    """How an outbox works: what it takes out of every message, its clock and patience, and who it is (default: this process)."""

    redactor: Redactor = field(default_factory=Redactor)
    timing: Timing = field(default_factory=Timing)
    holder: Holder | None = None


class Outbox:
    """Says reports to channels. ``fallbacks`` has, by a channel's name, the channel that is told when that one fails.

    All methods raise ``StateError`` where the store fails. Listing and pruning are the store's (``Deliveries``).
    """

    def __init__(
        self, deliveries: Deliveries, manner: Manner = Manner(), *, fallbacks: Mapping[str, Channel] = _NO_FALLBACKS
    ) -> None:
        self._deliveries = deliveries
        self._redactor = manner.redactor
        self._timing = manner.timing
        self._holder = manner.holder or Holder.here()
        self._fallbacks = fallbacks

    @property
    def recorded(self) -> Deliveries:
        """What was said before."""
        return self._deliveries

    def preview(self, report: Report, channels: Iterable[Channel]) -> tuple[Draft, ...]:
        """What ``deliver`` would record and send, in the order of the channels; nothing is recorded or sent."""
        return self._drafts(report, channels, None)

    def deliver(self, report: Report, channels: Sequence[Channel]) -> tuple[Delivery, ...]:
        """Say it to each channel, once. The deliveries in the order of the channels, then those that stand in for failed ones.

        It returns when each is delivered, dead or unknown, or is in the hands of another run that outlasts our patience.
        """
        return self.say(report, channels)

    def say(
        self, report: Report, channels: Sequence[Channel], *, kind: str | None = None, due_at: datetime | None = None
    ) -> tuple[Delivery, ...]:
        """As ``deliver``, as another ``kind`` of message, or not before ``due_at``: then it is recorded and a later run sends it.

        What waits already to be said about the same incident is not said any more: this says it all.
        """
        drafts = [replace(draft, due_at=due_at) for draft in self._drafts(report, channels, kind)]
        for draft in drafts if due_at else ():
            self._deliveries.drop_held(draft, self._timing.now())
        recorded = self._deliveries.record(drafts, self._timing.now())
        self._record_stand_ins(recorded)
        return self._bring(recorded, channels)

    def _drafts(self, report: Report, channels: Iterable[Channel], kind: str | None) -> tuple[Draft, ...]:
        message = message_of(self._redactor.report(report), kind)
        return tuple(draft for channel in channels for draft in drafts_of(message, channel))

    def resolve(self, resolution: Resolution, channels: Sequence[Channel], is_open: IsOpen) -> tuple[Delivery, ...]:
        """Say to each channel that told of an issue that it is over, once; see ``drafts_for``.

        One that is not taken has no fallback: whoever stands in was never told of the issue. It can be retried.
        """
        clean = self._redactor.resolution(resolution)
        told = self._deliveries.about(clean.issue.id, [channel.name for channel in channels], environment=clean.environment)
        earlier = [Earlier(each, self._deliveries.report_of(each.id) or "") for each in told if each.kind != RESOLVED]
        recorded = self._deliveries.record(drafts_for(clean, earlier, channels, is_open), self._timing.now())
        return self._bring(recorded, channels)

    def resume(self, channels: Sequence[Channel]) -> tuple[Delivery, ...]:
        """Finish what earlier runs recorded for these channels and did not come to finish."""
        return self._bring(self._deliveries.unfinished([channel.name for channel in channels]), channels)

    def retry(self, delivery_id: int, channel: Channel) -> tuple[Delivery, ...]:
        """Try a dead or unknown delivery again. An unknown one is looked for first, and sent again where looking is impossible.

        Raises ``UsageError`` for a delivery that is not there, was delivered, or belongs to another channel.
        """
        delivery = self._existing(delivery_id)
        if delivery.channel != channel.name:
            raise UsageError(f"delivery {delivery_id} is for {delivery.channel}", hint="use replay to send it to another channel")
        if delivery.state is DeliveryState.DELIVERED:
            raise UsageError(f"delivery {delivery_id} was delivered", hint="use replay to send its report to another channel")
        if delivery.state is DeliveryState.DEAD:
            delivery = self._revived(delivery, channel)
        return self._bring((delivery,), (channel,), insist=True)

    def replay(self, delivery_id: int, channel: Channel) -> tuple[Delivery, ...]:
        """Say the report of a delivery to a channel that it was not for, once however often this is called.

        Raises ``UsageError`` for a delivery that is not there, or that is about no report.
        """
        delivery = self._existing(delivery_id)
        if delivery.kind == RESOLVED:
            raise UsageError(
                f"delivery {delivery_id} says that an issue is over, which only they are told who were told of the issue",
                hint="replay the delivery that told of the issue",
            )
        message = self._message(delivery)
        again = replace(message, kind=f"{message.kind}, replay of {delivery.key}")
        return self._bring(self._deliveries.record(drafts_of(again, channel), self._timing.now()), (channel,))

    def _existing(self, delivery_id: int) -> Delivery:
        if delivery := self._deliveries.get(delivery_id):
            return delivery
        raise UsageError(f"there is no delivery {delivery_id}", hint="`deploywatch deliveries list` shows those that there are")

    def _revived(self, delivery: Delivery, channel: Channel) -> Delivery:
        """One that could never be composed is composed now; any other is sent exactly as it was recorded."""
        if delivery.payload:
            return self._deliveries.reset(delivery.id, self._timing.now())
        drafts = drafts_of(self._message(delivery), channel)
        return self._deliveries.record([draft for draft in drafts if draft.key == delivery.key], self._timing.now())[0]

    def _message(self, delivery: Delivery) -> Message:
        report = archive.load(self._deliveries.report_of(delivery.id) or "")
        return message_of(report, delivery.kind)

    def _record_stand_ins(self, recorded: Sequence[Delivery]) -> None:
        """For those that could not even be composed; the others' are recorded when they fail."""
        stillborn = [delivery for delivery in recorded if delivery.state is DeliveryState.DEAD]
        drafts = [draft for delivery in stillborn for draft in self._stand_ins(delivery, delivery.state, _last_error(delivery))]
        if drafts:
            self._deliveries.record(drafts, self._timing.now())

    def _stand_ins(self, delivery: Delivery, state: DeliveryState, why: str) -> tuple[Draft, ...]:
        fallback = self._fallbacks.get(delivery.channel)
        if fallback is None or delivery.fallback_for is not None or delivery.kind == RESOLVED:
            return ()
        return stand_ins_for(delivery, self._message(delivery), fallback, state=state, why=why)

    def _bring(
        self, deliveries: Sequence[Delivery], channels: Sequence[Channel], *, insist: bool = False
    ) -> tuple[Delivery, ...]:
        done = self._work_off(deliveries, channels, insist=insist)
        failed = [delivery.id for delivery in done if delivery.state in _NOT_TAKEN]
        stand_ins = self._deliveries.fallbacks_of(failed)
        return (*done, *self._work_off(stand_ins, tuple(self._fallbacks.values())))

    def _work_off(
        self, deliveries: Sequence[Delivery], channels: Sequence[Channel], *, insist: bool = False
    ) -> tuple[Delivery, ...]:
        """Each channel's deliveries one after the other, the channels side by side."""
        deadline = self._timing.now() + self._timing.patience
        queues: dict[str, list[Errand]] = {}
        known = {channel.name: channel for channel in channels}
        for delivery in deliveries:
            if channel := known.get(delivery.channel):
                queues.setdefault(channel.name, []).append(self._errand(delivery, channel, deadline, insist=insist))
        done = {delivery.id: delivery for queue in self._in_parallel(list(queues.values())) for delivery in queue}
        return tuple(done.get(delivery.id, delivery) for delivery in deliveries)

    def _errand(self, delivery: Delivery, channel: Channel, deadline: datetime, *, insist: bool) -> Errand:
        return Errand(delivery.id, channel, deadline, lambda state, why: self._stand_ins(delivery, state, why), insist)

    def _in_parallel(self, queues: Sequence[Sequence[Errand]]) -> list[list[Delivery]]:
        stopped = threading.Event()
        courier = Courier(self._deliveries, self._timing, self._redactor, holder=self._holder, stopped=stopped.is_set)
        with ThreadPoolExecutor(max_workers=max(len(queues), 1), thread_name_prefix="channel") as pool:
            workers = [pool.submit(_one_after_the_other, courier, queue) for queue in queues]
            try:
                wait(workers)
            except BaseException:  # Ctrl-C: the workers end their waits, the store knows how far they came
                stopped.set()
                raise
        return [worker.result() for worker in workers]


def _one_after_the_other(courier: Courier, queue: Sequence[Errand]) -> list[Delivery]:
    done: list[Delivery] = []
    for errand in queue:
        if done:
            courier.pause(errand.channel.policy.pause)
        done.append(courier.run(errand))
    return done


def _last_error(delivery: Delivery) -> str:
    return next((attempt.error for attempt in reversed(delivery.attempts) if attempt.error), "")
