"""Counts over time.

``events-stats`` speaks seconds and is what self-hosted servers have; ``events-timeseries``, since 2026, speaks milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from deploywatch.sandbox.standin.answers import Answer, Refusal, bad_request
from deploywatch.sandbox.standin.call import Call
from deploywatch.sandbox.standin.records import Event
from deploywatch.sandbox.standin.search import matches_event, matches_transaction, parse_boolean
from deploywatch.sandbox.standin.slots import AXES, Sighting, Slot
from deploywatch.sandbox.standin.times import period
from deploywatch.sandbox.standin.top_events import top_groups, top_lines
from deploywatch.sandbox.standin.window import Window, window_of

MAX_POINTS = 10_000
TOO_MANY = "Your interval and date range would create too many results. Use a larger interval, or a smaller date range."
DATASETS = {"errors": ("errors",), "spans": ("spans",), "transactions": ("spans",), "discover": ("errors", "spans")}


def events_stats(call: Call) -> Answer:
    """``GET organizations/{org}/events-stats/``. The last, unfinished bucket is left out unless ``partial=1``."""
    axes, window = _axes(call), window_of(call)
    slots = _slots(call, window, _interval(call, window), call.query.get("dataset") or "discover")
    if call.query.get("partial") != "1":
        slots = [slot for slot in slots if slot.start + slot.width <= window.end]
    edges = {"start": window.start.timestamp(), "end": window.end.timestamp(), "isMetricsData": False}
    series = {axis: [[int(slot.start.timestamp()), [{"count": AXES[axis](slot)}]] for slot in slots] for axis in axes}
    if len(axes) == 1:
        return Answer({"data": series[axes[0]], **edges})
    return Answer({axis: {"data": series[axis], "order": order, **edges} for order, axis in enumerate(axes)})


def events_timeseries(call: Call) -> Answer:
    """``GET organizations/{org}/events-timeseries/``. A bucket that has not ended is ``incomplete``."""
    axes, window, dataset = _axes(call), window_of(call), call.query.get("dataset") or ""
    width = _interval(call, window)
    slots, groups = _slots(call, window, width, dataset), top_groups(call)
    lines = top_lines(call, slots, groups, axes) if groups else [({}, {}, axis, slots) for axis in axes]
    return Answer(
        {
            "meta": {"dataset": dataset, "start": _millis(window.start), "end": _millis(window.end)},
            "timeSeries": [
                {
                    "yAxis": axis,
                    **by,
                    "meta": {
                        "interval": int(width.total_seconds() * 1000),
                        "valueType": "percentage" if axis == "failure_rate()" else "number",
                        "valueUnit": None,
                        "dataScanned": "full",
                        **meta,
                    },
                    "values": [_value(slot, AXES[axis], call.state.now()) for slot in shown],
                }
                for by, meta, axis, shown in lines
            ],
        }
    )


def hourly(events: Iterable[Event], now: datetime) -> list[list[int]]:
    """The last 24 hours and this one: pairs of epoch seconds and a count."""
    return _counted(events, now.replace(minute=0, second=0, microsecond=0), timedelta(hours=1), 24)


def daily(events: Iterable[Event], now: datetime, *, days: int = 30) -> list[list[int]]:
    """The last days and this one: pairs of epoch seconds and a count."""
    return _counted(events, now.replace(hour=0, minute=0, second=0, microsecond=0), timedelta(days=1), days)


def _counted(events: Iterable[Event], last: datetime, width: timedelta, back: int) -> list[list[int]]:
    counts = {last - width * step: 0 for step in range(back, -1, -1)}
    for event in events:
        slot = last + width * ((event.occurred - last) // width)
        if slot in counts:
            counts[slot] += 1
    return [[int(slot.timestamp()), count] for slot, count in counts.items()]


def _axes(call: Call) -> list[str]:
    axes = call.query.getlist("yAxis") or ["count()"]
    unknown = [axis for axis in axes if axis not in AXES]
    if unknown:
        raise bad_request(f"{unknown[0]} is not a valid function")
    return axes


def _slots(call: Call, window: Window, width: timedelta, dataset: str) -> list[Slot]:
    if dataset not in DATASETS:
        raise Refusal(400, {"detail": f"dataset must be one of: {', '.join(sorted(DATASETS))}"})
    start = datetime.fromtimestamp(window.start.timestamp() // width.total_seconds() * width.total_seconds(), UTC)
    count = -((start - window.end) // width)
    if count > MAX_POINTS:
        raise bad_request(TOO_MANY)
    bins: list[list[Sighting]] = [[] for _ in range(max(count, 1))]
    for sighting in _sightings(call, dataset):
        place = (sighting.at - start) // width
        if window.holds(sighting.at) and 0 <= place < len(bins):
            bins[place].append(sighting)
    return [Slot(start + width * place, width, seen) for place, seen in enumerate(bins)]


def _sightings(call: Call, dataset: str) -> Iterable[Sighting]:
    groups, projects, environments = parse_boolean(call.query.get("query", "")), call.projects(), call.environments()
    if "errors" in DATASETS[dataset]:
        for event in call.state.events.values():
            is_here = event.project in projects and (not environments or event.environment in environments)
            if is_here and any(all(matches_event(event, term) for term in group) for group in groups):
                about = {**dict(event.tags), "release": event.release, "environment": event.environment}
                yield Sighting(event.occurred, failed=False, user=event.user, about=about)
    if "spans" in DATASETS[dataset]:
        for request in call.state.transactions:
            is_here = request.project in projects and (not environments or request.environment in environments)
            if is_here and any(all(matches_transaction(request, term) for term in group) for group in groups):
                about = {
                    **dict(request.tags),
                    "release": request.release,
                    "environment": request.environment,
                    "transaction": request.name,
                    "span.op": request.op,
                }
                yield Sighting(request.occurred, failed=request.failed, user=request.user, about=about)


def _interval(call: Call, window: Window) -> timedelta:
    """What was asked for, or what suits the window: an interval that makes no sense is replaced without a word."""
    text = call.query.get("interval") or ""
    try:
        width = period(text) if text else timedelta()
    except Refusal:
        width = timedelta()
    if width:
        return width
    length = window.end - window.start
    return timedelta(minutes=1 if length <= timedelta(hours=1) else 5 if length <= timedelta(days=1) else 60)


def _value(slot: Slot, axis: Callable[[Slot], float], now: datetime) -> dict[str, Any]:
    return {
        "timestamp": _millis(slot.start),
        "value": axis(slot),
        "incomplete": slot.start + slot.width > now,
        "sampleCount": len(slot.seen),
        # Everything is kept and nothing extrapolated.
        "sampleRate": 1.0 if slot.seen else None,
        "confidence": "high" if slot.seen else None,
    }


def _millis(at: datetime) -> int:
    return int(at.timestamp() * 1000)
