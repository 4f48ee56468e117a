"""How much of an endpoint fails, and what that does to severity and to what people are told."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from deploywatch.model import EndpointShare, Regression, Severity
from deploywatch.watch.decide import decide, judge
from deploywatch.watch.endpoints import certain_share, in_question, possible_share
from deploywatch.watch.plan import SeveritySettings
from deploywatch.watch.seen import Seen
from deploywatch.watch.source import EndpointTally, Occurrence
from tests.fakes.watching import EARLIER, RELEASE
from tests.watch.test_decide import END, VIEW, known, new, seen
from tests.watch.worlds import after, plan


def at(endpoint: str | None, count: int, *, release: str = RELEASE) -> tuple[Occurrence, ...]:
    """So many events, evenly over the first fourteen minutes."""
    gap = timedelta(minutes=14) / count
    name = f"{endpoint}-{release}"
    return tuple(Occurrence(f"{name}-{number}", after() + gap * number, release, None, endpoint) for number in range(count))


def tally(endpoint: str, requests: float, failed: float, samples: float | None = None) -> EndpointTally:
    return EndpointTally(endpoint, requests, failed, requests if samples is None else samples)


def told(*tallies: EndpointTally, events: tuple[Occurrence, ...], **values) -> Regression:
    given = seen(new(events, **values)).with_endpoints(tallies)
    (found,) = decide(plan(), given, VIEW, at=END).regressions
    return found


CHECKOUT = "POST /checkout"


class TestSeverity:
    def test_an_endpoint_that_fails_nearly_always_is_critical_however_small(self):
        found = told(tally(CHECKOUT, 20, 18), events=at(CHECKOUT, 18))
        assert found.severity is Severity.CRITICAL
        assert found.why.endswith("; it fails 18 of 20 requests of POST /checkout (90 %)")
        assert found.endpoint == EndpointShare(CHECKOUT, 18, 20, 20)
        assert told(events=at(CHECKOUT, 18)).severity is Severity.MEDIUM

    @pytest.mark.parametrize(("requests", "severity"), [(10_000_000, Severity.HIGH), (60_000, Severity.CRITICAL)])
    def test_many_events_are_not_critical_where_they_are_next_to_nothing_of_the_requests(self, requests, severity):
        found = told(tally("GET /", requests, 560), events=at("GET /", 560))
        assert found.severity is severity
        assert told(events=at("GET /", 560)).severity is Severity.CRITICAL, "unknown is not little"

    def test_many_users_are_critical_whatever_the_share(self):
        assert told(tally("GET /", 1e7, 560), events=at("GET /", 560), user_count=300).severity is Severity.CRITICAL

    @pytest.mark.parametrize(
        ("requests", "failed", "samples", "severity"),
        [
            (1, 1, None, Severity.MEDIUM),
            (9, 9, None, Severity.MEDIUM),
            (40, 40, 1, Severity.MEDIUM),
            (10, 1, None, Severity.HIGH),
        ],
        ids=["one of one", "too few", "one sample", "one of ten"],
    )
    def test_luck_is_not_critical(self, requests, failed, samples, severity):
        assert told(tally(CHECKOUT, requests, failed, samples), events=at(CHECKOUT, 6)).severity is severity

    def test_a_handled_error_that_fails_no_request_says_nothing_of_requests(self):
        found = told(tally(CHECKOUT, 20, 0), events=at(CHECKOUT, 18), is_unhandled=False)
        assert (found.severity, "requests of" in found.why) == (Severity.LOW, False)


class TestTheEndpoint:
    def test_is_the_one_that_is_hurt_most(self):
        tallies = (tally("GET /", 1000, 9), tally(CHECKOUT, 30, 15), tally("GET /cart", 30, 3))
        found = told(*tallies, events=at("GET /", 9) + at(CHECKOUT, 9) + at("GET /cart", 3))
        assert found.endpoint == EndpointShare(CHECKOUT, 9, 30, 30)

    def test_is_none_of_the_long_tail(self):
        tallies = (tally("GET /", 1000, 90), tally("GET /rare", 12, 4))
        assert told(*tallies, events=at("GET /", 90) + at("GET /rare", 4)).endpoint == EndpointShare("GET /", 90, 1000, 1000)

    def test_is_of_the_release_alone(self):
        own, old = at(CHECKOUT, 9), at(CHECKOUT, 30, release=EARLIER)
        assert told(tally(CHECKOUT, 40, 40), events=own + old).endpoint == EndpointShare(CHECKOUT, 9, 40, 40)

    def test_fails_at_most_as_often_as_it_fails_at_all(self):
        """Two events in each request, and some are told before the requests are."""
        assert told(tally(CHECKOUT, 20, 10), events=at(CHECKOUT, 40)).endpoint == EndpointShare(CHECKOUT, 10, 20, 20)

    def test_of_a_flood_is_what_was_read_and_as_much_of_what_was_not(self):
        found = told(tally(CHECKOUT, 9000, 6000), events=at(CHECKOUT, 1000), count=5000)
        assert found.endpoint == EndpointShare(CHECKOUT, 5000, 9000, 9000)

    @pytest.mark.parametrize("name", [None, "GET /else"])
    def test_is_unknown_where_nobody_tells_it(self, name):
        found = told(tally(CHECKOUT, 20, 18), events=at(name, 18))
        assert (found.endpoint, found.severity) == (None, Severity.MEDIUM)

    def test_is_told_as_an_estimate_where_it_is_one(self):
        found = told(tally(CHECKOUT, 2000, 1800, samples=20), events=at(CHECKOUT, 18))
        assert found.why.endswith("; it fails about 18 of 2,000 requests of POST /checkout (0.9 %, from 20 samples)")

    def test_is_told_in_one_line_of_some_length(self):
        name = "GET /a\n## b " + "x" * 300
        assert told(tally(name, 20, 18), events=at(name, 18)).why.endswith(f"of GET /a ## b {'x' * 67}… (90 %)")

    def test_of_a_known_issue_is_told_too(self):
        events = at(CHECKOUT, 90)
        given = seen(known(events, before=0.5)).with_endpoints([tally(CHECKOUT, 100, 95)])
        (found,) = decide(plan(), given, VIEW, at=END).regressions
        assert (found.severity, found.why.partition("; ")[2]) == (
            Severity.CRITICAL,
            "it fails 90 of 100 requests of POST /checkout (90 %)",
        )


class TestWhatIsAsked:
    def asked(self, given: Seen) -> tuple[str, ...]:
        return in_question(plan(), judge(plan(), given, END))

    def test_is_nothing_while_nothing_is_held_against_the_release(self):
        rare = (Occurrence("1", after(minutes=9), RELEASE, None, CHECKOUT),)
        assert self.asked(seen(new(rare), known(at("GET /", 15), before=1, id="2"))) == ()

    def test_is_the_main_one_of_each_issue_first_and_not_many(self):
        many = [new(at(f"/{n}", 20) + at(f"/{n}/b", 9), id=str(n), short_id=f"SHOP-{n}") for n in range(7)]
        assert self.asked(seen(*many)) == (*(f"/{n}" for n in range(7)), "/0/b", "/1/b", "/2/b")


@pytest.mark.parametrize(("failed", "low", "high"), [(18, 0.738, 0.966), (0, 0, 0.119), (20, 0.881, 1)])
def test_the_interval_is_wilsons(failed, low, high):
    found = EndpointShare(CHECKOUT, failed, 20, 20)
    assert (certain_share(found), possible_share(found)) == pytest.approx((low, high), abs=2e-3)


def test_the_floor_is_where_one_failure_is_the_critical_share():
    settings = SeveritySettings()
    assert settings.min_requests == math.ceil(1 / settings.critical_share)
