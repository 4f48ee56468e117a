"""The requests to endpoints: what is asked, what is made of the answers, and what is never taken for zero."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest

from deploywatch.errors import SentryAuthError, SentryUnavailable
from deploywatch.sentry.endpoints import MAX_ENDPOINTS, ReleaseEndpoints
from deploywatch.watch.source import EndpointTally
from tests.sentry.support import DETAIL_404, NOW, page, raw, reply, stage
from tests.sentry.test_stats import MINUTE, START, line, modern, value

CHECKOUT = "POST /checkout"


def of(endpoint: object, axis: str, *values: dict, **meta) -> dict:
    found = line(axis, *values)
    return found | {"groupBy": [{"key": "transaction", "value": endpoint}], "meta": found["meta"] | meta}


def both(endpoint: object, requests: float, failed: float, **more) -> tuple[dict, dict]:
    return of(endpoint, "count()", value(0, requests, **more)), of(endpoint, "failure_count()", value(0, failed, **more))


def endpoints(s, *, environment: str | None = "prod"):
    return ReleaseEndpoints(s.client, release="shop@1.0+2", environment=environment, projects=("shop",))


def count(*answers, names=(CHECKOUT,)):
    return endpoints(stage(*answers)).count(names, START, NOW)


def test_all_of_them_are_asked_for_at_once():
    s = stage(reply(modern(*both(CHECKOUT, 20, 18), *both("GET /", 900, 3))))
    found = endpoints(s).count(("GET /", CHECKOUT), START, NOW)
    assert found == (EndpointTally("GET /", 900, 3, 900), EndpointTally(CHECKOUT, 20, 18, 20))
    one = 'is_transaction:true span.op:http.server release:"shop@1.0+2" transaction:'
    assert s.script.asked[0].line == "GET /organizations/acme/events-timeseries/"
    assert s.script.asked[0].query == (
        ("dataset", "spans"),
        ("query", f'{one}"GET /" OR {one}"POST /checkout"'),
        ("start", "2026-11-21T11:57:00Z"),
        ("end", "2026-11-21T12:00:00Z"),
        ("interval", "1m"),
        ("yAxis", "failure_count()"),
        ("yAxis", "count()"),
        ("groupBy", "transaction"),
        ("topEvents", "10"),
        ("sort", "-count()"),
        ("excludeOther", "1"),
        ("environment", "prod"),
        ("project", "shop"),
    )


def test_buckets_are_added_up_and_those_that_still_fill_are_among_them():
    values = (value(0, 5), value(1, None), value(2, 7, incomplete=True))
    found = count(reply(modern(of(CHECKOUT, "count()", *values), of(CHECKOUT, "failure_count()", value(2, 7)))))
    assert found == (EndpointTally(CHECKOUT, 12, 7, 12),)


def test_the_buckets_are_few_however_long_the_time():
    s = stage(reply(modern()))
    endpoints(s, environment=None).count((CHECKOUT,), NOW - timedelta(hours=5), NOW)
    assert (s.script.asked[0].values("interval"), s.script.asked[0].values("environment")) == (["5m"], [])


@pytest.mark.parametrize(
    ("more", "samples"),
    [({"sampleCount": 4, "sampleRate": 0.2}, 4), ({"sampleRate": 0.2}, 4), ({"sampleRate": None}, 20), ({"sampleCount": 99}, 20)],
)
def test_what_is_extrapolated_says_from_how_many(more, samples):
    assert count(reply(modern(*both(CHECKOUT, 20, 10, **more)))) == (EndpointTally(CHECKOUT, 20, 10, samples),)


@pytest.mark.parametrize(
    "lines",
    [
        (),
        both(CHECKOUT, 0, 0),
        both("GET /other", 20, 18),
        both(None, 20, 18),
        both({"a": 1}, 20, 18),
        (line("count()", value(0, 20)), line("failure_count()", value(0, 18))),
        (of(CHECKOUT, "count()", value(0, 20)),),
        (of(CHECKOUT, "count()", value(0, 20), isOther=True), of(CHECKOUT, "failure_count()", value(0, 2), isOther=True)),
    ],
    ids=["nothing", "no request", "another", "null", "an object", "not grouped", "no failures told", "all others"],
)
def test_what_is_not_told_is_left_out(lines):
    assert count(reply(modern(*lines))) == ()


# --- names -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ('say "hi" OR (a:b)', r'"say \"hi\" OR (a:b)"'),
        ("GET /files/*", r'"GET /files/\*"'),
        ("[a,b]", '"[a,b]"'),
        ("überall/日本", '"überall/日本"'),
        (r"App\Cart\*", r'"App*Cart*\*"'),
        ("a\nb\x00c", '"a*b*c"'),
        ('\\"', r'"*\""'),
    ],
)
def test_odd_names_are_written_so_that_they_mean_themselves_or_more(name, written):
    s = stage(reply(modern(*both(name, 20, 18), *both(name + "x", 500, 1))))
    assert endpoints(s).count((name,), START, NOW) == (EndpointTally(name, 20, 18, 20),)
    (text,) = s.script.asked[0].values("query")
    assert text.endswith(f" transaction:{written}")


@pytest.mark.parametrize("names", [(), ("",), (" ",), ("\\",), ("\n\\\x00",), ("日" * 2000,)])
def test_a_name_that_would_mean_everything_or_not_fit_is_not_asked_for(names):
    s = stage()
    assert endpoints(s).count(names, START, NOW) is None
    assert s.script.asked == []


def test_as_many_are_asked_for_as_an_address_holds():
    s = stage(reply(modern()), reply(modern()))
    endpoints(s).count([f"GET /{number}" for number in range(40)], START, NOW)
    endpoints(s).count(["日" * 150 + str(number) for number in range(9)] + ["GET /short"], START, NOW)
    texts = [asked.values("query")[0] for asked in s.script.asked]
    assert texts[0].count(" transaction:") == MAX_ENDPOINTS
    assert 1 < texts[1].count(" transaction:") < 9
    assert texts[1].endswith('"GET /short"')
    assert all(len(quote(text)) < 6000 for text in texts)


# --- servers that cannot tell --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", [lambda: page(200), lambda: page(404), lambda: reply(DETAIL_404, 404)])
def test_a_server_without_spans_cannot_tell_and_is_asked_only_once(missing):
    s = stage(missing())
    asked = endpoints(s)
    assert [asked.count((CHECKOUT,), START, NOW) for _ in range(3)] == [None] * 3
    assert len(s.script.asked) == 1


def test_what_took_too_long_is_asked_again_the_next_time():
    slow = {"detail": "Query timeout. Please try again."}
    s = stage(reply(slow, 400), reply({"id": "3"}), reply(slow, 400), reply(modern(*both(CHECKOUT, 20, 18))))
    asked = endpoints(s)
    assert asked.count((CHECKOUT,), START, NOW) is None
    assert asked.count((CHECKOUT,), START, NOW) == (EndpointTally(CHECKOUT, 20, 18, 20),)


def test_a_token_that_may_not_is_told_once():
    asked = endpoints(stage(reply({"detail": "no"}, 403)))
    with pytest.raises(SentryAuthError, match="does not let the token"):
        asked.count((CHECKOUT,), START, NOW)
    assert asked.count((CHECKOUT,), START, NOW) is None


@pytest.mark.parametrize(
    "answer", ["[]", "null", '{"timeSeries": [3]}', '{"timeSeries": null}', '{"timeSeries": [{"groupBy": 1}]}']
)
def test_an_answer_that_makes_no_sense_is_no_answer(answer):
    with pytest.raises(SentryUnavailable, match="makes no sense"):
        count(raw(answer))


def test_a_server_that_is_down_is_not_a_server_that_cannot_tell():
    with pytest.raises(SentryUnavailable):
        endpoints(stage(page(502), attempts=1)).count((CHECKOUT,), START, NOW)


def test_no_time_has_no_requests():
    assert endpoints(stage()).count((CHECKOUT,), NOW, NOW - MINUTE) is None
