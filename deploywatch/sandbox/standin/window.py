"""The time window of a request: ``statsPeriod``, or ``start`` with ``end``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from deploywatch.sandbox.standin.answers import bad_request
from deploywatch.sandbox.standin.call import Call
from deploywatch.sandbox.standin.times import moment, period

DEFAULT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Window:
    """``start`` and ``end`` are both inside."""

    start: datetime
    end: datetime

    def holds(self, at: datetime) -> bool:
        """Whether the moment is inside."""
        return self.start <= at <= self.end


def window_of(call: Call, *, default: timedelta = DEFAULT) -> Window:
    """``statsPeriod`` wins over ``start`` and ``end``; with neither it is the ``default`` until now.

    Answers 400 for half a window.
    """
    now = call.state.now()
    if call.query.get("statsPeriod"):
        return Window(now - period(call.query["statsPeriod"]), now)
    start, end = call.query.get("start"), call.query.get("end")
    if not start and not end:
        return Window(now - default, now)
    if not start or not end:
        raise bad_request("start and end are both required")
    first, last = moment(start), moment(end)
    if first is None or last is None:
        raise bad_request(f"{start if first is None else end} is not a valid ISO8601 date query")
    if first > last:
        raise bad_request("start must be before end")
    return Window(first, last)
