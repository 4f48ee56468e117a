"""What the real SDK sends is stored, grouped, counted and given back."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
import sentry_sdk
from sentry_sdk.utils import event_from_exception

from deploywatch.sandbox.standin.server import StandIn
from tests.sandbox.payloads import error, message

PRICES = {"tea": 3}


def price(item: str) -> int:
    return PRICES[item]


@pytest.fixture
def sdk(sentry: StandIn) -> Iterator[Callable[..., sentry_sdk.Client]]:
    """Makes clients of the real SDK, which are flushed and closed in the end."""
    clients = []

    def make(**options: Any) -> sentry_sdk.Client:
        told = {"release": "shop@1.0.0", "environment": "production", "default_integrations": False, **options}
        clients.append(sentry_sdk.Client(dsn=sentry.dsn("shop"), **told))
        return clients[-1]

    yield make
    for client in clients:
        client.close(timeout=5)


def report(client: sentry_sdk.Client, item: str) -> str | None:
    try:
        price(item)
    except KeyError as raised:
        event, hint = event_from_exception(raised, client.options, {"type": "test", "handled": False})
        sent = client.capture_event(event, hint)
        client.flush(timeout=5)
        return sent
    return None


@pytest.mark.parametrize("coding", ["gzip", None])
def test_an_exception_becomes_an_issue_with_its_event(sentry: StandIn, api: httpx.Client, sdk: Any, coding: str | None) -> None:
    client = sdk(
        _experiments={"transport_compression_algo": coding or "gzip", "transport_compression_level": 0 if coding is None else 9}
    )
    event_id = report(client, "spoon")
    issue = api.get("organizations/acme/issues/?environment=production&query=firstRelease:shop@1.0.0").json()[0]
    assert (issue["title"], issue["count"], issue["isUnhandled"]) == ("KeyError: 'spoon'", "1", True)
    event = api.get(f"organizations/acme/issues/{issue['id']}/events/latest/").json()
    assert event["eventID"] == event_id
    frame = event["entries"][0]["data"]["values"][0]["stacktrace"]["frames"][-1]
    assert (frame["function"], frame["lineNo"]) == ("price", price.__code__.co_firstlineno + 1)
    assert [frame["lineNo"], "    return PRICES[item]"] in frame["context"]
    assert event["release"]["version"] == "shop@1.0.0"


def test_the_raw_event_is_what_was_sent(sentry: StandIn, api: httpx.Client, sdk: Any) -> None:
    event_id = report(sdk(), "spoon")
    raw = api.get(f"projects/acme/shop/events/{event_id}/json/").json()
    assert raw["exception"]["values"][0]["stacktrace"]["frames"][-1]["function"] == "price"
    assert ["release", "shop@1.0.0"] in raw["tags"]


def test_one_issue_for_one_failure_and_another_for_another(sentry: StandIn, api: httpx.Client, sdk: Any) -> None:
    client = sdk()
    for item in ("spoon", "fork"):
        report(client, item)
    client.capture_event({"message": "Hello", "level": "warning"})
    client.flush(timeout=5)
    issues = api.get("organizations/acme/issues/?query=").json()
    assert sorted((issue["shortId"], issue["count"], issue["level"]) for issue in issues) == [
        ("SHOP-1", "2", "error"),
        ("SHOP-2", "1", "warning"),
    ]


def test_transactions_give_a_failure_rate(sentry: StandIn, api: httpx.Client, sdk: Any) -> None:
    client = sdk(traces_sample_rate=1.0)
    for status in ("ok", "internal_error", "not_found", "cancelled"):
        scope = sentry_sdk.Scope(client=client)
        with sentry_sdk.scope.use_scope(scope), scope.start_transaction(name="/checkout", op="http.server") as span:
            span.set_status(status)
    client.flush(timeout=5)
    asked = "dataset=spans&yAxis=failure_count()&yAxis=count()&yAxis=failure_rate()&interval=3600&statsPeriod=5m&query=transaction:/checkout"
    series = {entry["yAxis"]: entry for entry in api.get(f"organizations/acme/events-timeseries/?{asked}").json()["timeSeries"]}
    sums = {axis: sum(value["value"] for value in entry["values"]) for axis, entry in series.items()}
    assert sums == {"failure_count()": 2, "count()": 4, "failure_rate()": 0.5}


def test_sessions_are_counted(sentry: StandIn, api: httpx.Client, sdk: Any) -> None:
    client = sdk(auto_session_tracking=True)
    for status in ("exited", "exited", "crashed"):
        session = sentry_sdk.sessions.Session(release="shop@1.0.0", environment="production", session_mode="request")
        session.update(status=status)
        client.capture_session(session)
    client.close(timeout=5)
    group = api.get("organizations/acme/sessions/?field=sum(session)&field=crash_rate(session)&groupBy=release").json()["groups"][
        0
    ]
    assert group["by"] == {"release": "shop@1.0.0"}
    assert group["totals"] == {"sum(session)": 3, "crash_rate(session)": pytest.approx(1 / 3)}


def post(sentry: StandIn, items: list[tuple[dict[str, Any], bytes]], **request: Any) -> httpx.Response:
    body = b"{}\n" + b"".join(json.dumps(header).encode() + b"\n" + payload + b"\n" for header, payload in items)
    headers = {
        "X-Sentry-Auth": f"Sentry sentry_key={sentry.state.projects[0].key}, sentry_version=7",
        **request.pop("headers", {}),
    }
    return httpx.post(
        f"{sentry.url}/api/{request.pop('project', 1)}/envelope/",
        content=request.pop("content", body),
        headers=headers,
        **request,
    )


def event_item(payload: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    return {"type": "event"}, json.dumps(payload).encode()


def test_unknown_items_are_skipped_and_the_rest_taken(sentry: StandIn) -> None:
    odd = ({"type": "replay_recording", "length": 3}, b"\n\n\n")
    report_item = (
        {"type": "client_report"},
        b'{"discarded_events":[{"reason":"queue_overflow","category":"error","quantity":4}]}',
    )
    answer = post(sentry, [odd, event_item(error()), report_item])
    assert answer.status_code == 200
    assert len(sentry.state.issues) == 1
    assert sentry.state.discarded == {"queue_overflow": 4}


def test_the_same_event_twice_counts_once(sentry: StandIn) -> None:
    payload = error()
    for _ in range(2):
        assert post(sentry, [event_item(payload)]).status_code == 200
    assert sentry.state.issues[1].times_seen == 1


def test_the_key_may_stand_in_the_query_or_in_the_envelope(sentry: StandIn) -> None:
    nothing = {"X-Sentry-Auth": ""}
    key = sentry.state.projects[0].key
    assert post(sentry, [event_item(error())], headers=nothing, params={"sentry_key": key}).status_code == 200
    in_envelope = json.dumps({"dsn": sentry.dsn("shop")}).encode() + b'\n{"type":"event"}\n' + json.dumps(error()).encode()
    assert post(sentry, [], content=in_envelope, headers=nothing).status_code == 200
    assert sentry.state.issues[1].times_seen == 2


@pytest.mark.parametrize(
    "request_", [{"headers": {"X-Sentry-Auth": "Sentry sentry_key=wrong"}}, {"project": 99}, {"headers": {"X-Sentry-Auth": ""}}]
)
def test_a_wrong_key_or_project_is_403(sentry: StandIn, request_: dict[str, Any]) -> None:
    assert post(sentry, [event_item(error())], **request_).status_code == 403
    assert sentry.state.issues == {}


@pytest.mark.parametrize("content", [b"", b"nonsense", b'{}\n{"type":"event"}\n[]', b'{}\n{"type":"event"}\n{"event_id":"no"}'])
def test_a_malformed_envelope_is_400(sentry: StandIn, content: bytes) -> None:
    assert post(sentry, [], content=content).status_code == 400


def test_store_takes_one_event(sentry: StandIn) -> None:
    key = sentry.state.projects[0].key
    body = gzip.compress(json.dumps(message("Hello")).encode())
    answer = httpx.post(f"{sentry.url}/api/1/store/?sentry_key={key}", content=body, headers={"Content-Encoding": "gzip"})
    assert answer.json()["id"] in sentry.state.events


def test_an_issue_keeps_its_latest_events_and_counts_all(sentry: StandIn) -> None:
    sentry.receive(error(), project="shop")
    issue = sentry.state.issues[1]
    kept = issue.events.maxlen or 0
    for _ in range(kept + 4):
        sentry.receive(error(), project="shop")
    assert (len(issue.events), len(sentry.state.events), issue.times_seen) == (kept, kept, kept + 5)


def test_reset_forgets_everything(sentry: StandIn, api: httpx.Client) -> None:
    sentry.receive(error(), project="shop")
    sentry.reset()
    assert api.get("organizations/acme/issues/?query=").json() == []
    assert [seen.path for seen in sentry.seen] == ["/api/0/organizations/acme/issues/"]
