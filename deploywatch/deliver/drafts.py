"""From a message to what is recorded for a channel, and for the channel that stands in for it."""

from __future__ import annotations

from dataclasses import replace

from deploywatch.deliver import archive
from deploywatch.deliver.channel import Channel
from deploywatch.deliver.message import Message, one_by_one
from deploywatch.errors import DeployWatchError
from deploywatch.model import Delivery, DeliveryState
from deploywatch.store.deliveries import Draft


def drafts_of(message: Message, channel: Channel, *, fallback_for: int | None = None) -> tuple[Draft, ...]:
    """What a channel is to be sent, one draft or one per finding. A message that cannot be composed is a draft with its error."""
    parts = one_by_one(message) if channel.per_finding else (message,)
    drafts = (_draft(part, channel) for part in parts)
    return tuple(replace(draft, fallback_for=fallback_for) for draft in drafts if draft)


def stand_ins_for(
    delivery: Delivery, message: Message, fallback: Channel, *, state: DeliveryState, why: str
) -> tuple[Draft, ...]:
    """The same message for the fallback channel, with a warning about whom it did not reach."""
    may_be_there = state is DeliveryState.UNKNOWN
    sentence = (
        f"This may or may not have reached {delivery.channel}" if may_be_there else f"This did not reach {delivery.channel}"
    )
    told = replace(message.report, warnings=(*message.report.warnings, f"{sentence}: {why}"))
    kind = f"{message.kind}, instead of {delivery.channel}"
    return drafts_of(replace(message, report=told, kind=kind), fallback, fallback_for=delivery.id)


def _draft(message: Message, channel: Channel) -> Draft | None:
    key = message.key(channel.name)
    error = None
    try:
        payload = channel.compose(message.report, key)
    except DeployWatchError as refused:
        payload, error = "", f"it could not be composed: {refused.message}"
    if payload is None:
        return None
    return Draft(
        key=key,
        channel=channel.name,
        kind=message.kind,
        release=message.report.release,
        environment=message.report.environment,
        incident=message.incident,
        payload=payload,
        report=archive.dump(message.report),
        error=error,
    )
