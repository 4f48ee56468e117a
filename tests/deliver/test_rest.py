from __future__ import annotations

from datetime import timedelta

import pytest

from deploywatch.deliver.channel import CannotTell, Outcome
from deploywatch.deliver.rest import PAGE_SIZE, Api, document, segment, text_of
from deploywatch.http import HttpClient
from tests.deliver.support import START
from tests.fakes.api import Answer, FakeApi
from tests.fakes.loopback import Loopback, hang_up


def api(client: HttpClient, url: str) -> Api:
    return Api(client, url, (("Authorization", "Bearer sesame"),), lambda: START)


def test_what_is_written_and_read_carries_the_credentials():
    routes = {("POST", "/x"): lambda asked: Answer(201, {"id": 7}), ("GET", "/x"): lambda asked: Answer(200, [{"id": 7}])}
    with FakeApi(routes) as server, HttpClient(environ={}) as client:
        receipt = api(client, server.url).write("POST", "/x", {"a": "ü"})
        assert (receipt.outcome, document(receipt)) == (Outcome.TAKEN, {"id": 7})
        assert api(client, server.url).read("/x") == [{"id": 7}]
    assert [asked.headers["authorization"] for asked in server.requests] == ["Bearer sesame"] * 2
    assert server.requests[0].body == {"a": "ü"}
    assert "sesame" not in repr(api(client, server.url))


@pytest.mark.parametrize(
    ("status", "headers", "outcome", "wait"),
    [
        (403, {}, Outcome.REFUSED, None),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(START.timestamp()) + 90)}, Outcome.LATER, 90),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"}, Outcome.LATER, None),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9e99"}, Outcome.LATER, None),
        (403, {"x-ratelimit-remaining": "12"}, Outcome.REFUSED, None),
        (403, {"retry-after": "60"}, Outcome.LATER, 60),
        (429, {"ratelimit-remaining": "0", "ratelimit-reset": "1"}, Outcome.LATER, 0),
        (429, {}, Outcome.LATER, None),
        (422, {"x-ratelimit-remaining": "0"}, Outcome.REFUSED, None),
    ],
)
def test_a_spent_rate_limit_is_for_now(status: int, headers: dict, outcome: Outcome, wait: int | None):
    with FakeApi({("POST", "/x"): lambda asked: Answer(status, {}, headers)}) as server, HttpClient(environ={}) as client:
        receipt = api(client, server.url).write("POST", "/x", {})
    assert (receipt.outcome, receipt.wait) == (outcome, None if wait is None else timedelta(seconds=wait))


@pytest.mark.parametrize(("status", "for_now"), [(404, False), (401, False), (500, True), (502, True), (429, True)])
def test_what_cannot_be_read_cannot_tell(status: int, for_now: bool):
    with FakeApi({("GET", "/x"): lambda asked: Answer(status)}) as server, HttpClient(environ={}) as client:
        answer = api(client, server.url).read("/x")
    assert isinstance(answer, CannotTell)
    assert answer.for_now is for_now


def test_a_lost_answer_to_a_question_cannot_tell_for_now():
    with Loopback([hang_up]) as server, HttpClient(environ={}) as client:
        answer = api(client, server.url).read("/x")
    assert isinstance(answer, CannotTell)
    assert answer.for_now


def test_a_list_is_read_page_by_page():
    items = [{"id": number} for number in range(PAGE_SIZE + 3)]

    def page(asked) -> Answer:
        start = (int(asked.query["page"]) - 1) * int(asked.query["per_page"])
        return Answer(200, items[start : start + int(asked.query["per_page"])])

    with FakeApi({("GET", "/x"): page}) as server, HttpClient(environ={}) as client:
        assert api(client, server.url).pages("/x?state=all") == items
    assert [asked.query["state"] for asked in server.requests] == ["all", "all"]


def test_a_list_of_which_a_page_is_missing_cannot_tell():
    def page(asked) -> Answer:
        return Answer(200, [{}] * PAGE_SIZE) if asked.query["page"] == "1" else Answer(500)

    with FakeApi({("GET", "/x"): page}) as server, HttpClient(environ={}) as client:
        assert isinstance(api(client, server.url).pages("/x"), CannotTell)


@pytest.mark.parametrize(
    ("value", "expected"),
    [({"a": {"b": "x"}}, "x"), ({"a": {"b": 7}}, "7"), ({"a": None}, ""), ([], ""), (None, ""), ({"a": {"b": []}}, "")],
)
def test_text_of(value: object, expected: str):
    assert text_of(value, "a", "b") == expected


def test_segment_leaves_nothing_that_means_anything_in_a_path():
    assert segment("a/b?c#d e%") == "a%2Fb%3Fc%23d%20e%25"
