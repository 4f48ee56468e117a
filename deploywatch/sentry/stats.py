"""Counts over time: ``events-timeseries`` of today, and ``events-stats``, which servers of one's own still have."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from deploywatch.errors import SentryEndpointMissing, SentryNotFound, SentryUnavailable
from deploywatch.sentry.addresses import with_projects
from deploywatch.sentry.client import Client, Query
from deploywatch.sentry.wire import stamp

SCOPE: Final = "org:read"
# Later than the year 5000 in seconds, so it is milliseconds.
_SURELY_MILLISECONDS: Final = 1e11


@dataclass(frozen=True, slots=True)
class SeriesQuery:
    """What to count: ``text`` in Sentry's search language over ``dataset`` (``errors`` or ``spans``), in ``[start, end)``.

    ``legacy_text`` says the same to a server that has no spans yet and finds transactions among all events.
    """

    dataset: str
    text: str
    start: datetime
    end: datetime
    width: timedelta
    environment: str | None = None
    projects: tuple[str, ...] = ()
    legacy_text: str | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """The values of every axis in ``[start, start + width)``; a value that is not known counts as 0."""

    start: datetime
    width: timedelta
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Series:
    """Points, oldest first, without those that are not complete. ``caveats`` are sentences about how far they can be trusted."""

    points: tuple[Point, ...]
    caveats: tuple[str, ...] = ()

    def total(self, axis: str) -> float:
        """The sum of an axis."""
        return sum(point.values.get(axis, 0.0) for point in self.points)


def series(client: Client, query: SeriesQuery, axes: Sequence[str]) -> Series:
    """Count. ``axes`` are such as ``count()``.

    The width of the points is the server's, which may be another than asked for.
    Raises ``SentryEndpointMissing`` where the server has neither of the two addresses.
    """
    try:
        return _ask(client, query, axes, "events-timeseries")
    except (SentryEndpointMissing, SentryNotFound):
        pass
    try:
        return _ask(client, query, axes, "events-stats")
    except SentryNotFound as error:
        raise SentryEndpointMissing(error.message, hint=error.hint, status=404, sent=False) from error


def _ask(client: Client, query: SeriesQuery, axes: Sequence[str], name: str) -> Series:
    where = client.path(name)
    legacy = name == "events-stats"
    asked = [
        ("dataset", _LEGACY_DATASETS.get(query.dataset, query.dataset) if legacy else query.dataset),
        ("query", query.legacy_text or query.text if legacy else query.text),
        ("start", stamp(query.start)),
        ("end", stamp(query.end)),
        ("interval", _interval(query.width)),
        *(("yAxis", axis) for axis in axes),
        *([("environment", query.environment)] if query.environment else []),
    ]

    def ask(projects: Query) -> Any:
        return client.get(where, [*asked, *projects], scope=SCOPE)

    answer = with_projects(client, query.projects, ask)
    try:
        return _legacy(answer, query, axes) if legacy else _modern(answer, query)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise SentryUnavailable(
            f"Sentry's answer from {where} makes no sense", hint="check that SENTRY_URL is a Sentry, and what stands in between"
        ) from None


_LEGACY_DATASETS: Mapping[str, str] = {"spans": "discover", "errors": "errors"}


def _interval(width: timedelta) -> str:
    seconds = max(1, round(width.total_seconds()))
    return f"{seconds // 60}m" if seconds % 60 == 0 else f"{seconds}s"


def _modern(answer: Mapping[str, Any], query: SeriesQuery) -> Series:
    """``{"timeSeries": [{"yAxis", "meta": {"interval"}, "values": [{"timestamp", "value", "incomplete", ..}]}]}``."""
    points: dict[datetime, dict[str, float]] = {}
    width, unsure = query.width, False
    for line in answer["timeSeries"]:
        width = _width((line.get("meta") or {}).get("interval"), query.width)
        for value in line["values"]:
            unsure |= value.get("confidence") == "low" or (value.get("sampleRate") or 1) < 1
            if not value.get("incomplete"):
                points.setdefault(_moment(value["timestamp"]), {})[str(line["yAxis"])] = _number(value.get("value"))
    # Errors are stored one by one; only spans are sampled.
    caveats = ("Sentry extrapolated the counts of requests from samples",) if unsure and query.dataset == "spans" else ()
    return Series(tuple(Point(start, width, values) for start, values in sorted(points.items())), caveats)


def _legacy(answer: Mapping[str, Any], query: SeriesQuery, axes: Sequence[str]) -> Series:
    """``{"data": [[seconds, [{"count": n}]], ..]}`` for one axis, ``{axis: that}`` for several."""
    points: dict[datetime, dict[str, float]] = {}
    for axis in axes:
        rows = (answer if len(axes) == 1 else answer[axis])["data"]
        for seconds, counts in rows:
            points.setdefault(_moment(seconds), {})[axis] = sum(_number(count.get("count")) for count in counts)
    starts = sorted(points)
    width = min((later - earlier for earlier, later in pairwise(starts)), default=query.width)
    return Series(tuple(Point(start, width, points[start]) for start in starts if start + width <= query.end))


def _width(interval: object, wanted: timedelta) -> timedelta:
    """The interval is documented in no unit: seconds or milliseconds, whichever is nearer to what was asked for."""
    if not isinstance(interval, int | float) or isinstance(interval, bool) or not 0 < interval < _SURELY_MILLISECONDS:
        return wanted
    readings: Iterable[timedelta] = (timedelta(seconds=interval), timedelta(milliseconds=interval))
    return min(readings, key=lambda width: abs(math.log(max(width.total_seconds(), 1e-3) / wanted.total_seconds())))


def _moment(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch / 1000 if epoch > _SURELY_MILLISECONDS else epoch, UTC)


def _number(value: object) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return max(0.0, float(value)) if is_number and isinstance(value, int | float) else 0.0
