"""What a watch must remember to go on after its process was killed, as plain JSON values."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from deploywatch.watch.seen import Seen

VERSION: Final = "deploywatch.watch-state/2"

Reader = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Outage:
    """From ``start`` to ``end`` (``None``: still) Sentry could not be seen, because of ``reason``."""

    start: datetime
    reason: str
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class WatchState:
    """One running watch. ``polls`` counts looks; ``last_look`` is the last whole one; ``environment_known`` since it was seen."""

    started_at: datetime
    seen: Seen = field(default_factory=Seen)
    polls: int = 0
    last_look: datetime | None = None
    failures: int = 0
    outages: tuple[Outage, ...] = ()
    environment_known: datetime | None = None
    settling_since: datetime | None = None
    notes: tuple[str, ...] = ()
    finished: bool = False


def to_json(state: WatchState) -> dict[str, Any]:
    """The state as a JSON object."""
    return {"version": VERSION, "state": _plain(state)}


def from_json(data: Mapping[str, Any]) -> WatchState | None:
    """The state of a JSON object that ``to_json`` made; ``None`` for one that is of another version or is damaged."""
    if data.get("version") != VERSION:
        return None
    try:
        state: WatchState = _reader(WatchState)(data["state"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return state


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _reader(kind: Any) -> Reader:
    """What makes a value of the type ``kind`` from a plain one; it raises one of Python's own errors where that does not fit."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        present = _reader(next(one for one in inner if one is not type(None)))
        return lambda value: None if value is None else present(value)
    if origin is tuple:
        item = _reader(inner[0])
        return lambda value: tuple(item(one) for one in value)
    if origin is not None:
        item = _reader(inner[1])
        return lambda value: {key: item(one) for key, one in value.items()}
    if isinstance(kind, type) and is_dataclass(kind):
        return _object_reader(kind)
    return _PLAIN.get(kind) or (kind if issubclass(kind, StrEnum) else partial(_checked, kind))


def _object_reader(kind: type[Any]) -> Reader:
    hints = get_type_hints(kind)
    readers = {one.name: _reader(hints[one.name]) for one in fields(kind)}
    return lambda value: kind(**{name: read(value[name]) for name, read in readers.items()})


def _checked(kind: type[Any], value: Any) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is no {kind}")
    return value


_PLAIN: Final[Mapping[Any, Reader]] = {
    datetime: datetime.fromisoformat,
    timedelta: lambda value: timedelta(seconds=value),
    float: float,
}
