from __future__ import annotations

import os
import signal
import threading

import pytest

from deploywatch.cli.stopping import stoppable


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_sleep_and_is_remembered(number: signal.Signals) -> None:
    with stoppable() as stop:
        assert not stop.asked()
        timer = threading.Timer(0.05, os.kill, (os.getpid(), number))
        timer.start()
        stop.sleep(30)
        timer.join()
        assert stop.asked()
        stop.sleep(30)


def test_who_asks_twice_does_not_want_to_wait() -> None:
    with stoppable():
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)


def test_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with stoppable():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before


def test_no_time_at_all() -> None:
    with stoppable() as stop:
        stop.sleep(-1)
        assert not stop.asked()
