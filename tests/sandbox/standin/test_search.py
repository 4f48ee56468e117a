"""The search language, and what it finds among issues."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from deploywatch.sandbox.standin.answers import Refusal
from deploywatch.sandbox.standin.search import Term, parse, parse_boolean
from deploywatch.sandbox.standin.server import StandIn
from tests.sandbox.payloads import error, frame, message


@pytest.mark.parametrize(
    ("query", "terms"),
    [
        ("", []),
        ("is:unresolved", [Term("is", ("unresolved",))]),
        ('firstRelease:"shop@1.2.3+45"', [Term("firstRelease", ("shop@1.2.3+45",))]),
        ("first-release:v", [Term("firstRelease", ("v",))]),
        ("!level:[error,fatal]", [Term("level", ("error", "fatal"), negated=True)]),
        (r'message:"say \"hi\""', [Term("message", ('say "hi"',))]),
        ("spoon tea", [Term("", ("spoon",)), Term("", ("tea",))]),
        ("  is:new   release:a@1 ", [Term("is", ("new",)), Term("release", ("a@1",))]),
    ],
)
def test_parse(query: str, terms: list[Term]) -> None:
    assert parse(query) == terms


@pytest.mark.parametrize("query", ["a:1 OR b:2", "a:1 AND b:2", "(a:1)", "a:1 (b:2)"])
def test_issue_search_knows_no_boolean_operators(query: str) -> None:
    with pytest.raises(Refusal, match="400"):
        parse(query)


def test_series_know_and_and_a_flat_or() -> None:
    groups = [[Term("release", ("a",)), Term("level", ("error",))], [Term("release", ("b",))]]
    assert parse_boolean("release:a AND level:error OR release:b") == groups
    with pytest.raises(Refusal, match="parentheses"):
        parse_boolean("(release:a)")


def test_what_is_in_quotes_is_no_operator() -> None:
    name = Term("transaction", ('a OR b AND (c) "d"',))
    text = r'transaction:"a OR b AND (c) \"d\""'
    assert parse(text) == [name]
    assert parse_boolean(f"{text} OR a:1 AND {text}") == [[name], [Term("a", ("1",)), name]]


@pytest.mark.parametrize(
    ("want", "text", "fits"),
    [
        ("a*c", "abc", True),
        ("a*c", "ab", False),
        (r"a\*c", "a*c", True),
        (r"a\*c", "abc", False),
        ("a.c", "abc", False),
        ("*", "", True),
    ],
)
def test_wildcards(want: str, text: str, fits: bool) -> None:
    assert Term("title", (want,)).fits([text]) is fits


@pytest.fixture
def found(sentry: StandIn, api: httpx.Client):
    """Three issues: two errors (one of them resolved) and a message; the answer is their short ids."""
    sentry.state.add_team("backend")
    sentry.receive(error(release="shop@1.0.0", environment="staging"), project="shop")
    sentry.receive(error(release="shop@2.0.0", value="'fork'"), project="shop")
    other = error("TypeError", "no", release="shop@2.0.0", handled=True, user={"id": "8"}, tags={"region": "eu"})
    other["exception"]["values"][0]["stacktrace"]["frames"].append(frame("shop/tax.py", "rate", 3))
    sentry.receive(other, project="shop")
    sentry.receive(message("Hello", level="warning", release="shop@2.0.0", environment="production"), project="shop")
    api.put("issues/2/", json={"status": "resolved", "assignedTo": "robin@shop.example"})

    def ask(**query: str) -> list[str]:
        answer = api.get("organizations/acme/issues/", params=query)
        assert answer.status_code == 200, answer.text
        return sorted(issue["shortId"] for issue in answer.json())

    return ask


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["SHOP-1", "SHOP-2", "SHOP-3"]),
        ("is:unresolved", ["SHOP-1", "SHOP-3"]),
        ("!is:unresolved", ["SHOP-2"]),
        ("is:resolved is:assigned", ["SHOP-2"]),
        ("firstRelease:shop@1.0.0", ["SHOP-1"]),
        # Without an environment any environment's first release counts: SHOP-1 was first seen in production in 2.0.0.
        ("firstRelease:shop@2.0.0", ["SHOP-1", "SHOP-2", "SHOP-3"]),
        ("firstRelease:latest", ["SHOP-1", "SHOP-2", "SHOP-3"]),
        ("release:shop@1.0.0", ["SHOP-1"]),
        ("release:[shop@1.0.0,shop@2.0.0]", ["SHOP-1", "SHOP-2", "SHOP-3"]),
        ("release:shop@1.0.0 environment:production", []),
        ("level:error", ["SHOP-1", "SHOP-2"]),
        ("error.unhandled:1", ["SHOP-1"]),
        ("error.unhandled:true", ["SHOP-1"]),
        ("error.handled:0", ["SHOP-1"]),
        ("error.type:TypeError", ["SHOP-2"]),
        ("stack.filename:*/tax.py", ["SHOP-2"]),
        ("stack.function:price", ["SHOP-1", "SHOP-2"]),
        ("assigned:me", ["SHOP-2"]),
        ("assigned:none", ["SHOP-1", "SHOP-3"]),
        ("issue:SHOP-3", ["SHOP-3"]),
        ("timesSeen:>1", ["SHOP-1"]),
        ("timesSeen:<=1", ["SHOP-2", "SHOP-3"]),
        ("age:-1h", ["SHOP-1", "SHOP-2", "SHOP-3"]),
        ("age:+1h", []),
        ("firstSeen:>2020-01-01", ["SHOP-1", "SHOP-2", "SHOP-3"]),
        ("region:eu", ["SHOP-2"]),
        ("has:region", ["SHOP-2"]),
        ("!has:region", ["SHOP-1", "SHOP-3"]),
        ("transaction:/checkout", ["SHOP-1", "SHOP-2"]),
        (f"trace:{'a' * 32}", ["SHOP-1", "SHOP-2"]),
        ("http.status_code:500", []),
        ("hello", ["SHOP-3"]),
        ("nothing.of:this", []),
    ],
)
def test_query(found, query: str, expected: list[str]) -> None:
    assert found(query=query) == expected


def test_no_query_means_unresolved(found) -> None:
    assert found() == ["SHOP-1", "SHOP-3"]


def test_an_environment_narrows_what_first_release_means(found) -> None:
    assert found(query="firstRelease:shop@2.0.0", environment="staging") == []
    assert found(query="firstRelease:shop@1.0.0", environment="staging") == ["SHOP-1"]
    assert found(query="firstRelease:shop@1.0.0", environment="production") == []
    assert found(query="firstRelease:shop@2.0.0", environment="production") == ["SHOP-1", "SHOP-2", "SHOP-3"]


@pytest.mark.parametrize("query", ["a:1 OR b:2", "age:soon", "timesSeen:many"])
def test_a_query_that_makes_no_sense_is_400(sentry: StandIn, api: httpx.Client, query: str) -> None:
    sentry.receive(error(), project="shop")
    assert api.get("organizations/acme/issues/", params={"query": query}).status_code == 400


def test_an_unknown_environment_is_404_until_something_happens_there(sentry: StandIn, api: httpx.Client) -> None:
    asked = {"query": "", "environment": "production"}
    assert api.get("organizations/acme/issues/", params=asked).status_code == 404
    sentry.receive(error(), project="shop")
    assert api.get("organizations/acme/issues/", params=asked).status_code == 200


def test_a_deploy_makes_the_environment_known(api: httpx.Client) -> None:
    api.post("organizations/acme/releases/", json={"version": "shop@1.0.0", "projects": ["shop"]})
    api.post("organizations/acme/releases/shop@1.0.0/deploys/", json={"environment": "production"})
    assert api.get("organizations/acme/issues/?environment=production").json() == []


@pytest.mark.parametrize(
    ("query", "status"),
    [("project=shop", 200), ("project=1", 200), ("project=-1", 200), ("project=nope", 403), ("projectSlug=shop", 200)],
)
def test_projects(api: httpx.Client, query: str, status: int) -> None:
    assert api.get(f"organizations/acme/issues/?{query}").status_code == status


def test_counts_are_the_windows_and_lifetime_is_not(sentry: StandIn, api: httpx.Client) -> None:
    now = datetime.now(UTC)
    for age in (2, 60, 600):
        sentry.receive(error(timestamp=(now - timedelta(minutes=age)).isoformat(), user={"id": str(age)}), project="shop")
    issue = api.get("organizations/acme/issues/", params={"query": "", "statsPeriod": "90m"}).json()[0]
    assert (issue["count"], issue["userCount"]) == ("2", 2)
    assert issue["lifetime"]["count"] == "3"
    assert issue["firstSeen"] > issue["lifetime"]["firstSeen"]
    assert issue["lastSeen"] == issue["lifetime"]["lastSeen"]
    past = {"start": (now - timedelta(hours=11)).isoformat(), "end": (now - timedelta(hours=9)).isoformat(), "query": ""}
    assert [issue["count"] for issue in api.get("organizations/acme/issues/", params=past).json()] == ["1"]
    assert api.get("organizations/acme/issues/", params={"query": "", "statsPeriod": "1m"}).json() == []


def test_filtered_counts_what_the_query_means(sentry: StandIn, api: httpx.Client) -> None:
    for release in ("shop@1.0.0", "shop@2.0.0", "shop@2.0.0"):
        sentry.receive(error(release=release), project="shop")
    issue = api.get("organizations/acme/issues/", params={"query": "release:shop@2.0.0"}).json()[0]
    assert (issue["count"], issue["filtered"]["count"]) == ("3", "2")


@pytest.mark.parametrize(
    ("sort", "first"), [("date", "SHOP-2"), ("new", "SHOP-2"), ("freq", "SHOP-1"), ("user", "SHOP-1"), ("odd", "SHOP-2")]
)
def test_sort(sentry: StandIn, api: httpx.Client, sort: str, first: str) -> None:
    for user in ("1", "2"):
        sentry.receive(error(user={"id": user}), project="shop")
    sentry.receive(error("TypeError"), project="shop")
    assert api.get("organizations/acme/issues/", params={"sort": sort}).json()[0]["shortId"] == first


@pytest.mark.parametrize(
    "query", ["statsPeriod=soon", "start=2026-01-01T00:00:00Z", "start=x&end=y", "start=2026-01-02&end=2026-01-01"]
)
def test_a_window_that_makes_no_sense_is_400(api: httpx.Client, query: str) -> None:
    assert api.get(f"organizations/acme/issues/?{query}").status_code == 400
