from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from deploywatch.sentry.buckets import bucketed, continued
from deploywatch.watch.source import EventTimes, Occurrence, Tally
from tests.sentry.support import NOW

MINUTE = timedelta(minutes=1)


def tally(back: int, events: int) -> Tally:
    return Tally(NOW - back * MINUTE, MINUTE, events)


@given(st.lists(st.tuples(st.floats(-5, 200), st.sampled_from(["a", "b", None]))), st.integers(1, 900))
def test_each_event_before_the_end_is_in_one_bucket(events, seconds):
    width = timedelta(seconds=seconds)
    times = EventTimes(tuple(Occurrence(str(n), NOW - minutes * MINUTE, client=who) for n, (minutes, who) in enumerate(events)))
    found = bucketed(times, NOW, width)
    assert sum(one.events for one in found) == sum(event.at < NOW for event in times.events)
    assert [one.start for one in found] == sorted({one.start for one in found})
    for one in found:
        inside = [event.client for event in times.events if one.start <= event.at < one.start + width and event.at < NOW]
        assert (one.events, one.width, (NOW - one.start) % width) == (len(inside), width, timedelta(0))
        assert one.clients == (len(set(inside)) if all(inside) else None)


def test_what_was_seen_is_repeated_backwards_without_its_half_seen_bucket():
    seen = [tally(4, 1), tally(3, 30), tally(1, 10)]
    found = continued(seen, oldest=NOW - 3.5 * MINUTE, start=NOW - 7 * MINUTE, end=NOW)
    assert found == (tally(7, 10), tally(6, 30), tally(4, 10), tally(3, 30), tally(1, 10))


def test_one_half_seen_bucket_is_better_than_none():
    found = continued([tally(1, 1000)], oldest=NOW - 0.1 * MINUTE, start=NOW - 3 * MINUTE, end=NOW)
    assert found == (tally(3, 1000), tally(2, 1000), tally(1, 1000))


def test_nothing_is_repeated_as_nothing():
    assert continued([], oldest=NOW, start=NOW - MINUTE, end=NOW) == ()
