"""From an issue that is over to what the channels that told of it are to say: each conversation ends once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from deploywatch.deliver import archive
from deploywatch.deliver.channel import Channel
from deploywatch.deliver.message import digest
from deploywatch.errors import StateError
from deploywatch.model import Delivery, Issue, Resolution
from deploywatch.store.deliveries import Draft

KIND: Final = "resolved"
"""The kind of every message that says so."""

IsOpen = Callable[[Issue], bool]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A message that told of issues, and the stored report that it was made of."""

    delivery: Delivery
    report: str

    def issues(self) -> tuple[Issue, ...]:
        """The issues that it told of; none where another version of deploywatch wrote the report."""
        try:
            return tuple(finding.regression.issue for finding in archive.load(self.report).findings)
        except StateError:
            return ()


def drafts_for(
    resolution: Resolution, earlier: Iterable[Earlier], channels: Sequence[Channel], is_open: IsOpen
) -> tuple[Draft, ...]:
    """What to say, in the order of the channels. ``earlier`` are messages to any of them, oldest first.

    ``is_open`` tells of the other issues of the same message whether they still happen: a pager is closed when none does.
    """
    newest = {_conversation(each.delivery): each for each in earlier if _told_of(each, resolution.issue)}
    found: list[Draft] = []
    for channel in channels:
        for told in (each for (name, *_), each in newest.items() if name == channel.name):
            found += _draft(replace(resolution, left=_left(told, resolution.issue, is_open)), told, channel)
    return tuple(found)


def _conversation(delivery: Delivery) -> tuple[str, ...]:
    """What is said in one place (a ticket, a thread, an alert) is ended once, whatever releases it was about."""
    if delivery.reference:
        return (delivery.channel, delivery.reference)
    return (delivery.channel, delivery.release, delivery.environment or "", delivery.incident)


def _told_of(earlier: Earlier, issue: Issue) -> bool:
    return earlier.delivery.incident == issue.id or any(told.id == issue.id for told in earlier.issues())


def _left(earlier: Earlier, issue: Issue, is_open: IsOpen) -> tuple[str, ...]:
    others: Mapping[str, Issue] = {told.id: told for told in earlier.issues() if told.id != issue.id}
    return tuple(other.short_id for other in others.values() if is_open(other))


def _draft(resolution: Resolution, earlier: Earlier, channel: Channel) -> list[Draft]:
    told = earlier.delivery
    key = digest([channel.name, KIND, told.key, resolution.issue.id])
    payload = channel.resolve(resolution, told, key)
    if payload is None:
        return []
    about = (told.release, told.environment, told.incident)
    return [Draft(key, channel.name, KIND, *about, payload=payload, report=earlier.report)]
