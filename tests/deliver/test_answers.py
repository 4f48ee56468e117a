from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from deploywatch.deliver.answers import Post, retry_after, send
from deploywatch.deliver.channel import Outcome, Policy, Receipt
from deploywatch.http import HttpClient
from tests.fakes.loopback import Loopback, drip, hang_up, http, silence

NOW = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
HALF = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf"


def sent_to(*answers, timeout: timedelta = timedelta(seconds=5)) -> Receipt:
    with Loopback(answers) as server, HttpClient(environ={}) as client:
        return send(client, Post(server.url, "{}", {}, timeout), NOW)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *((f"{status} Fine", Outcome.TAKEN) for status in (200, 201, 202)),
        *((f"{status} Later", Outcome.LATER) for status in (408, 425, 429, 500, 503)),
        *((f"{status} Gateway", Outcome.UNSURE) for status in (502, 504, 522)),
        *((f"{status} No", Outcome.REFUSED) for status in (301, 302, 307, 400, 401, 403, 404, 409, 410, 413, 422, 501)),
    ],
)
def test_what_a_status_says(status: str, outcome: Outcome):
    receipt = sent_to(http(status, b"the reason"))
    assert (receipt.outcome, receipt.status, receipt.answer) == (outcome, int(status[:3]), "the reason")
    assert bool(receipt.error) is (outcome is not Outcome.TAKEN)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (hang_up, Outcome.UNSURE),
        (b"", Outcome.UNSURE),
        (b"HTTP/1.1 ", Outcome.UNSURE),
        (HALF, Outcome.TAKEN),
        (HALF.replace(b"200", b"400"), Outcome.REFUSED),
    ],
    ids=["reset", "closed", "cut in the status", "cut in the body", "cut refusal"],
)
def test_what_a_missing_answer_says(answer, outcome: Outcome):
    receipt = sent_to(answer)
    assert receipt.outcome is outcome
    assert receipt.error


def test_an_answer_that_takes_too_long_is_unsure():
    assert sent_to(silence(5), timeout=timedelta(milliseconds=80)).outcome is Outcome.UNSURE


def test_a_body_that_takes_too_long_does_not_change_what_the_status_said():
    assert sent_to(drip(b"x", 20, 0.02), timeout=timedelta(milliseconds=80)).outcome is Outcome.TAKEN


@pytest.mark.parametrize(
    ("url", "outcome"),
    [("http://127.0.0.1:1/", Outcome.LATER), ("http://bad:port/", Outcome.REFUSED), ("gopher://x/", Outcome.REFUSED)],
)
def test_what_was_never_sent_is_not_taken(url: str, outcome: Outcome):
    with HttpClient(environ={}) as client:
        assert send(client, Post(url, "{}", {}, timedelta(seconds=5)), NOW).outcome is outcome


def test_a_host_without_tls_is_refused():
    with Loopback([b"not tls"]) as server, HttpClient(environ={}) as client:
        receipt = send(client, Post(server.url.replace("http:", "https:"), "{}", {}, timedelta(seconds=5)), NOW)
    assert (receipt.outcome, receipt.status) == (Outcome.REFUSED, None)


def test_no_secret_of_the_address_is_in_the_error():
    with HttpClient(environ={}) as client:
        receipt = send(client, Post("http://127.0.0.1:1/services/sesame?x=sesame", "{}", {}, timedelta(seconds=5)), NOW)
    assert "127.0.0.1:1" in (receipt.error or "")
    assert "sesame" not in repr(receipt)


def test_only_harmless_headers_are_kept():
    receipt = sent_to(http(set_cookie="sid=sesame", x_request_id="r-1", retry_after="7"))
    assert dict(receipt.headers) == {"content-type": "application/json", "x-request-id": "r-1", "retry-after": "7"}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        (" 0 ", 0),
        ("Fri, 20 Nov 2026 14:06:00 GMT", 60),
        ("Fri, 20 Nov 2026 14:00:00 GMT", 0),
        ("", None),
        ("-1", None),
        ("soon", None),
        ("1e9", None),
        ("99999999999", None),
        ("²", None),
        ("Fri, 99 Nov 2026 14:06:00 GMT", None),
    ],
)
def test_retry_after(value: str, seconds: int | None):
    assert retry_after({"retry-after": value}, NOW) == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("tried", "jitter", "seconds"),
    [(1, 0.5, 1), (2, 0.5, 2), (5, 0.5, 16), (9, 0.5, 30), (99, 0.5, 30), (1, 0, 0.75), (1, 1, 1.25)],
)
def test_waits_grow_up_to_the_longest(tried: int, jitter: float, seconds: float):
    assert Policy(repeatable=True).wait(tried, Receipt(Outcome.LATER), jitter) == timedelta(seconds=seconds)


def test_the_channels_own_wait_comes_first():
    assert Policy(repeatable=True).wait(5, Receipt(Outcome.LATER, wait=timedelta(minutes=3)), 0.5) == timedelta(minutes=3)


def test_no_message_is_sent_on_a_connection_that_was_kept():
    """The server may be closing it at that moment, and nobody could tell whether the message arrived."""
    kept = http(connection="keep-alive")
    with Loopback([kept]) as server, HttpClient(environ={}) as client:
        outcomes = [send(client, Post(server.url, "{}", {}, timedelta(seconds=5)), NOW).outcome for _ in range(3)]
    assert outcomes == [Outcome.TAKEN] * 3
    assert all(b"connection: close" in request.lower() for request in server.requests)
