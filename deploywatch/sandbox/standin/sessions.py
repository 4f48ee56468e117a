"""Session counts: how many requests there were, and how many ended in an unhandled exception."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from deploywatch.sandbox.standin.answers import Answer, bad_request
from deploywatch.sandbox.standin.call import Call
from deploywatch.sandbox.standin.records import Sessions
from deploywatch.sandbox.standin.search import parse
from deploywatch.sandbox.standin.series import TOO_MANY
from deploywatch.sandbox.standin.times import iso, period
from deploywatch.sandbox.standin.window import window_of

MAX_POINTS = 1_000
DEFAULT = timedelta(days=1)
GROUPS: Mapping[str, Callable[[Sessions], Any]] = {
    "project": lambda entry: entry.project.id,
    "release": lambda entry: entry.release,
    "environment": lambda entry: entry.environment,
}


def list_sessions(call: Call) -> Answer:
    """``GET organizations/{org}/sessions/``: totals and series per group."""
    fields, groups = call.query.getlist("field"), call.query.getlist("groupBy")
    if not fields:
        raise bad_request('Request is missing a "field"')
    for name in [*fields, *groups]:
        if name not in FIELDS and name not in GROUPS:
            raise bad_request(f'Invalid {"field" if name in fields else "groupBy"}: "{name}"')
    starts, width = grid = _intervals(call)
    chosen = [entry for entry in _chosen(call) if starts[0] <= entry.started < starts[-1] + width]
    found: dict[tuple[Any, ...], list[Sessions]] = {}
    for entry in chosen:
        found.setdefault(tuple(GROUPS[group](entry) for group in groups), []).append(entry)
    return Answer(
        {
            "start": iso(starts[0]),
            "end": iso(window_of(call, default=DEFAULT).end),
            "query": call.query.get("query", ""),
            "intervals": [iso(start) for start in starts],
            "groups": [_group(dict(zip(groups, key, strict=True)), entries, fields, grid) for key, entries in found.items()],
        }
    )


def _total(entries: Iterable[Sessions]) -> int:
    return sum(entry.exited + entry.errored + entry.crashed for entry in entries)


def _crash_rate(entries: Sequence[Sessions]) -> float | None:
    total = _total(entries)
    return sum(entry.crashed for entry in entries) / total if total else None


def _crash_free_rate(entries: Sequence[Sessions]) -> float | None:
    rate = _crash_rate(entries)
    return None if rate is None else 1 - rate


def _errored_rate(entries: Sequence[Sessions]) -> float | None:
    total = _total(entries)
    return sum(entry.errored + entry.crashed for entry in entries) / total if total else None


FIELDS: Mapping[str, Callable[[Sequence[Sessions]], float | None]] = {
    "sum(session)": _total,
    "crash_rate(session)": _crash_rate,
    "crash_free_rate(session)": _crash_free_rate,
    "errored_rate(session)": _errored_rate,
    # Request sessions of a web server carry no user.
    "count_unique(user)": lambda entries: 0,  # noqa: ARG005 - as its neighbours
}


def _chosen(call: Call) -> list[Sessions]:
    projects, environments, terms = call.projects(), call.environments(), parse(call.query.get("query", ""))
    return [
        entry
        for entry in call.state.sessions
        if entry.project in projects
        and (not environments or entry.environment in environments)
        and all(term.fits([str(GROUPS[term.key](entry))]) for term in terms if term.key in GROUPS)
    ]


def _intervals(call: Call) -> tuple[list[datetime], timedelta]:
    window, width = window_of(call, default=DEFAULT), period(call.query.get("interval") or "1h")
    if not width or timedelta(days=1) % width:
        raise bad_request("The interval should divide one day without a remainder.")
    first = datetime.fromtimestamp(window.start.timestamp() // width.total_seconds() * width.total_seconds(), UTC)
    count = max(-((first - window.end) // width), 1)
    if count > MAX_POINTS:
        raise bad_request(TOO_MANY)
    return [first + width * step for step in range(count)], width


def _group(
    by: dict[str, Any], entries: Sequence[Sessions], fields: Sequence[str], grid: tuple[list[datetime], timedelta]
) -> dict[str, Any]:
    starts, width = grid
    slots = [[entry for entry in entries if start <= entry.started < start + width] for start in starts]
    return {
        "by": by,
        "totals": {name: FIELDS[name](entries) for name in fields},
        "series": {name: [FIELDS[name](slot) for slot in slots] for name in fields},
    }
