"""``topEvents``: a series for each of the groups with most of something, and one for all others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from deploywatch.sandbox.standin.answers import bad_request
from deploywatch.sandbox.standin.call import Call
from deploywatch.sandbox.standin.slots import AXES, Sighting, Slot

MAX_TOP_EVENTS = 10

Line = tuple[Mapping[str, Any], Mapping[str, Any], str, Sequence[Slot]]
"""What a series is grouped by, more about it, its axis, and its slots."""


def top_groups(call: Call) -> list[str]:
    """What to group by: nothing unless the top events are asked for, which want an order, too."""
    if "topEvents" not in call.query:
        return []
    groups, top = call.query.getlist("groupBy"), call.query["topEvents"]
    if not top.isdigit() or not 1 <= int(top) <= MAX_TOP_EVENTS:
        raise bad_request(f"topEvents must be between 1 and {MAX_TOP_EVENTS}")
    if not groups or call.query.get("sort", "").lstrip("-") not in AXES:
        raise bad_request("topEvents queries need a groupBy, and a sort that is one of the fields")
    return groups


def top_lines(call: Call, slots: Sequence[Slot], groups: Sequence[str], axes: Sequence[str]) -> list[Line]:
    """The groups with most of what is sorted by, and all others as one, unless they are not wanted."""
    sort, whole = call.query["sort"], Slot(slots[0].start, slots[-1].start + slots[-1].width - slots[0].start, ())
    found: dict[tuple[str | None, ...], list[Sighting]] = {}
    for sighting in (sighting for slot in slots for sighting in slot.seen):
        found.setdefault(tuple(sighting.about.get(group) for group in groups), []).append(sighting)
    order = sorted(found, key=lambda key: AXES[sort.lstrip("-")](replace(whole, seen=found[key])), reverse=sort.startswith("-"))
    top = order[: int(call.query["topEvents"])]
    lines: list[Line] = []
    for place, key in enumerate(top):
        by = {"groupBy": [{"key": group, "value": value} for group, value in zip(groups, key, strict=True)]}
        shown = _only(slots, found[key])
        lines += [(by, {"order": place, "isOther": False}, axis, shown) for axis in axes]
    if order[len(top) :] and call.query.get("excludeOther") != "1":
        rest = _only(slots, [sighting for key in order[len(top) :] for sighting in found[key]])
        lines += [({"groupBy": None}, {"order": len(top), "isOther": True}, axis, rest) for axis in axes]
    return lines


def _only(slots: Sequence[Slot], wanted: Sequence[Sighting]) -> list[Slot]:
    kept = {id(sighting) for sighting in wanted}
    return [replace(slot, seen=[sighting for sighting in slot.seen if id(sighting) in kept]) for slot in slots]
