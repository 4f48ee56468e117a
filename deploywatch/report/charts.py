"""Numbers -> the geometry of charts; the templates draw it as inline SVG.

Horizontal places are percent of the width and vertical ones are pixels, so that a chart fills a desktop page and a phone
alike while its text keeps its size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil, log10
from typing import Final

from deploywatch.model import Bucket, Regression
from deploywatch.report import words

TOP: Final = 46
"""Pixels above the plot, where the marks are labelled."""

PLOT: Final = 132
"""Pixels of the plot's height."""

MAX_BARS: Final = 120
"""More buckets than this are put together, or the bars would be thinner than a line."""

_BLOCKS: Final = "▁▁▂▃▄▅▆▇█"
_LABEL_STEPS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 720, 1440))


@dataclass(frozen=True, slots=True)
class Bar:
    """One bucket: ``x`` and ``width`` in percent, ``y`` and ``height`` in pixels from the top of the chart."""

    x: float
    width: float
    y: float
    height: float
    after: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled place on an axis: percent on the time axis, pixels on the other."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment: the deploy, or the first event. ``anchor`` is SVG's text-anchor, chosen so that the label stays inside."""

    x: float
    label: str
    name: str
    anchor: str


@dataclass(frozen=True, slots=True)
class TimeChart:
    """Events per minute over time, with its marks and a description for those who cannot see it."""

    bars: tuple[Bar, ...]
    rates: tuple[Tick, ...]
    times: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    description: str
    peak: float
    top: int = TOP
    plot: int = PLOT

    def spark(self, width: int = 40) -> tuple[str, str]:
        """The bars before and after the deploy as block characters, for media without drawings; about ``width`` at most."""
        size = max(1, ceil(len(self.bars) / width))
        before, after = ([bar for bar in self.bars if bar.after is side] for side in (False, True))
        return self._blocks(before, size), self._blocks(after, size)

    def _blocks(self, bars: Sequence[Bar], size: int) -> str:
        highest = [max(bar.height for bar in bars[at : at + size]) for at in range(0, len(bars), size)]
        return "".join(_BLOCKS[min(ceil(8 * height / self.plot), 8)] for height in highest)


def time_chart(regression: Regression, deployed_at: datetime | None) -> TimeChart | None:
    """The chart of a regression's buckets; ``None`` where there are fewer than two."""
    buckets = _thinned(sorted(regression.buckets, key=lambda bucket: bucket.start))
    if len(buckets) < 2:
        return None
    start, end = buckets[0].start, buckets[-1].start + buckets[-1].width
    axis = _Axis(start, end)
    top_rate = _nice(max(map(_per_minute, buckets)))
    return TimeChart(
        bars=tuple(_bar(bucket, axis, top_rate, deployed_at) for bucket in buckets),
        rates=tuple(Tick(TOP + PLOT * (1 - part), words.number(top_rate * part)) for part in (1.0, 0.5)),
        times=axis.ticks(),
        marks=_marks(axis, deployed_at, regression.issue.first_seen),
        description=_description(buckets, deployed_at),
        peak=max(map(_per_minute, buckets)),
    )


@dataclass(frozen=True, slots=True)
class _Axis:
    start: datetime
    end: datetime

    def x(self, at: datetime) -> float:
        return round(100 * ((at - self.start) / (self.end - self.start)), 2)

    def holds(self, at: datetime) -> bool:
        return self.start <= at <= self.end

    def ticks(self) -> tuple[Tick, ...]:
        span = self.end - self.start
        step = next((step for step in _LABEL_STEPS if span / step <= 5), ceil(span / timedelta(days=5)) * timedelta(days=1))
        midnight = self.start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        first = midnight + step * ceil((self.start - midnight) / step)
        moments = (first + step * index for index in range(int((self.end - first) / step) + 1))
        shape = "%H:%M" if step < timedelta(days=1) else "%d %b"
        # A label at the very edge would be cut off.
        return tuple(Tick(self.x(at), f"{at:{shape}}") for at in moments if 4 <= self.x(at) <= 96)


def _thinned(buckets: Sequence[Bucket]) -> tuple[Bucket, ...]:
    size = max(1, ceil(len(buckets) / MAX_BARS))
    return tuple(
        Bucket(group[0].start, group[-1].start + group[-1].width - group[0].start, sum(bucket.count for bucket in group))
        for group in (buckets[at : at + size] for at in range(0, len(buckets), size))
    )


def _per_minute(bucket: Bucket) -> float:
    return bucket.count / (bucket.width / timedelta(minutes=1))


def _nice(value: float) -> float:
    if value <= 0:
        return 1.0
    unit = 10.0 ** int(log10(value) // 1)
    return next(step * unit for step in (1, 2, 3, 4, 5, 6, 8, 10) if step * unit >= value)


def _bar(bucket: Bucket, axis: _Axis, top_rate: float, deployed_at: datetime | None) -> Bar:
    height = round(PLOT * _per_minute(bucket) / top_rate, 1)
    x, end = axis.x(bucket.start), axis.x(bucket.start + bucket.width)
    after = deployed_at is None or bucket.start + bucket.width > deployed_at
    return Bar(x, round(end - x, 2), round(TOP + PLOT - height, 1), height, after)


def _marks(axis: _Axis, deployed_at: datetime | None, first_seen: datetime | None) -> tuple[Mark, ...]:
    named = (("deploy", "deploy", deployed_at), ("first", "first seen", first_seen))
    return tuple(
        Mark(axis.x(at), f"{label} {at.astimezone(UTC):%H:%M}", name, "start" if axis.x(at) < 60 else "end")
        for name, label, at in named
        if at is not None and axis.holds(at)
    )


def _description(buckets: Sequence[Bucket], deployed_at: datetime | None) -> str:
    peak = max(buckets, key=_per_minute)
    said = f"Peak: {words.number(_per_minute(peak))} events/min at {peak.start.astimezone(UTC):%H:%M} UTC."
    if deployed_at is None:
        return said
    before = sum(bucket.count for bucket in buckets if bucket.start + bucket.width <= deployed_at)
    after = sum(bucket.count for bucket in buckets) - before
    return f"{words.counted(before, 'event')} before the deploy, {words.counted(after, 'event')} after it. {said}"
