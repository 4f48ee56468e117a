from __future__ import annotations

from datetime import timedelta

import pytest

from deploywatch.watch.pacing import next_wait
from tests.watch.worlds import after, plan

END = after(minutes=15)


@pytest.mark.parametrize(
    ("at", "failures", "hint", "seconds"),
    [
        (0, 0, None, 15),
        (0, 1, None, 30),
        (0, 2, None, 60),
        (0, 9, None, 60),
        (0, 0, 40, 40),
        (0, 0, 3, 15),
        (889, 0, None, 11),  # the last look falls on the end
        (880, 0, None, 20),  # a stub of an interval is not worth a look of its own
        (870, 0, None, 15),
        (895, 0, 60, 60),  # what Sentry asks for is obeyed even beyond the end
        (900, 3, None, 15),  # in the grace there is no time to be patient
        (930, 0, None, 15),
    ],
)
def test_the_wait_until_the_next_look(at, failures, hint, seconds):
    wait = next_wait(
        plan(), at=after(seconds=at), ends_at=END, failures=failures, hint=None if hint is None else timedelta(seconds=hint)
    )
    assert wait.total_seconds() == seconds
