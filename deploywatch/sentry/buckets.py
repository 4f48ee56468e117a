"""Events of an issue, counted in buckets that end at a given moment. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from deploywatch.watch.source import EventTimes, Tally


def bucketed(times: EventTimes, end: datetime, width: timedelta) -> tuple[Tally, ...]:
    """The events before ``end``, oldest bucket first, without empty ones. People are counted where all events name one."""
    counts: dict[datetime, list[str | None]] = defaultdict(list)
    for event in times.events:
        if event.at < end:
            counts[end + width * ((event.at - end) // width)].append(event.client)
    return tuple(
        Tally(start, width, len(clients), len(set(clients)) if all(clients) else None)
        for start, clients in sorted(counts.items())
    )


def continued(tallies: Sequence[Tally], *, oldest: datetime, start: datetime, end: datetime) -> tuple[Tally, ...]:
    """The tallies of the time since ``oldest``, repeated backwards until ``start``, as if it had been like that all along.

    The bucket in which ``oldest`` lies is only half seen and stays out, unless it is the only one.
    """
    if not tallies:
        return ()
    whole = [tally for tally in tallies if tally.start >= oldest] or [tallies[-1]]
    width = whole[0].width
    by_start = {tally.start: tally for tally in whole}
    length = max(1, (end - whole[0].start) // width)
    pattern = [by_start.get(end - width * back) for back in range(1, length + 1)]
    return tuple(
        Tally(end - width * back, width, like.events, like.clients)
        for back in range((end - start) // width, 0, -1)
        if (like := pattern[(back - 1) % length])
    )
