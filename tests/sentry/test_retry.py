from __future__ import annotations

from datetime import timedelta

import pytest

from deploywatch.http import FailureKind, HttpFailure, Response
from deploywatch.sentry.retry import COMMITS, ONCE, SAFE, Retry, server_wait
from tests.sentry.support import NOW


def failure(kind: FailureKind, *, sent: bool) -> HttpFailure:
    return HttpFailure(kind, "https://h", sent=sent)


@pytest.mark.parametrize(
    ("repeat", "again"),
    [(SAFE, {429, 502, 503, 504, 507, 524}), (COMMITS, {409, 429, 502, 503, 507, 524}), (ONCE, {429})],
)
def test_the_table_of_statuses(repeat, again):
    assert {status for status in range(200, 600) if repeat.allows(Response(status))} == again


@pytest.mark.parametrize(
    ("kind", "sent", "safe", "once"),
    [
        (FailureKind.RESET, True, True, False),
        (FailureKind.TRUNCATED, True, True, False),
        (FailureKind.TIMEOUT, True, True, False),
        (FailureKind.TIMEOUT, False, True, True),
        (FailureKind.REFUSED, False, True, True),
        (FailureKind.DNS, False, False, False),
        (FailureKind.TLS, False, False, False),
        (FailureKind.INVALID, False, False, False),
        (FailureKind.TOO_LARGE, True, False, False),
    ],
)
def test_the_table_of_failures(kind, sent, safe, once):
    assert (SAFE.allows(failure(kind, sent=sent)), ONCE.allows(failure(kind, sent=sent))) == (safe, once)


def limited(**headers: str) -> Response:
    return Response(429, {name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize(
    ("response", "seconds"),
    [
        (limited(retry_after="7"), 7),
        (limited(retry_after="Sat, 21 Nov 2026 12:00:30 GMT"), 30),
        (limited(x_sentry_rate_limit_reset=str(NOW.timestamp() + 12)), 12),
        (limited(retry_after="3", x_sentry_rate_limit_reset=str(NOW.timestamp() + 12)), 3),
        (limited(retry_after="soon", x_sentry_rate_limit_reset=str(NOW.timestamp() + 12)), 12),
        (limited(x_sentry_rate_limit_reset="nan"), None),
        (limited(x_sentry_rate_limit_reset="-5"), None),
        (limited(), None),
        (Response(503, {"retry-after": "9"}), 9),
        (Response(503, {"x-sentry-rate-limit-reset": "1"}), None),
    ],
)
def test_the_wait_that_the_server_asks_for(response, seconds):
    asked = server_wait(response, NOW)
    assert asked == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("response", "seconds"),
    [(limited(retry_after="0"), 1), (limited(retry_after="86400"), 60), (limited(x_sentry_rate_limit_reset="1"), 1)],
)
def test_the_servers_number_is_kept_within_reason(response, seconds):
    assert Retry().wait(1, response, NOW) == timedelta(seconds=seconds)


def test_without_a_number_it_waits_longer_each_time_but_not_for_ever():
    waits = [Retry(jitter=lambda: 0.5).wait(tried, Response(502), NOW).total_seconds() for tried in range(1, 8)]
    assert waits == [1, 1.5, 2.25, 3.375, 5, 5, 5]


def test_jitter_spreads_by_a_quarter():
    assert [Retry(jitter=lambda j=j: j).wait(1, Response(502), NOW).total_seconds() for j in (0.0, 0.5, 1.0)] == [0.75, 1, 1.25]
