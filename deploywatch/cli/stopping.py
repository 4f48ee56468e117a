"""Being told to stop: a pipeline that is cancelled still gets its report of what was seen so far."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Whether somebody asked to stop, and a sleep that ends when they do.

    A byte in a pipe, and not ``threading.Event``: a signal handler that meets the event's own lock would wait for ever.
    """

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()

    def close(self) -> None:
        """Give the pipe back."""
        os.close(self._reader)
        os.close(self._writer)

    def asked(self) -> bool:
        """Whether a signal came."""
        return bool(select.select([self._reader], [], [], 0)[0])

    def sleep(self, seconds: float) -> None:
        """Wait so many seconds, or until a signal comes."""
        select.select([self._reader], [], [], max(seconds, 0))

    def ask(self, number: int, frame: FrameType | None) -> None:
        """The signals' handler. Who asks twice does not want to wait for a report: the second one interrupts."""
        if self.asked():
            signal.default_int_handler(number, frame)
        os.write(self._writer, b".")


@contextmanager
def stoppable() -> Iterator[Stop]:
    """While this lasts, SIGINT and SIGTERM ask to stop; afterwards they do again what they did before."""
    stop = Stop()
    before = {number: signal.signal(number, stop.ask) for number in _SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        stop.close()
