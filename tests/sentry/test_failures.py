from __future__ import annotations

from datetime import timedelta

import pytest

from deploywatch.errors import SentryAuthError, SentryUnavailable
from deploywatch.sentry.failures import ServiceFailures
from tests.sentry.support import DETAIL_404, NOW, page, reply, stage
from tests.sentry.test_stats import MINUTE, START, line, modern, value

REQUESTS = modern(line("failure_count()", value(0, 1), value(1, 0)), line("count()", value(0, 100), value(1, 90)))
NO_REQUESTS = modern(line("failure_count()", value(0, 0)), line("count()", value(0, 0)))
NO_SESSIONS = {"intervals": [], "groups": []}
ERRORS = modern(line("count()", value(0, 4), value(1, 0)))


def failures(s):
    return ServiceFailures(s.client, environment="prod", projects=("shop",))


def test_failed_requests_where_there_are_requests():
    s = stage(reply(REQUESTS), reply(REQUESTS))
    found = failures(s).count(START, NOW, MINUTE, release=None)
    assert found.definition == "failed HTTP server transactions"
    assert [(tally.failed, tally.total) for tally in found.tallies] == [(1, 100), (0, 90)]
    assert s.script.asked[1].values("query") == ["is_transaction:true span.op:http.server"]


def test_unhandled_errors_where_there_are_none():
    s = stage(reply(NO_REQUESTS), reply(NO_SESSIONS), reply(ERRORS))
    found = failures(s).count(START, NOW, MINUTE, release="shop@1.0+2")
    assert found.definition == "unhandled errors, and errors with an HTTP status of 5xx"
    assert [(tally.failed, tally.total) for tally in found.tallies] == [(4, None), (0, None)]
    release = 'release:"shop@1.0+2"'
    assert s.script.asked[2].values("query") == [f"error.unhandled:1 {release} OR http.status_code:5* {release}"]
    assert s.script.asked[2].values("dataset") == ["errors"]


def test_the_definition_does_not_change_between_before_and_after():
    s = stage(reply(NO_REQUESTS), reply(NO_SESSIONS), reply(ERRORS), reply(ERRORS))
    counter = failures(s)
    definitions = [counter.count(START, NOW, MINUTE, release=release).definition for release in (None, "v")]
    assert definitions == ["unhandled errors, and errors with an HTTP status of 5xx"] * 2
    assert len(s.script.asked) == 4


def sessions(*counts, width=60, crashed=0.5):
    """Counted from four minutes ago on."""
    first = NOW - timedelta(minutes=4)
    intervals = [(first + timedelta(seconds=width * number)).isoformat() for number in range(len(counts))]
    series = {"sum(session)": list(counts), "crash_rate(session)": [crashed if count else None for count in counts]}
    return {"intervals": intervals, "groups": [{"by": {}, "totals": {}, "series": series}]}


def test_crashed_sessions_where_nothing_is_traced_and_they_are_counted_by_the_minute():
    s = stage(reply(NO_REQUESTS), reply(sessions(10, 0, 7)), reply(sessions(10, 0, 7, 5, 1)))
    found = failures(s).count(NOW - timedelta(minutes=4), NOW, MINUTE, release="v")
    assert found.definition == "crashed sessions"
    assert [(tally.failed, tally.total) for tally in found.tallies] == [(5, 10), (0, 0)], "what may still be filling is left out"
    asked = s.script.asked[-1]
    assert asked.path.endswith("/sessions/")
    assert (asked.values("query"), asked.values("interval")) == (['release:"v"'], ["1m"])


@pytest.mark.parametrize("coarse", [sessions(10, 20, width=3600), {"groups": None}, [], sessions()])
def test_sessions_by_the_hour_are_no_denominator(coarse):
    s = stage(reply(NO_REQUESTS), reply(coarse), reply(ERRORS))
    definition = failures(s).count(NOW - timedelta(minutes=4), NOW, MINUTE, release=None).definition
    assert definition == "unhandled errors, and errors with an HTTP status of 5xx"


def test_a_server_that_cannot_search_for_either_is_asked_for_unhandled_errors():
    no_or = {"detail": "no boolean operators"}
    s = stage(reply(NO_REQUESTS), reply(NO_SESSIONS), reply(no_or, 400), reply({"id": "3"}), reply(no_or, 400), reply(ERRORS))
    counter = failures(s)
    assert counter.count(START, NOW, MINUTE, release=None) is None
    assert counter.count(START, NOW, MINUTE, release=None).definition == "unhandled errors"
    assert s.script.asked[-1].values("query") == ["error.unhandled:1"]


def test_nothing_is_decided_where_no_bucket_is_complete():
    unfinished = modern(line("count()", value(0, 5, incomplete=True)))
    s = stage(reply(unfinished), reply(NO_SESSIONS), reply(modern()), reply(REQUESTS), reply(REQUESTS))
    counter = failures(s)
    assert counter.count(START, NOW, MINUTE, release=None).tallies == ()
    assert counter.count(START, NOW, MINUTE, release=None).definition == "failed HTTP server transactions"


@pytest.mark.parametrize("missing", [lambda: page(200), lambda: page(404), lambda: reply(DETAIL_404, 404)])
def test_a_server_that_cannot_count_cannot_tell_and_is_asked_only_once(missing):
    s = stage(*(missing() for _ in range(5)))
    counter = failures(s)
    assert [counter.count(START, NOW, MINUTE, release=None) for _ in range(3)] == [None] * 3
    assert len(s.script.asked) == 5


def test_a_token_that_may_not_count_is_told_once():
    counter = failures(stage(*(reply({"detail": "no"}, 403) for _ in range(3))))
    with pytest.raises(SentryAuthError, match="does not let the token") as caught:
        counter.count(START, NOW, MINUTE, release=None)
    assert "org:read" in caught.value.hint
    assert counter.count(START, NOW, MINUTE, release=None) is None


def test_a_count_that_took_too_long_is_tried_again_the_next_time():
    slow = {"detail": "Query timeout. Please try again."}
    s = stage(reply(REQUESTS), reply(slow, 400), reply({"id": "3"}), reply(slow, 400), reply(REQUESTS))
    counter = failures(s)
    assert counter.count(START, NOW, MINUTE, release=None) is None
    assert counter.count(START, NOW, MINUTE, release=None) is not None


def test_a_server_that_is_down_is_not_a_server_that_cannot_count():
    with pytest.raises(SentryUnavailable):
        failures(stage(page(502), attempts=1)).count(START, NOW, MINUTE, release=None)


def test_a_request_of_the_release_is_a_sign_of_life():
    s = stage(reply(REQUESTS), reply(NO_REQUESTS))
    assert failures(s).any_request(NOW - timedelta(days=1), NOW, release="v")
    assert not failures(s).any_request(NOW - timedelta(days=1), NOW, release="v")
    assert s.script.asked[0].values("query") == ['is_transaction:true span.op:http.server release:"v"']
