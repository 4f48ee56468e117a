from __future__ import annotations

from datetime import timedelta

import pytest

from deploywatch.errors import SentryAuthError, SentryUnavailable
from deploywatch.sentry.failures import ServiceFailures
from tests.sentry.support import DETAIL_404, NOW, page, reply, stage
from tests.sentry.test_stats import MINUTE, START, line, modern, value

REQUESTS = modern(line("failure_count()", value(0, 1), value(1, 0)), line("count()", value(0, 100), value(1, 90)))
NO_REQUESTS = modern(line("failure_count()", value(0, 0)), line("count()", value(0, 0)))
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
    s = stage(reply(NO_REQUESTS), reply(ERRORS))
    found = failures(s).count(START, NOW, MINUTE, release="shop@1.0+2")
    assert found.definition == "unhandled errors, and errors with an HTTP status of 5xx"
    assert [(tally.failed, tally.total) for tally in found.tallies] == [(4, None), (0, None)]
    release = 'release:"shop@1.0+2"'
    assert s.script.asked[1].values("query") == [f"error.unhandled:1 {release} OR http.status_code:5* {release}"]
    assert s.script.asked[1].values("dataset") == ["errors"]


def test_the_definition_does_not_change_between_before_and_after():
    s = stage(reply(NO_REQUESTS), reply(ERRORS), reply(ERRORS))
    counter = failures(s)
    definitions = [counter.count(START, NOW, MINUTE, release=release).definition for release in (None, "v")]
    assert definitions == ["unhandled errors, and errors with an HTTP status of 5xx"] * 2
    assert len(s.script.asked) == 3


def test_a_server_that_cannot_search_for_either_is_asked_for_unhandled_errors():
    no_or = {"detail": "no boolean operators"}
    s = stage(reply(NO_REQUESTS), reply(no_or, 400), reply({"id": "3"}), reply(no_or, 400), reply(ERRORS))
    counter = failures(s)
    assert counter.count(START, NOW, MINUTE, release=None) is None
    assert counter.count(START, NOW, MINUTE, release=None).definition == "unhandled errors"
    assert s.script.asked[-1].values("query") == ["error.unhandled:1"]


def test_nothing_is_decided_where_no_bucket_is_complete():
    unfinished = modern(line("count()", value(0, 5, incomplete=True)))
    s = stage(reply(unfinished), reply(modern()), reply(REQUESTS), reply(REQUESTS))
    counter = failures(s)
    assert counter.count(START, NOW, MINUTE, release=None).tallies == ()
    assert counter.count(START, NOW, MINUTE, release=None).definition == "failed HTTP server transactions"


@pytest.mark.parametrize("missing", [lambda: page(200), lambda: page(404), lambda: reply(DETAIL_404, 404)])
def test_a_server_that_cannot_count_cannot_tell_and_is_asked_only_once(missing):
    s = stage(*(missing() for _ in range(4)))
    counter = failures(s)
    assert [counter.count(START, NOW, MINUTE, release=None) for _ in range(3)] == [None] * 3
    assert len(s.script.asked) == 4


def test_a_token_that_may_not_count_is_told_once():
    counter = failures(stage(reply({"detail": "no"}, 403), reply({"detail": "no"}, 403)))
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
