from __future__ import annotations

from datetime import timedelta

import pytest

from deploywatch.model import Issue
from deploywatch.watch.baselines import baseline_of, exposure_after, failure_baseline
from deploywatch.watch.seen import Novelty, Seen, SeenIssue
from deploywatch.watch.source import Failures, FailureTally, Tally
from tests.fakes.watching import DEPLOYED
from tests.watch.worlds import after, plan

MINUTE = timedelta(minutes=1)


def known(before: tuple[Tally, ...], *, first_seen=None) -> SeenIssue:
    return SeenIssue(
        Issue(id="1", short_id="S-1", title="t", culprit=None, project="shop", first_seen=first_seen),
        Novelty.KNOWN,
        before=before,
    )


def series(*, first: int, last: int = 0, failed: float, total: float | None = None) -> tuple[FailureTally, ...]:
    return tuple(FailureTally(after(minutes=minute), MINUTE, failed, total) for minute in range(first, last))


def failures(*tallies: FailureTally) -> Failures:
    return Failures("errors", tallies)


class TestOfAnIssue:
    EVERY_MINUTE = tuple(Tally(after(minutes=-minute), MINUTE, 2, 1) for minute in range(1, 241))

    def test_is_the_rate_of_the_last_while(self):
        drifting = tuple(Tally(after(minutes=-minute), MINUTE, 2 + minute // 10) for minute in range(1, 241))
        found = baseline_of(plan(), Seen(), known(drifting, first_seen=after(days=-9)), by_client=False)
        assert found.exposure == 75
        assert found.rate == pytest.approx(sum(2 + minute // 10 for minute in range(1, 76)) / 75)

    def test_counts_clients_if_asked(self):
        assert baseline_of(plan(), Seen(), known(self.EVERY_MINUTE), by_client=True).rate == pytest.approx(1)

    def test_begins_with_the_first_event_which_does_not_count(self):
        young = known((Tally(after(minutes=-1), MINUTE, 5),), first_seen=after(seconds=-30))
        found = baseline_of(plan(), Seen(), young, by_client=False)
        assert (found.hits, found.exposure) == (4, 0.5)

    def test_takes_longer_where_counts_are_noisy(self):
        wild = tuple(Tally(after(minutes=-minute), MINUTE, 40 if minute % 20 == 0 else 0) for minute in range(1, 241))
        found = baseline_of(plan(), Seen(), known(wild), by_client=False)
        assert found.dispersion > 10
        assert found.exposure == 240

    def test_is_per_request_where_requests_are_counted(self):
        seen = Seen(
            failures_before=failures(*series(first=-240, failed=1, total=100)),
            failures_after=failures(FailureTally(DEPLOYED, MINUTE, 1, 50.0)),
        )
        found = baseline_of(plan(), seen, known(self.EVERY_MINUTE), by_client=False)
        assert found.rate == pytest.approx(0.02)
        assert exposure_after(plan(), seen).until(1) == 50

    def test_is_per_minute_where_only_one_side_counts_requests(self):
        seen = Seen(
            failures_before=failures(*series(first=-240, failed=1, total=100)),
            failures_after=failures(FailureTally(DEPLOYED, MINUTE, 1)),
        )
        assert baseline_of(plan(), seen, known(self.EVERY_MINUTE), by_client=False).rate == pytest.approx(2)


class TestOfTheService:
    @pytest.mark.parametrize("nothing", [None, Failures("errors", ())])
    def test_is_unknown_without_any_bucket(self, nothing):
        assert failure_baseline(plan(), nothing) is None

    def test_is_a_share_where_requests_are_counted(self):
        found = failure_baseline(plan(), failures(*series(first=-240, failed=3, total=200)))
        assert (found.rate, found.exposure) == (pytest.approx(0.015), 75 * 200)

    def test_is_per_minute_otherwise(self):
        found = failure_baseline(plan(), failures(*series(first=-240, failed=3)))
        assert (found.rate, found.exposure) == (pytest.approx(3), 75)

    def test_of_a_young_service_begins_with_its_first_failure_which_does_not_count(self):
        found = failure_baseline(plan(), failures(*series(first=-240, last=-2, failed=0), *series(first=-2, failed=10)))
        assert (found.hits, found.exposure) == (19, 2)

    def test_of_a_service_that_never_failed_is_nothing_in_all_that_time(self):
        found = failure_baseline(plan(), failures(*series(first=-240, failed=0)))
        assert (found.hits, found.exposure) == (0, 75)
