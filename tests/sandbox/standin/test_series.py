"""Counts over time, and session counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from deploywatch.sandbox.standin import ingest
from deploywatch.sandbox.standin.server import StandIn
from tests.sandbox.payloads import error

NOW = datetime(2026, 5, 4, 10, 30, 20, tzinfo=UTC)
STATS = "organizations/acme/events-stats/"
SERIES = "organizations/acme/events-timeseries/"


@pytest.fixture(scope="module")
def sentry() -> Iterator[StandIn]:
    """A server whose clock stands still, with errors and requests of the last five minutes."""
    with StandIn(now=lambda: NOW) as server:
        shop = server.state.projects[0]
        for minutes, release, user in ((4.2, "shop@1.0.0", "1"), (1.1, "shop@2.0.0", "1"), (1.2, "shop@2.0.0", "2")):
            at = (NOW - timedelta(minutes=minutes)).isoformat()
            server.receive(error(timestamp=at, release=release, user={"id": user}), project="shop")
        for minutes, status in ((4.2, "ok"), (1.1, "internal_error"), (1.2, "ok"), (1.3, "ok"), (1.25, "not_found"), (0.1, "ok")):
            ingest.take_transaction(server.state, shop, request(minutes, status))
        for started, counts in ((NOW - timedelta(hours=2), {"exited": 8, "crashed": 2}), (NOW, {"exited": 5})):
            aggregates = [{"started": started.isoformat(), **counts}]
            attributes = {"release": "shop@2.0.0", "environment": "production"}
            ingest.take_sessions(server.state, shop, {"attrs": attributes, "aggregates": aggregates})
        yield server


@pytest.fixture(scope="module")
def api(sentry: StandIn) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{sentry.url}/api/0/", headers={"Authorization": f"Bearer {sentry.token}"}) as client:
        yield client


def request(minutes: float, status: str) -> dict[str, Any]:
    return {
        "timestamp": (NOW - timedelta(minutes=minutes)).isoformat(),
        "transaction": "/checkout",
        "release": "shop@2.0.0",
        "environment": "production",
        "contexts": {"trace": {"op": "http.server", "status": status}},
    }


def values(api: httpx.Client, **query: str) -> list[float]:
    answer = api.get(SERIES, params={"statsPeriod": "5m", "interval": "60", "dataset": "errors", **query})
    assert answer.status_code == 200, answer.text
    return [value["value"] for value in answer.json()["timeSeries"][0]["values"]]


# The window is 10:25:20 to 10:30:20, so there are six buckets, from 10:25 to 10:30.
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, [0, 1, 0, 0, 2, 0]),
        ({"query": "release:shop@2.0.0"}, [0, 0, 0, 0, 2, 0]),
        ({"query": "release:shop@1.0.0 OR release:shop@2.0.0"}, [0, 1, 0, 0, 2, 0]),
        ({"query": "release:shop@1.0.0 AND level:error"}, [0, 1, 0, 0, 0, 0]),
        ({"yAxis": "count_unique(user)"}, [0, 1, 0, 0, 2, 0]),
        ({"yAxis": "epm()"}, [0, 1, 0, 0, 2, 0]),
        ({"yAxis": "eps()"}, [0, 1 / 60, 0, 0, 2 / 60, 0]),
        ({"dataset": "spans"}, [0, 1, 0, 0, 4, 1]),
        ({"dataset": "spans", "query": "is_transaction:true span.op:http.server"}, [0, 1, 0, 0, 4, 1]),
        ({"dataset": "spans", "query": "transaction:/else"}, [0, 0, 0, 0, 0, 0]),
        ({"dataset": "spans", "yAxis": "failure_count()"}, [0, 0, 0, 0, 2, 0]),
        ({"dataset": "transactions", "yAxis": "failure_rate()"}, [0, 0, 0, 0, 0.5, 0]),
        ({"environment": "production"}, [0, 1, 0, 0, 2, 0]),
        ({"interval": "5m"}, [3, 0]),
    ],
)
def test_timeseries(api: httpx.Client, query: dict[str, str], expected: list[float]) -> None:
    assert values(api, **query) == expected


def test_timeseries_speak_milliseconds_and_mark_what_has_not_ended(api: httpx.Client) -> None:
    answer = api.get(SERIES, params={"statsPeriod": "5m", "interval": "60", "dataset": "errors"}).json()
    assert answer["meta"]["end"] == NOW.timestamp() * 1000
    assert answer["timeSeries"][0]["meta"]["interval"] == 60_000
    series = answer["timeSeries"][0]["values"]
    assert series[0]["timestamp"] == datetime(2026, 5, 4, 10, 25, tzinfo=UTC).timestamp() * 1000
    assert [value["incomplete"] for value in series] == [False] * 5 + [True]


def test_stats_speak_seconds_and_leave_out_what_has_not_ended(api: httpx.Client) -> None:
    asked = {"statsPeriod": "5m", "interval": "1m", "dataset": "errors"}
    answer = api.get(STATS, params=asked).json()
    assert answer["data"][0] == [datetime(2026, 5, 4, 10, 25, tzinfo=UTC).timestamp(), [{"count": 0}]]
    assert [point[1][0]["count"] for point in answer["data"]] == [0, 1, 0, 0, 2]
    assert len(api.get(STATS, params={**asked, "partial": "1"}).json()["data"]) == 6


def test_several_axes_are_told_apart(api: httpx.Client) -> None:
    answer = api.get(
        STATS, params={"yAxis": ["count()", "failure_count()"], "statsPeriod": "5m", "interval": "5m", "dataset": "spans"}
    ).json()
    assert {axis: entry["data"][0][1][0]["count"] for axis, entry in answer.items()} == {"count()": 5, "failure_count()": 2}


def test_discover_counts_errors_and_requests(api: httpx.Client) -> None:
    points = api.get(STATS, params={"statsPeriod": "5m", "interval": "5m", "partial": "1"}).json()["data"]
    assert sum(point[1][0]["count"] for point in points) == 3 + 6
    errors = api.get(STATS, params={"statsPeriod": "5m", "interval": "5m", "partial": "1", "query": "event.type:error"}).json()[
        "data"
    ]
    assert sum(point[1][0]["count"] for point in errors) == 3


def top(api: httpx.Client, **query: str) -> list[dict[str, Any]]:
    asked = {"statsPeriod": "5m", "interval": "60", "dataset": "spans", "sort": "-count()", "topEvents": "1"}
    answer = api.get(SERIES, params=[*(asked | query).items(), ("yAxis", "count()"), ("yAxis", "failure_count()")])
    assert answer.status_code == 200, answer.text
    return answer.json()["timeSeries"]


def test_top_events_are_series_of_their_own_and_all_others_one(sentry: StandIn, api: httpx.Client) -> None:
    shop = sentry.state.projects[0]
    for minutes in (1.5, 2.5):
        ingest.take_transaction(sentry.state, shop, request(minutes, "internal_error") | {"transaction": "/cart", "release": "x"})
    found = top(api, groupBy="transaction")
    assert [(line["yAxis"], line["groupBy"], line["meta"]["isOther"]) for line in found] == [
        ("count()", [{"key": "transaction", "value": "/checkout"}], False),
        ("failure_count()", [{"key": "transaction", "value": "/checkout"}], False),
        ("count()", None, True),
        ("failure_count()", None, True),
    ]
    assert [sum(value["value"] for value in line["values"]) for line in found] == [6, 2, 2, 2]
    assert len(top(api, groupBy="transaction", excludeOther="1")) == 2
    assert top(api, groupBy="transaction", sort="-failure_rate()")[0]["groupBy"][0]["value"] == "/cart"
    assert [line["groupBy"][0]["value"] for line in top(api, groupBy="nothing")] == [None, None]
    assert top(api, groupBy="transaction", query="release:nope") == []


@pytest.mark.parametrize(
    "query",
    [
        "topEvents=0&groupBy=transaction&sort=count()",
        "topEvents=11&groupBy=transaction&sort=count()",
        "topEvents=5&sort=count()",
        "topEvents=5&groupBy=transaction",
        "topEvents=5&groupBy=transaction&sort=p50()",
    ],
)
def test_top_events_want_an_order_and_something_to_group_by(api: httpx.Client, query: str) -> None:
    assert api.get(f"{SERIES}?dataset=spans&{query}").status_code == 400


@pytest.mark.parametrize(("period", "interval"), [("30m", 60_000), ("12h", 300_000), ("7d", 3_600_000)])
def test_an_interval_that_makes_no_sense_is_replaced_without_a_word(api: httpx.Client, period: str, interval: int) -> None:
    answer = api.get(SERIES, params={"statsPeriod": period, "interval": "soon", "dataset": "errors"})
    assert answer.json()["timeSeries"][0]["meta"]["interval"] == interval


@pytest.mark.parametrize(
    "query",
    [
        "dataset=nope",
        "",
        "dataset=errors&yAxis=p50()",
        "dataset=errors&statsPeriod=90d&interval=1s",
        "dataset=errors&query=(a:b)",
    ],
)
def test_series_that_make_no_sense_are_400(api: httpx.Client, query: str) -> None:
    assert api.get(f"{SERIES}?{query}").status_code == 400


def test_sessions_in_all_and_by_hour(api: httpx.Client) -> None:
    asked = "field=sum(session)&field=crash_free_rate(session)&field=errored_rate(session)&statsPeriod=3h&groupBy=release&groupBy=environment"
    answer = api.get(f"organizations/acme/sessions/?{asked}").json()
    group = answer["groups"][0]
    assert group["by"] == {"release": "shop@2.0.0", "environment": "production"}
    assert group["totals"]["sum(session)"] == 15
    assert group["totals"]["crash_free_rate(session)"] == pytest.approx(13 / 15)
    assert group["series"]["sum(session)"] == [0, 10, 0, 5]
    assert group["series"]["errored_rate(session)"] == [None, 0.2, None, 0.0]
    assert len(answer["intervals"]) == 4


def test_sessions_of_another_release_are_not_there(api: httpx.Client) -> None:
    assert api.get("organizations/acme/sessions/?field=sum(session)&query=release:nope").json()["groups"] == []


@pytest.mark.parametrize(
    "query",
    [
        "",
        "field=nope",
        "field=sum(session)&groupBy=x",
        "field=sum(session)&interval=7h",
        "field=sum(session)&statsPeriod=90d&interval=1m",
    ],
)
def test_sessions_that_make_no_sense_are_400(api: httpx.Client, query: str) -> None:
    assert api.get(f"organizations/acme/sessions/?{query}").status_code == 400
