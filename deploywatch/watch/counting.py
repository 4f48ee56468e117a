"""Events -> counts that can be compared: each event once, one client once per bucket, buckets aligned to the deploy."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from deploywatch.model import Bucket
from deploywatch.watch.source import FailureTally, Occurrence, Tally

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was before the deploy: ``hits`` in ``exposure``, and how noisy they came (variance over mean, at least 1)."""

    hits: int
    exposure: float
    dispersion: float = 1.0

    @property
    def rate(self) -> float:
        """Hits per unit of exposure; 0 without any exposure."""
        return self.hits / self.exposure if self.exposure > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Exposure:
    """How much could have failed by when, since the deploy: cumulative requests, or without ``points`` plain minutes.

    ``points`` are (minutes since the deploy, requests until then), rising; between them it is interpolated, and after the last
    one it goes on as in the last bucket. A whole without any request tells nothing: 0. They are the release's requests, or
    those of ``everybody``.
    """

    points: tuple[tuple[float, float], ...] | None = None
    everybody: bool = False

    @property
    def is_own(self) -> bool:
        """Whether it is the release's alone, so that only its own failures may be compared with it."""
        return self.points is not None and not self.everybody

    def until(self, minutes: float) -> float:
        """The exposure from the deploy until so many minutes after it."""
        if self.points is None:
            return minutes
        if not self.points or minutes <= 0:
            return 0.0
        path = ((0.0, 0.0), *self.points)
        place = min(max(bisect_left(path, (minutes,)), 1), len(path) - 1)
        (before, low), (after, high) = path[place - 1], path[place]
        return low + (high - low) * (minutes - before) / (after - before)

    @classmethod
    def of_requests(
        cls,
        tallies: Iterable[FailureTally],
        deployed_at: datetime,
        *,
        everybody: bool = False,
        worth: Callable[[float], float] = lambda _: 1.0,
    ) -> Exposure:
        """The requests in the buckets after ``deployed_at``; buckets that do not know their total are passed over.

        ``worth`` is by how much those of a bucket count, by its end in minutes since the deploy.
        """
        points, total = [], 0.0
        for tally in sorted(tallies, key=lambda tally: tally.start):
            end = (tally.start + tally.width - deployed_at) / MINUTE
            if tally.total is not None and end > 0:
                total += tally.total * worth(end)
                points.append((end, total))
        return cls(tuple(points), everybody)


def merge(known: Iterable[Occurrence], found: Iterable[Occurrence]) -> tuple[Occurrence, ...]:
    """All events once (by id), oldest first. The order in which they arrived makes no difference."""
    unique: dict[str, Occurrence] = {}
    for event in (*known, *found):
        twin = unique.get(event.id)
        if twin is None or _order(event) < _order(twin):
            unique[event.id] = event
    return tuple(sorted(unique.values(), key=_order))


def since_deploy(events: Iterable[Occurrence], *, release: str, deployed_at: datetime, until: datetime) -> tuple[Occurrence, ...]:
    """The events after the deploy, oldest first, their times put right.

    The release's own cannot have happened before its deploy nor after now, so a clock is wrong: they are moved to the nearer end.
    Other releases' before the deploy belong to the time before it.
    """
    own = (
        event if deployed_at <= event.at <= until else replace(event, at=min(max(event.at, deployed_at), until))
        for event in events
        if event.at >= deployed_at or event.release in (release, None)
    )
    return tuple(sorted(own, key=_order))


def hits(events: Iterable[Occurrence], *, deployed_at: datetime, width: timedelta, by_client: bool) -> tuple[float, ...]:
    """When (minutes since the deploy, rising) the events that count happened; by client, each known client's first per bucket."""
    seen: set[tuple[str, int]] = set()
    times = []
    for event in sorted(events, key=_order):
        bucket = (event.at - deployed_at) // width
        if by_client and event.client is not None:
            if (event.client, bucket) in seen:
                continue
            seen.add((event.client, bucket))
        times.append((event.at - deployed_at) / MINUTE)
    return tuple(times)


def knows_clients(tallies: Iterable[Tally]) -> bool:
    """Whether every bucket with events tells how many clients met them. None at all is what a server says that knows nobody."""
    return all(tally.clients for tally in tallies if tally.events)


def counts_before(tallies: Iterable[Tally], *, start: datetime, end: datetime, width: timedelta, by_client: bool) -> list[int]:
    """Hits in each bucket from ``start`` to ``end``, aligned to ``end``, oldest first; an incomplete oldest one is left out."""
    counts = [0] * max(0, (end - start) // width)
    for tally in tallies:
        place = len(counts) - 1 - (end - tally.start - timedelta.resolution) // width
        if 0 <= place < len(counts) and tally.start < end:
            counts[place] += _hits_in(tally, by_client=by_client)
    return counts


def hits_before(tallies: Iterable[Tally], *, start: datetime, end: datetime, by_client: bool) -> int:
    """Hits in all buckets that end after ``start`` and begin before ``end``."""
    return sum(
        _hits_in(tally, by_client=by_client) for tally in tallies if tally.start + tally.width > start and tally.start < end
    )


def buckets(
    events: Sequence[Occurrence], before: Iterable[Tally], *, deployed_at: datetime, until: datetime, width: timedelta
) -> tuple[Bucket, ...]:
    """All events per bucket, oldest first, from as long before the deploy as it is ago; not the bucket that is still filling."""
    count = max(0, (until - deployed_at) // width)
    places = Counter((event.at - deployed_at) // width for event in events)
    for tally in (tallies := tuple(before)):
        places[(tally.start - deployed_at) // width] += tally.events
    first = -count if tallies else 0
    return tuple(Bucket(deployed_at + width * place, width, places[place]) for place in range(first, count))


def _hits_in(tally: Tally, *, by_client: bool) -> int:
    return tally.clients if by_client and tally.clients is not None else tally.events


def _order(event: Occurrence) -> tuple[datetime, str, str, str]:
    return event.at, event.id, event.client or "", event.release or ""
