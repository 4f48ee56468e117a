"""What GitHub and GitLab tell of people and owner files, over HTTP on loopback; the requests are those that GitHub describes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploywatch.codehost.find import code_host
from deploywatch.codehost.github import GitHub
from deploywatch.codehost.gitlab import GitLab
from deploywatch.http import HttpClient
from deploywatch.owners.people import Identity
from deploywatch.owners.rules import Problem
from tests.fakes.api import Answer, FakeApi
from tests.fakes.loopback import Loopback, hang_up, http
from tests.fakes.openapi import Contract

SHA = "c" * 40
COMMIT = {
    "commit": {"author": {"name": "Ann", "email": "ann@x.org"}, "committer": {"name": "GitHub", "email": "noreply@github.com"}},
    "author": {"login": "ann", "type": "User"},
    "committer": {"login": "web-flow", "type": "User"},
}
PULLS = [
    {"merged_at": None, "user": {"login": "other", "type": "User"}},
    {"merged_at": "2026-01-01", "user": {"login": "bob", "type": "User"}},
]
ERRORS = {
    "errors": [
        {
            "line": 3,
            "column": 7,
            "kind": "Unknown owner",
            "source": "/a @gone",
            "suggestion": "make sure @gone exists",
            "message": "m",
        },
        {"line": 5, "kind": "Invalid pattern", "source": "*.[ch] @x", "suggestion": None, "message": "Did you mean?"},
    ]
}


def github(**answers):
    paths = {
        "commit": f"/repos/acme/shop/commits/{SHA}",
        "pulls": f"/repos/acme/shop/commits/{SHA}/pulls",
        "errors": "/repos/acme/shop/codeowners/errors",
    }
    routes = {("GET", path): (lambda _, body=answers[name]: body) for name, path in paths.items() if name in answers}
    return FakeApi(routes)


def at(api: FakeApi) -> GitHub:
    return GitHub(HttpClient(environ={}), api.url, "acme/shop", "t0k3n")


def test_whom_github_takes_people_for():
    with github(commit=Answer(200, COMMIT), pulls=Answer(200, PULLS), errors=Answer(200, ERRORS)) as api:
        host = at(api)
        assert host.people_of(SHA) == (Identity("Ann", ("ann@x.org",), github="ann"),)
        assert host.opened_by(SHA) == Identity(github="bob")
        assert host.owner_file_errors(SHA) == (
            Problem(3, "/a @gone", "Unknown owner: make sure @gone exists"),
            Problem(5, "*.[ch] @x", "Invalid pattern: Did you mean?"),
        )
        assert {asked.headers["authorization"] for asked in api.requests} == {"Bearer t0k3n"}


def test_github_describes_what_is_asked(shared: Path):
    contract = Contract(shared / "contracts/github.openapi.json")
    with github(commit=Answer(200, COMMIT), pulls=Answer(200, PULLS), errors=Answer(200, ERRORS)) as api:
        at(api).people_of(SHA), at(api).opened_by(SHA), at(api).owner_file_errors(SHA)
        for asked in api.requests:
            contract.check(asked)


ODD = [
    None,
    [],
    {},
    "text",
    {"author": None, "commit": None},
    {"author": {"login": 5}},
    [None, {"user": None}],
    {"errors": [None]},
]


@pytest.mark.parametrize("body", ODD)
def test_answers_that_make_no_sense_tell_nothing(body):
    with github(commit=Answer(200, body), pulls=Answer(200, body), errors=Answer(200, body)) as api:
        assert at(api).people_of(SHA) == ()
        assert at(api).opened_by(SHA) is None
        assert all(problem.line == 0 for problem in at(api).owner_file_errors(SHA) or ())


@pytest.mark.parametrize("status", [401, 403, 404, 422, 500])
def test_a_refusal_tells_nothing(status):
    with github(commit=Answer(status, {}), pulls=Answer(status, {}), errors=Answer(status, {})) as api:
        host = at(api)
        assert (host.people_of(SHA), host.opened_by(SHA), host.owner_file_errors(SHA)) == ((), None, None)


def test_a_host_that_is_down_tells_nothing():
    host = GitHub(HttpClient(environ={}), "http://127.0.0.1:9", "acme/shop", "t")
    assert (host.people_of(SHA), host.opened_by(SHA), host.owner_file_errors(SHA)) == ((), None, None)


def test_a_connection_that_was_lost_is_tried_once_more():
    with Loopback([hang_up, http(body=json.dumps(PULLS).encode()), hang_up]) as server:
        host = GitHub(HttpClient(environ={}), server.url, "acme/shop", "t")
        assert host.opened_by(SHA) == Identity(github="bob")
        assert host.opened_by(SHA) is None
        assert len(server.requests) == 4


def test_robots_are_nobody():
    robot = {"login": "renovate[bot]", "type": "Bot"}
    commit = {**COMMIT, "author": robot}
    with github(commit=Answer(200, commit), pulls=Answer(200, [{"merged_at": "x", "user": robot}])) as api:
        assert (at(api).people_of(SHA), at(api).opened_by(SHA)) == ((), None)


MERGED = [{"state": "opened", "author": {"username": "x"}}, {"state": "merged", "author": {"username": "ann", "name": "Ann Lee"}}]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (MERGED, Identity("Ann Lee", gitlab="ann")),
        ([{"state": "merged", "author": {"username": "project_12_bot_9f"}}], None),
        ([], None),
        ({}, None),
    ],
)
def test_who_opened_a_merge_request(body, found):
    path = f"/api/v4/projects/acme%2Fshop/repository/commits/{SHA}/merge_requests"
    with FakeApi({("GET", path): lambda _: Answer(200, body)}) as api:
        host = GitLab(HttpClient(environ={}), api.url, "acme/shop", "t")
        assert host.opened_by(SHA) == found
        assert api.requests[0].headers["private-token"] == "t"
        assert (host.people_of(SHA), host.owner_file_errors(SHA)) == ((), None)


FOUND = [
    ("git@github.com:acme/shop.git", {"GITHUB_TOKEN": "t"}, GitHub, "https://api.github.com"),
    (
        "https://github.com/acme/shop",
        {"GITHUB_TOKEN": "t", "GITHUB_API_URL": "https://proxy.test/"},
        GitHub,
        "https://proxy.test",
    ),
    (
        "ssh://git@ghe.test:2222/acme/shop",
        {"GITHUB_TOKEN": "t", "GITHUB_SERVER_URL": "https://ghe.test"},
        GitHub,
        "https://ghe.test/api/v3",
    ),
    (
        "https://github.com/acme/shop",
        {"GITHUB_TOKEN": "t", "GITHUB_SERVER_URL": "https://ghe.test", "GITHUB_API_URL": "https://ghe.test/api/v3"},
        GitHub,
        "https://api.github.com",
    ),
    ("git@gitlab.com:acme/sub/shop.git", {"GITLAB_TOKEN": "t"}, GitLab, "https://gitlab.com/api/v4"),
    (
        "https://git.test/acme/shop",
        {"GITLAB_TOKEN": "t", "CI_SERVER_URL": "https://git.test/"},
        GitLab,
        "https://git.test/api/v4",
    ),
]


@pytest.mark.parametrize(("remote", "environ", "kind", "base"), FOUND)
def test_the_host_of_the_remote_is_asked(remote, environ, kind, base):
    found = code_host(remote, environ, lambda: HttpClient(environ={}))
    assert isinstance(found, kind)
    assert found._reader.base == base


NOBODY = [
    ("git@github.com:acme/shop.git", {}),
    ("git@github.com:acme/shop.git", {"GITHUB_TOKEN": " "}),
    ("git@github.com:acme/shop.git", {"GITLAB_TOKEN": "t"}),
    ("git@evil.test:acme/shop.git", {"GITHUB_TOKEN": "t", "GITLAB_TOKEN": "t"}),
    ("https://github.com.evil.test/acme/shop", {"GITHUB_TOKEN": "t"}),
    ("https://github.com@evil.test/acme/shop", {"GITHUB_TOKEN": "t"}),
    ("/srv/repo.git", {"GITHUB_TOKEN": "t"}),
    (None, {"GITHUB_TOKEN": "t"}),
    ("git@ghe.test:acme/shop", {"GITHUB_TOKEN": "t", "GITHUB_SERVER_URL": "https://[ghe.test"}),
]


@pytest.mark.parametrize(("remote", "environ"), NOBODY)
def test_no_token_goes_to_a_host_that_it_is_not_for(remote, environ):
    assert code_host(remote, environ, lambda: pytest.fail("nobody is to be connected with")) is None
