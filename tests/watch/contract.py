"""What any ``IssueSource`` must do. The fake passes it, and an adapter's test is a subclass that says how to build the scene."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from deploywatch.errors import SentryNotFound
from deploywatch.model import Issue
from deploywatch.watch.source import IssueSource
from tests.fakes.watching import DEPLOYED, EARLIER, RELEASE, Happening
from tests.watch.worlds import after

SCENE = (
    *(Happening("OLD", after(minutes=-minutes), EARLIER, client=f"user-{minutes % 3}") for minutes in (300, 50, 40, 30, 20)),
    Happening("OLD", after(minutes=1), EARLIER),
    Happening("OLD", after(minutes=2), RELEASE, client="user-1"),
    Happening("QUIET", after(minutes=-45), EARLIER),
    Happening("FRESH", after(minutes=1), RELEASE, client="user-1"),
    Happening("FRESH", after(minutes=2), RELEASE, client="user-2"),
    Happening("FRESH", after(minutes=2.5), RELEASE, client="user-2"),
)
"""Before the deploy OLD and QUIET happened; since then OLD in both releases, and FRESH, which is new. It is five minutes later."""

NOW = after(minutes=5)


def known(source: IssueSource) -> Issue:
    """The only known issue; a server may list the new ones with them."""
    new = {issue.id for issue in source.new_issues(DEPLOYED)}
    (issue,) = (issue for issue in source.known_issues(DEPLOYED) if issue.id not in new)
    return issue


class IssueSourceContract:
    """Subclasses build a source that shows exactly ``happenings`` at ``NOW``; none at all is an environment never heard of."""

    def make(self, happenings: Sequence[Happening]) -> IssueSource:
        raise NotImplementedError

    @pytest.fixture
    def source(self) -> IssueSource:
        return self.make(SCENE)

    def test_lists_what_was_first_seen_in_the_release(self, source: IssueSource) -> None:
        (issue,) = source.new_issues(DEPLOYED)
        assert (issue.error_value, issue.count) == ("FRESH", 3)

    def test_tells_the_first_release_and_the_first_sight_of_an_issue(self, source: IssueSource) -> None:
        detail = source.detail(source.new_issues(DEPLOYED)[0])
        assert (detail.first_release, detail.first_seen) == (RELEASE, after(minutes=1))

    def test_lists_known_issues_that_the_release_has_met(self, source: IssueSource) -> None:
        issue = known(source)
        assert (issue.error_value, issue.count) == ("OLD", 2)

    def test_gives_the_events_of_any_release_with_times_and_clients(self, source: IssueSource) -> None:
        fresh, old = source.new_issues(DEPLOYED)[0], known(source)
        events = source.event_times(fresh, DEPLOYED).events
        assert {event.at for event in events} == {after(minutes=1), after(minutes=2), after(minutes=2.5)}
        assert len({event.id for event in events}) == 3
        assert len({event.client for event in events}) == 2
        assert {event.release for event in events} == {RELEASE}
        assert {event.release for event in source.event_times(old, DEPLOYED).events} == {RELEASE, EARLIER}

    def test_counts_the_time_before_in_buckets_that_end_at_the_deploy(self, source: IssueSource) -> None:
        tallies = source.baseline(known(source), after(hours=-4), DEPLOYED, timedelta(minutes=1))
        assert sum(tally.events for tally in tallies) == 4
        assert all((DEPLOYED - tally.start) % tally.width == timedelta(0) for tally in tallies)

    def test_tells_how_many_issues_there_were_before_or_that_it_cannot(self, source: IssueSource) -> None:
        assert source.active(after(hours=-4), DEPLOYED) in (2, None)
        assert source.discovered(after(hours=-4), DEPLOYED) in (1, None)

    def test_proves_that_it_can_see(self, source: IssueSource) -> None:
        sight = source.can_see()
        assert sight.visible
        assert sight.release_heard
        assert sight.proof

    def test_says_that_it_does_not_know_an_environment(self) -> None:
        with pytest.raises(SentryNotFound):
            self.make(()).new_issues(DEPLOYED)
