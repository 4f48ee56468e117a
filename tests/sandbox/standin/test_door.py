"""What stands before every handler: tokens and scopes, limits, faults, paging, JSON."""

from __future__ import annotations

import json
import re
import time

import httpx
import pytest

from deploywatch.sandbox.standin.faults import Fault, Faults
from deploywatch.sandbox.standin.server import StandIn
from tests.sandbox.payloads import error

ISSUES = "organizations/acme/issues/"


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        ("", "Authentication credentials were not provided."),
        ("Basic abc", "Authentication credentials were not provided."),
        ("Bearer", "Invalid token header. No credentials provided."),
        ("Bearer a b", "Invalid token header. No credentials provided."),
        ("Bearer wrong", "Invalid token"),
    ],
)
def test_without_a_good_token_it_is_401(api: httpx.Client, header: str, detail: str) -> None:
    answer = api.get(ISSUES, headers={"Authorization": header})
    assert (answer.status_code, answer.json()) == (401, {"detail": detail})


@pytest.mark.parametrize(
    ("scopes", "method", "path", "status"),
    [
        (["event:read"], "GET", "issues/1/", 200),
        (["event:read"], "PUT", "issues/1/", 403),
        (["event:read"], "POST", "issues/1/comments/", 403),
        (["event:write"], "POST", "issues/1/comments/", 201),
        (["event:read"], "GET", "organizations/acme/releases/", 403),
        (["project:releases"], "GET", "organizations/acme/releases/", 200),
        (["project:releases"], "GET", "organizations/acme/repos/", 403),
        (["project:read"], "GET", "projects/acme/shop/ownership/", 200),
        ([], "GET", "", 200),
    ],
)
def test_scopes(sentry: StandIn, api: httpx.Client, scopes: list[str], method: str, path: str, status: int) -> None:
    sentry.receive(error(), project="shop")
    body = {"text": "seen"} if method == "POST" else {"status": "resolved"} if method == "PUT" else None
    answer = api.request(method, path, json=body, headers={"Authorization": f"Bearer {sentry.add_token(*scopes)}"})
    assert answer.status_code == status


def test_an_organization_token_does_releases_and_nothing_else(sentry: StandIn, api: httpx.Client) -> None:
    sentry.receive(error(), project="shop")
    text = sentry.add_organization_token()
    assert re.fullmatch(r"sntrys_[A-Za-z0-9+/=]+_.{43}", text)
    header = {"Authorization": f"Bearer {text}"}
    assert (
        api.post("organizations/acme/releases/", json={"version": "a@1", "projects": ["shop"]}, headers=header).status_code == 201
    )
    assert api.get("organizations/acme/repos/", headers=header).status_code == 200
    assert api.get(ISSUES, headers=header).status_code == 403
    assert api.get("", headers=header).json()["user"] is None


def test_an_unknown_organization_is_404_and_an_unknown_address_an_empty_page(api: httpx.Client) -> None:
    assert api.get("organizations/nope/issues/").status_code == 404
    nowhere = api.get("organizations/acme/what-is-this/")
    assert (nowhere.status_code, nowhere.headers["content-type"].split(";")[0], nowhere.text) == (404, "text/html", "")


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 9999])
def test_a_body_that_is_no_json_is_400(api: httpx.Client, body: bytes) -> None:
    assert "JSON parse error" in api.post("organizations/acme/releases/", content=body).json()["detail"]


def test_limits_are_told_and_kept(sentry: StandIn, api: httpx.Client) -> None:
    sentry.limits.limit, sentry.limits.seconds = 2, 3600
    answers = [api.get(ISSUES) for _ in range(3)]
    assert [answer.headers["X-Sentry-Rate-Limit-Remaining"] for answer in answers] == ["1", "0", "0"]
    assert int(answers[0].headers["X-Sentry-Rate-Limit-Reset"]) > time.time()
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "too frequently" in answers[2].json()
    assert "Retry-After" not in answers[2].headers
    assert api.get("organizations/acme/releases/").status_code == 200
    other = {"Authorization": f"Bearer {sentry.add_token('event:read')}"}
    assert api.get(ISSUES, headers=other).status_code == 200


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        (Fault("GET", "*/issues/", status=502), 502, ""),
        (Fault("*", "*", status=409, json={"detail": "busy"}), 409, '{"detail": "busy"}'),
        (Fault("GET", "*/issues/", status=429, text="slow down", headers={"Retry-After": "7"}), 429, "slow down"),
        (Fault("GET", "*/issues/", json=[]), 200, "[]"),
    ],
)
def test_a_fault_happens_and_passes(sentry: StandIn, api: httpx.Client, fault: Fault, status: int, body: str) -> None:
    sentry.faults.add(fault)
    answer = api.get(ISSUES)
    assert (answer.status_code, answer.text) == (status, body)
    assert dict(fault.headers).items() <= {**fault.headers, **answer.headers}.items()
    assert api.get(ISSUES).json() == []
    assert [seen.status for seen in sentry.seen] == [status, 200]


