from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.watch.counting import (
    Baseline,
    Exposure,
    buckets,
    counts_before,
    hits,
    hits_before,
    knows_clients,
    merge,
    since_deploy,
)
from deploywatch.watch.source import FailureTally, Occurrence, Tally
from tests.fakes.watching import DEPLOYED, EARLIER, RELEASE
from tests.watch.worlds import after

MINUTE = timedelta(minutes=1)

occurrences = st.lists(
    st.builds(
        Occurrence,
        id=st.sampled_from([f"event-{number}" for number in range(8)]),
        at=st.integers(-60, 600).map(lambda seconds: after(seconds=seconds)),
        release=st.sampled_from([RELEASE, EARLIER, None]),
        client=st.sampled_from(["ana", "bo", None]),
    ),
    max_size=20,
)


class TestMerge:
    @given(first=occurrences, second=occurrences, data=st.data())
    def test_neither_order_nor_repetition_makes_a_difference(self, first, second, data):
        whole = [*first, *second]
        shuffled = data.draw(st.permutations(whole))
        assert merge(merge((), first), second) == merge(shuffled, whole)

    @given(events=occurrences)
    def test_keeps_each_event_once_oldest_first(self, events):
        merged = merge((), events)
        assert len({event.id for event in merged}) == len(merged) == len({event.id for event in events})
        assert [event.at for event in merged] == sorted(event.at for event in merged)


class TestSinceDeploy:
    def test_a_clock_that_is_wrong_is_put_right_for_the_release_and_excludes_others(self):
        events = [
            Occurrence("early", after(seconds=-20), RELEASE),
            Occurrence("before", after(seconds=-20), EARLIER),
            Occurrence("future", after(minutes=9), RELEASE),
        ]
        found = since_deploy(events, release=RELEASE, deployed_at=DEPLOYED, until=after(minutes=5))
        assert [(event.id, event.at) for event in found] == [("early", DEPLOYED), ("future", after(minutes=5))]

    def test_the_moment_of_the_deploy_belongs_to_the_time_after_it(self):
        (event,) = since_deploy(
            [Occurrence("a", DEPLOYED, EARLIER)], release=RELEASE, deployed_at=DEPLOYED, until=after(minutes=1)
        )
        assert event.at == DEPLOYED


class TestHits:
    def counted(self, *events: Occurrence, by_client: bool = True) -> tuple[float, ...]:
        return hits(events, deployed_at=DEPLOYED, width=MINUTE, by_client=by_client)

    def test_a_client_counts_once_a_bucket_and_who_is_unknown_each_time(self):
        events = [
            Occurrence(f"{client}{second}", after(seconds=second), client=client)
            for client in ("ana", None)
            for second in (1, 30, 59.999, 60)
        ]
        assert self.counted(*events) == pytest.approx((1 / 60, 1 / 60, 0.5, 59.999 / 60, 1, 1))
        assert len(self.counted(*events, by_client=False)) == 8

    @given(events=occurrences)
    def test_times_rise_and_are_no_more_than_the_events(self, events):
        times = self.counted(*merge((), events))
        assert list(times) == sorted(times)
        assert len(times) <= len({event.id for event in events})


class TestBefore:
    TALLIES = (
        Tally(after(minutes=-4), MINUTE, 5, 2),
        Tally(after(minutes=-2), MINUTE, 1, 1),
        Tally(after(minutes=-1), MINUTE, 3, 3),
        Tally(after(minutes=0), MINUTE, 50, 50),
    )

    @pytest.mark.parametrize(
        ("start", "by_client", "expected"),
        [
            (-4, False, [5, 0, 1, 3]),
            (-4, True, [2, 0, 1, 3]),
            (-2, False, [1, 3]),
            (-3.5, False, [0, 1, 3]),
            (0, False, []),
        ],
    )
    def test_counts_end_at_the_deploy_and_leave_out_an_incomplete_start(self, start, by_client, expected):
        counts = counts_before(self.TALLIES, start=after(minutes=start), end=DEPLOYED, width=MINUTE, by_client=by_client)
        assert counts == expected

    def test_sums_take_the_bucket_that_is_cut_in_two(self):
        assert hits_before(self.TALLIES, start=after(minutes=-3.5), end=DEPLOYED, by_client=False) == 9
        assert hits_before(self.TALLIES, start=after(minutes=-3), end=DEPLOYED, by_client=True) == 4

    def test_clients_are_known_if_every_bucket_with_events_tells_them(self):
        assert knows_clients((*self.TALLIES, Tally(after(minutes=-9), MINUTE, 0, None)))
        assert not knows_clients((*self.TALLIES, Tally(after(minutes=-9), MINUTE, 1, None)))
        assert not knows_clients((*self.TALLIES, Tally(after(minutes=-9), MINUTE, 1, 0)))

    def test_a_rate_needs_time(self):
        assert Baseline(9, 3.0).rate == 3
        assert Baseline(9, 0.0).rate == 0


class TestExposure:
    REQUESTS = Exposure.of_requests(
        [
            FailureTally(after(minutes=2), MINUTE, 0, 300.0),
            FailureTally(after(minutes=0), MINUTE, 0, 100.0),
            FailureTally(after(minutes=1), MINUTE, 0, None),
            FailureTally(after(minutes=-9), MINUTE, 0, 999.0),
        ],
        DEPLOYED,
    )

    def test_without_requests_it_is_time(self):
        assert Exposure().until(2.5) == 2.5

    @pytest.mark.parametrize(("minutes", "requests"), [(0, 0), (-1, 0), (0.5, 50), (1, 100), (2, 250), (3, 400), (5, 700)])
    def test_requests_are_interpolated_and_go_on_as_in_the_end(self, minutes, requests):
        assert self.REQUESTS.until(minutes) == pytest.approx(requests)

    def test_no_request_is_no_exposure(self):
        assert Exposure(()).until(5) == 0


class TestBuckets:
    EVENTS = tuple(Occurrence(str(second), after(seconds=second)) for second in (0, 59, 60, 130, 179.9, 180))

    def test_are_half_open_and_leave_out_the_one_that_is_filling(self):
        found = buckets(self.EVENTS, (), deployed_at=DEPLOYED, until=after(seconds=185), width=MINUTE)
        assert [(bucket.start, bucket.count) for bucket in found] == [(DEPLOYED, 2), (after(minutes=1), 1), (after(minutes=2), 2)]

    def test_show_as_much_of_the_time_before(self):
        before = [Tally(after(minutes=-minutes), MINUTE, minutes) for minutes in (1, 2, 9)]
        found = buckets(self.EVENTS, before, deployed_at=DEPLOYED, until=after(minutes=2), width=MINUTE)
        assert [bucket.count for bucket in found] == [2, 1, 2, 1]

    def test_wider_ones_take_up_several_of_the_time_before(self):
        before = [Tally(after(minutes=-minutes), MINUTE, minutes) for minutes in (1, 2, 3, 4)]
        found = buckets((), before, deployed_at=DEPLOYED, until=after(minutes=4), width=2 * MINUTE)
        assert [bucket.count for bucket in found] == [7, 3, 0, 0]
