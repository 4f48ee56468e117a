"""The tags of an issue's events, with how often each value occurred."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from deploywatch.sandbox.standin.answers import Answer, not_found
from deploywatch.sandbox.standin.call import Call
from deploywatch.sandbox.standin.paging import page
from deploywatch.sandbox.standin.records import Event
from deploywatch.sandbox.standin.times import iso

TOP = 10


def list_tags(call: Call) -> Answer:
    """``GET .../issues/{issue}/tags/``"""
    return Answer(tags_of(_events(call)))


def get_tag(call: Call) -> Answer:
    """``GET .../issues/{issue}/tags/{key}/``"""
    return Answer(_tag(call))


def list_values(call: Call) -> Answer:
    """``GET .../issues/{issue}/tags/{key}/values/``: most frequent first."""
    _tag(call)
    found, link = page(call, _values(call.path["key"], _events(call)))
    return Answer(found, headers=link)


def tags_of(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Every tag of the events, with its most frequent values."""
    keys = sorted({key for event in events for key, _ in event.tags})
    return [_summary(key, events) for key in keys]


def _events(call: Call) -> list[Event]:
    environments = call.environments()
    issue = call.state.issue(call.path["issue"])
    return [event for event in issue.events if not environments or event.environment in environments]


def _tag(call: Call) -> dict[str, Any]:
    found = _summary(call.path["key"], _events(call))
    if not found["totalValues"]:
        raise not_found()
    return found


def _summary(key: str, events: Sequence[Event]) -> dict[str, Any]:
    values = _values(key, events)
    return {
        "key": key,
        "name": key.replace("_", " ").title(),
        "uniqueValues": len(values),
        "totalValues": sum(value["count"] for value in values),
        "topValues": values[:TOP],
    }


def _values(key: str, events: Iterable[Event]) -> list[dict[str, Any]]:
    having: dict[str, list[Event]] = {}
    for event in events:
        for name, value in event.tags:
            if name == key:
                having.setdefault(value, []).append(event)
    counted = [_value(key, value, which) for value, which in having.items()]
    return sorted(counted, key=lambda entry: (-entry["count"], entry["value"]))


def _value(key: str, value: str, events: Sequence[Event]) -> dict[str, Any]:
    times = [event.occurred for event in events]
    return {
        "key": key,
        "name": value,
        "value": value,
        "count": len(events),
        "firstSeen": iso(min(times)),
        "lastSeen": iso(max(times)),
    }