def test_a_proxys_page(sentry: StandIn, api: httpx.Client) -> None:
    sentry.faults.add(Fault("GET", "*/issues/", html=True, times=2))
    answer = api.get(ISSUES)
    assert answer.headers["content-type"] == "text/html"
    assert "<html>" in answer.text


def test_half_an_answer(sentry: StandIn, api: httpx.Client) -> None:
    sentry.faults.add(Fault("GET", "*/issues/", cut=True))
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete|without sending complete"):
        api.get(ISSUES)
    assert api.get(ISSUES).json() == []


def test_a_late_answer(sentry: StandIn, api: httpx.Client) -> None:
    sentry.faults.add(Fault("GET", "*/issues/", delay=5))
    with pytest.raises(httpx.ReadTimeout):
        api.get(ISSUES, timeout=0.05)


def test_a_write_that_fails_changes_nothing(sentry: StandIn, api: httpx.Client) -> None:
    sentry.faults.add(Fault("POST", "*/releases/", status=503))
    api.post("organizations/acme/releases/", json={"version": "a@1", "projects": ["shop"]})
    assert sentry.state.releases == {}


def test_faults_of_ingest_reach_the_sdk(sentry: StandIn) -> None:
    sentry.faults.add(Fault("POST", "*/envelope/", status=429, headers={"Retry-After": "60"}))
    assert httpx.post(f"{sentry.url}/api/1/envelope/", content=b"{}").headers["retry-after"] == "60"


def test_faults_are_taken_in_order_and_counted() -> None:
    faults = Faults()
    first, rest = faults.add(Fault("GET", "/a*", times=2, status=500)), faults.add(Fault("*", "*", times=None, status=503))
    assert [faults.take("GET", "/api") for _ in range(4)] == [first, first, rest, rest]
    assert faults.take("PUT", "/api") is rest
    faults.clear()
    assert faults.take("GET", "/api") is None


def pages(api: httpx.Client, path: str) -> list[list[str]]:
    found, cursor = [], ""
    while True:
        answer = api.get(path, params={"query": "", "limit": "2", **({"cursor": cursor} if cursor else {})})
        found.append([entry["shortId"] for entry in answer.json()])
        following = re.search(r'rel="next"; results="(true|false)"; cursor="([^"]+)"', answer.headers["link"])
        assert following is not None
        if following[1] == "false":
            return found
        cursor = following[2]


@pytest.mark.parametrize(("count", "expected"), [(0, [0]), (1, [1]), (2, [2]), (5, [2, 2, 1])])
def test_pages_end_where_there_is_no_more(sentry: StandIn, api: httpx.Client, count: int, expected: list[int]) -> None:
    for number in range(count):
        sentry.receive(error(f"Error{number}"), project="shop")
    found = pages(api, ISSUES)
    assert [len(each) for each in found] == expected
    assert len({name for each in found for name in each}) == count


def test_links_keep_the_other_parameters(api: httpx.Client) -> None:
    link = api.get(ISSUES, params={"query": "is:new", "cursor": "0:0:0"}).headers["link"]
    assert "query=is%3Anew&cursor=0:100:0>" in link


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "per_page=x", "cursor=abc", "cursor=1:-1:0"])
def test_a_page_that_makes_no_sense_is_400(api: httpx.Client, query: str) -> None:
    assert api.get(f"{ISSUES}?{query}").status_code == 400


def test_requests_are_remembered_with_their_bodies(sentry: StandIn, api: httpx.Client) -> None:
    body = {"version": "a@1", "projects": ["shop"]}
    api.post("organizations/acme/releases/?x=1", content=json.dumps(body), headers={"User-Agent": "me/1"})
    seen = sentry.seen[-1]
    assert (seen.method, seen.path, seen.query, seen.body, seen.user_agent, seen.status) == (
        "POST",
        "/api/0/organizations/acme/releases/",
        "x=1",
        body,
        "me/1",
        201,
    )
    assert sentry.state.releases["a@1"].user_agent == "me/1"


def test_stopping_twice_is_no_harm_and_a_stopped_server_has_no_address() -> None:
    server = StandIn().start()
    assert httpx.get(f"{server.url}/api/0/").status_code == 401
    address = server.url
    server.stop()
    server.stop()
    with pytest.raises(RuntimeError, match="not running"):
        _ = server.url
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)


def test_two_servers_know_nothing_of_each_other(sentry: StandIn) -> None:
    with StandIn(organization="other", projects=("web",)) as second:
        second.receive(error(), project="web")
        assert (len(second.state.issues), len(sentry.state.issues)) == (1, 0)
        assert second.url != sentry.url
