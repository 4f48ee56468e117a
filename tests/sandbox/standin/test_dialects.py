"""Each dialect deviates from Sentry of today where the real server was seen to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from deploywatch.sandbox.standin.dialects import DIALECTS
from deploywatch.sandbox.standin.server import StandIn
from deploywatch.sentry.paging import next_cursor
from tests.contract.saved import saved_answer
from tests.sandbox.payloads import error

Ask = Callable[..., httpx.Response]
VERSION = "shop@1.1.0"
RELEASE = f"organizations/acme/releases/{VERSION}/"


@pytest.fixture(scope="module")
def _client() -> Iterator[httpx.Client]:
    with httpx.Client() as client:
        yield client


@pytest.fixture(scope="module")
def _running() -> Iterator[dict[str, StandIn]]:
    servers = {name: StandIn(dialect=name).start() for name in DIALECTS}
    yield servers
    for server in servers.values():
        server.stop()


@pytest.fixture
def at(_running: dict[str, StandIn], _client: httpx.Client) -> Callable[[str], Ask]:
    """A way to ask a fresh server of a dialect, which has one issue and one release."""

    def choose(dialect: str) -> Ask:
        server = _running[dialect]
        server.reset()
        server.receive(error(release="shop@1.0.0"), project="shop")
        headers = {"Authorization": f"Bearer {server.token}"}

        def ask(method: str, path: str, **given: Any) -> httpx.Response:
            return _client.request(method, f"{server.url}/api/0/{path}", **{"headers": headers, **given})

        ask("POST", "organizations/acme/releases/", json={"version": VERSION, "projects": ["shop"]})
        return ask

    return choose


def keys(answer: httpx.Response) -> set[str] | None:
    """The keys of the JSON object, or of the first one in a list; ``None`` for anything else."""
    if "html" in answer.headers.get("content-type", "") or not answer.content:
        return None
    value = answer.json()
    first = value[0] if isinstance(value, list) and value else value
    return set(first) if isinstance(first, dict) else None


GLITCHTIP = {
    "unauth": ("GET", "organizations/acme/releases/", {"headers": {}}),
    "release_get": ("GET", RELEASE, {}),
    "releases_list": ("GET", "organizations/acme/releases/", {}),
    "release_404": ("GET", "organizations/acme/releases/nope/", {}),
    "release_create_again": ("POST", "organizations/acme/releases/", {"json": {"version": VERSION, "projects": ["shop"]}}),
    "release_create_unknown_project": (
        "POST",
        "organizations/acme/releases/",
        {"json": {"version": "shop@1.1.1", "projects": ["no"]}},
    ),
    "release_deploys_get": ("GET", f"{RELEASE}deploys/", {}),
    "release_deploys_post": ("POST", f"{RELEASE}deploys/", {"json": {"environment": "production"}}),
    "org_issue_get": ("GET", "organizations/acme/issues/1/", {}),
    "org_issue_latest": ("GET", "organizations/acme/issues/1/events/latest/", {}),
    "issues_list": ("GET", "organizations/acme/issues/", {}),
    "issues_q_first_release": ("GET", "organizations/acme/issues/?query=first-release:shop%401.0.0", {}),
    "issues_q_release_quoted": ("GET", 'organizations/acme/issues/?query=release:"shop%401.0.0"', {}),
    "issue_get": ("GET", "issues/1/", {}),
    "issue_comment": ("POST", "issues/1/comments/", {"json": {"data": {"text": "from deploywatch"}}}),
}


@pytest.mark.parametrize("name", GLITCHTIP)
def test_glitchtip_answers_as_the_real_one_did(at: Callable[[str], Ask], name: str) -> None:
    method, path, given = GLITCHTIP[name]
    ours, real = at("glitchtip")(method, path, **given), saved_answer("glitchtip", name)
    assert ours.status_code == real.status_code
    assert ("html" in ours.headers["content-type"]) == ("html" in real.headers["content-type"])
    assert keys(ours) == keys(real)


def test_glitchtips_other_oddities(at: Callable[[str], Ask]) -> None:
    ask = at("glitchtip")
    assert ask("GET", "organizations/nobody/releases/").json() == []
    assert ask("GET", "organizations/acme/sessions/").status_code == 404
    assert ask("GET", "").json()["auth"]["token"].startswith("sntryu_")
    assert ask("PUT", "issues/1/", json={"assignedTo": "x"}).status_code == 500
    assert ask("GET", "organizations/acme/issues/?sort=freq").status_code == 422
    assert "date_created" in ask("GET", "issues/1/events/?full=true").json()[0]
    link = ask("GET", "organizations/acme/releases/").headers["link"]
    assert link.startswith("{'<")
    assert next_cursor(link) is None
    ask("PUT", RELEASE, json={"commits": [{"id": "a" * 40, "message": "x"}], "ref": "main"})
    assert (ask("GET", RELEASE).json()["ref"], ask("GET", RELEASE).json()["deployCount"]) == ("main", 0)


@pytest.mark.parametrize(
    ("dialect", "status"), [("current", 200), ("glitchtip", 200), ("sentry-23.7.1", 400), ("sentry-9.1.2", 500)]
)
def test_a_slug_where_a_number_is_wanted(at: Callable[[str], Ask], dialect: str, status: int) -> None:
    ask = at(dialect)
    assert ask("GET", "organizations/acme/issues/?project=shop").status_code == status
    assert ask("GET", "organizations/acme/issues/?project=1").status_code == 200


@pytest.mark.parametrize(
    ("path", "have"),
    [
        ("organizations/acme/events-timeseries/?dataset=errors", {"current"}),
        ("organizations/acme/events-stats/", {"current", "sentry-23.7.1"}),
        ("organizations/acme/issues/1/", {"current", "sentry-23.7.1"}),
        (f"{RELEASE}previous-with-commits/", {"current", "sentry-23.7.1"}),
        (f"{RELEASE}commits/", {"current", "sentry-23.7.1", "sentry-9.1.2"}),
        ("issues/1/", set(DIALECTS)),
        ("issues/1/events/latest/", set(DIALECTS)),
    ],
)
def test_who_has_what(at: Callable[[str], Ask], path: str, have: set[str]) -> None:
    for name in DIALECTS:
        answer = at(name)("GET", path)
        assert (answer.status_code == 200 and "html" not in answer.headers["content-type"]) is (name in have), name


def test_what_nobody_has_is_an_empty_404_with_sentry(at: Callable[[str], Ask]) -> None:
    for name in ("current", "sentry-23.7.1", "sentry-9.1.2"):
        answer = at(name)("GET", "organizations/acme/nothing/")
        assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize("name", ["release_get", "org_issues", "issue_get"])
def test_sentry_of_2019_knows_less(at: Callable[[str], Ask], name: str) -> None:
    paths = {"release_get": RELEASE, "org_issues": "organizations/acme/issues/?project=1", "issue_get": "issues/1/"}
    real = keys(saved_answer("sentry-9.1.2", name)) or set()
    ours = keys(at("sentry-9.1.2")("GET", paths[name])) or set()
    today = keys(at("current")("GET", paths[name])) or set()
    assert ours <= real
    assert today - ours >= {"status", "versionInfo"} if name == "release_get" else today - ours >= {"substatus", "isUnhandled"}


def test_long_addresses_were_refused(at: Callable[[str], Ask]) -> None:
    body = {"commits": [{"id": "a" * 40, "message": "x", "author_email": "a" * 80 + "@x"}]}
    told = {name: at(name)("PUT", RELEASE, json=body).status_code for name in DIALECTS}
    assert told == {"current": 200, "glitchtip": 200, "sentry-23.7.1": 400, "sentry-9.1.2": 400}


def test_each_says_what_it_is(at: Callable[[str], Ask]) -> None:
    paths = {"current": "client-config", "sentry-23.7.1": "client-config", "glitchtip": "settings"}
    for name, path in paths.items():
        answer = at(name)("GET", f"../{path}/").json()["version"]
        assert (answer["current"] if isinstance(answer, dict) else answer) == DIALECTS[name].version
