"""What a series counts, slot by slot, and the numbers that can be had of a slot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Sighting:
    """One thing that is counted: an error event, or a traced request that may have failed. ``about`` is what it is grouped by."""

    at: datetime
    failed: bool
    user: str | None
    about: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Slot:
    """``[start, start + width)`` with what happened in it."""

    start: datetime
    width: timedelta
    seen: Sequence[Sighting]


AXES: Mapping[str, Callable[[Slot], float]] = {
    "count()": lambda slot: len(slot.seen),
    "failure_count()": lambda slot: sum(sighting.failed for sighting in slot.seen),
    "failure_rate()": lambda slot: sum(sighting.failed for sighting in slot.seen) / len(slot.seen) if slot.seen else 0.0,
    "count_unique(user)": lambda slot: len({sighting.user for sighting in slot.seen if sighting.user}),
    "epm()": lambda slot: len(slot.seen) / (slot.width / timedelta(minutes=1)),
    "eps()": lambda slot: len(slot.seen) / slot.width.total_seconds(),
}
