from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deploywatch.errors import SentryEndpointMissing, SentryRejected, SentryUnavailable
from deploywatch.sentry.stats import Point, SeriesQuery, series
from tests.sentry.support import DETAIL_404, NOW, page, reply, stage

MINUTE = timedelta(minutes=1)
START = NOW - 3 * MINUTE
QUERY = SeriesQuery("spans", "is_transaction:true", START, NOW, MINUTE, "prod", ("shop",), legacy_text="event.type:transaction")
MILLIS = int(START.timestamp() * 1000)
MODERN = "/organizations/acme/events-timeseries/"
LEGACY = "/organizations/acme/events-stats/"


def value(place: int, number: float | None, **more) -> dict:
    return {"timestamp": MILLIS + place * 60_000, "value": number, "incomplete": False} | more


def line(axis: str, *values: dict, interval: object = 60_000) -> dict:
    return {"yAxis": axis, "meta": {"interval": interval, "valueType": "number"}, "values": list(values)}


def modern(*lines: dict) -> dict:
    return {"meta": {"dataset": "spans", "start": MILLIS, "end": MILLIS + 180_000}, "timeSeries": list(lines)}


def test_milliseconds_and_two_axes():
    s = stage(reply(modern(line("count()", value(0, 10), value(1, 20)), line("failure_count()", value(0, 1), value(1, None)))))
    found = series(s.client, QUERY, ("count()", "failure_count()"))
    assert found.points == (
        Point(START, MINUTE, {"count()": 10.0, "failure_count()": 1.0}),
        Point(START + MINUTE, MINUTE, {"count()": 20.0, "failure_count()": 0.0}),
    )
    assert (found.total("count()"), found.caveats) == (30.0, ())
    assert s.script.asked[0].line == f"GET {MODERN}"
    assert s.script.asked[0].query == (
        ("dataset", "spans"),
        ("query", "is_transaction:true"),
        ("start", "2026-11-21T11:57:00Z"),
        ("end", "2026-11-21T12:00:00Z"),
        ("interval", "1m"),
        ("yAxis", "count()"),
        ("yAxis", "failure_count()"),
        ("environment", "prod"),
        ("project", "shop"),
    )


def test_incomplete_buckets_are_left_out():
    s = stage(reply(modern(line("count()", value(0, 1), value(1, 2), value(2, 3, incomplete=True)))))
    assert [point.values["count()"] for point in series(s.client, QUERY, ("count()",)).points] == [1, 2]


@pytest.mark.parametrize("more", [{"confidence": "low"}, {"sampleRate": 0.25}])
def test_sampled_counts_are_said_to_be_so(more):
    [caveat] = series(stage(reply(modern(line("count()", value(0, 1, **more))))).client, QUERY, ("count()",)).caveats
    assert "sample" in caveat
    errors = replace(QUERY, dataset="errors")
    assert series(stage(reply(modern(line("count()", value(0, 1, **more))))).client, errors, ("count()",)).caveats == ()


@pytest.mark.parametrize(
    ("interval", "width"),
    [
        (60_000, MINUTE),
        (60, MINUTE),
        (300_000, 5 * MINUTE),
        (300, 5 * MINUTE),
        (None, MINUTE),
        ("x", MINUTE),
        (0, MINUTE),
        (True, MINUTE),
    ],
)
def test_the_interval_that_the_server_chose_is_read_in_either_unit(interval, width):
    found = series(stage(reply(modern(line("count()", value(0, 1), interval=interval)))).client, QUERY, ("count()",))
    assert found.points[0].width == width


@pytest.mark.parametrize("missing", [page(200), page(404), reply(DETAIL_404, 404)])
def test_a_server_without_it_is_asked_the_old_way_in_seconds(missing):
    seconds = int(START.timestamp())
    rows = [[seconds, [{"count": 5}]], [seconds + 60, [{"count": 6}, {"count": 1}]], [seconds + 120, []]]
    s = stage(missing, reply({"data": rows, "start": seconds, "end": seconds + 180}))
    found = series(s.client, QUERY, ("count()",))
    assert [(point.start, point.values["count()"]) for point in found.points] == [
        (START, 5),
        (START + MINUTE, 7),
        (START + 2 * MINUTE, 0),
    ]
    assert s.script.asked[1].line == f"GET {LEGACY}"
    assert s.script.asked[1].values("dataset") == ["discover"]
    assert s.script.asked[1].values("query") == ["event.type:transaction"]


def test_several_axes_the_old_way():
    seconds = int(START.timestamp())
    axes = {
        axis: {"data": [[seconds, [{"count": n}]], [seconds + 60, [{"count": n}]]]} for n, axis in enumerate(("a()", "b()"), 1)
    }
    found = series(stage(page(404), reply(axes)).client, QUERY, ("a()", "b()"))
    assert found.points[0] == Point(START, MINUTE, {"a()": 1, "b()": 2})


def test_the_last_bucket_that_has_not_ended_is_left_out_the_old_way_too():
    seconds = int(START.timestamp())
    rows = [[seconds + 60 * n, [{"count": 1}]] for n in range(4)]
    assert len(series(stage(page(404), reply({"data": rows})).client, QUERY, ("count()",)).points) == 3


@pytest.mark.parametrize("second", [page(404), reply(DETAIL_404, 404)])
def test_a_server_with_neither_cannot_count(second):
    with pytest.raises(SentryEndpointMissing):
        series(stage(reply(DETAIL_404, 404), second).client, QUERY, ("count()",))


def test_a_refusal_is_told():
    with pytest.raises(SentryRejected, match="not a valid function"):
        series(stage(reply({"detail": "x is not a valid function"}, 400), reply(DETAIL_404, 404)).client, QUERY, ("x",))


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        {"timeSeries": None},
        {"timeSeries": [{"yAxis": "a"}]},
        {"timeSeries": [line("a", {"timestamp": "soon"})]},
        {"timeSeries": [3]},
    ],
)
def test_nonsense_is_one_typed_error(answer):
    with pytest.raises(SentryUnavailable, match="makes no sense"):
        series(stage(reply(answer)).client, QUERY, ("count()",))


def test_numbers_that_are_none_count_as_nothing():
    values = (value(0, float("1")), value(1, "many"), value(2, True))
    points = series(stage(reply(modern(line("count()", *values)))).client, QUERY, ("count()",)).points
    assert [point.values["count()"] for point in points] == [1, 0, 0]
    assert points[0].start == datetime(2026, 11, 21, 11, 57, tzinfo=UTC)
