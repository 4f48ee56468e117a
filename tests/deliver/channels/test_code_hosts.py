"""Comments on the change that is named, and the status of its deployment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from deploywatch.deliver.channel import CannotTell, Channel, Outcome, Parcel
from deploywatch.deliver.channels import github_check, github_comment, github_deployment, github_issue, gitlab_comment
from deploywatch.deliver.options import Tools
from deploywatch.model import RankingVerdict
from tests.deliver.support import resolution, told
from tests.fakes.api import Answer, FakeApi
from tests.fakes.openapi import Contract
from tests.fakes.trackers import GitHub, GitLab
from tests.report.samples import CURRENCY, HEAD, finding, healthy_report, inconclusive_report, ranking, regression, report

ONE = replace(report(), findings=(finding(),))
UNSURE = replace(ONE, findings=(finding(regression=regression(ranking=ranking(RankingVerdict.UNSURE))),))
KEY, NEXT = "a" * 40, "b" * 40


@pytest.fixture(params=["github pull-request", "github commit", "gitlab merge-request", "gitlab commit"])
def place(request: pytest.FixtureRequest) -> tuple[str, str]:
    host, on = request.param.split(" ")
    return host, on


@pytest.fixture
def server(place: tuple[str, str]) -> Iterator[FakeApi]:
    with GitHub() if place[0] == "github" else GitLab() as server:
        server.pulls = [request(128)]
        yield server


def request(number: int, *, merged: bool = True) -> dict:
    """A pull request of GitHub's and a merge request of GitLab's in one."""
    at = "2026-11-20T12:00:00Z" if merged else None
    return {"number": number, "iid": number, "merged_at": at, "state": "merged" if merged else "opened"}


@pytest.fixture
def channel(place: tuple[str, str], server: FakeApi, tools: Tools, environ: dict[str, str]) -> Channel:
    host, on = place
    where = {"repository": "acme/shop"} if host == "github" else {"project": "acme/shop"}
    environ["TOKEN"] = "sesame"
    make = github_comment.make if host == "github" else gitlab_comment.make
    return make("note", {"url": server.url, "token": "env:TOKEN", "allow_private": True, "on": on, **where}, tools)


def parcel(channel: Channel, key: str = KEY, earlier: str | None = None) -> Parcel:
    payload = channel.compose(ONE, key)
    assert payload is not None
    return Parcel(payload, key, earlier)


def texts(server: FakeApi) -> list[str]:
    said = server.said if isinstance(server, GitHub) else server.notes
    return [note.get("body") or note.get("note") for notes in said.values() for note in notes]


def test_the_named_change_is_commented_on_and_the_comment_is_found_again(
    channel: Channel, server: FakeApi, place: tuple[str, str]
):
    told = parcel(channel)
    assert channel.find(told) is None
    receipt = channel.send(told)
    assert (receipt.outcome, receipt.reference) == (Outcome.TAKEN, channel.find(told))
    assert texts(server) == [json.loads(told.payload)["text"]]
    commented = CURRENCY.sha if place[1] == "commit" else "128"
    assert [commented in where for where in (server.said if isinstance(server, GitHub) else server.notes)] == [True]


def test_news_takes_the_place_of_the_comment_where_that_can_be_done(channel: Channel, server: FakeApi, place: tuple[str, str]):
    first = channel.send(parcel(channel))
    news = parcel(channel, NEXT, first.reference)
    assert channel.send(news).outcome is Outcome.TAKEN
    assert channel.find(news) is not None
    assert len(texts(server)) == (2 if place == ("gitlab", "commit") else 1)


def test_a_comment_that_somebody_deleted_is_made_anew(channel: Channel, server: FakeApi):
    first = channel.send(parcel(channel))
    server.routes = [(method, pattern, route) for method, pattern, route in server.routes if method not in ("PATCH", "PUT")]
    assert channel.send(parcel(channel, NEXT, first.reference)).outcome is Outcome.TAKEN
    assert len(texts(server)) == 2


def test_that_it_is_over_is_said_in_the_same_place(channel: Channel, server: FakeApi):
    channel.send(parcel(channel))
    over = Parcel(channel.resolve(resolution(), told(parcel(channel).payload), NEXT), NEXT)
    assert channel.find(over) is None
    receipt = channel.send(over)
    assert (receipt.outcome, receipt.reference) == (Outcome.TAKEN, channel.find(over))
    assert "Fixed: KeyError" in texts(server)[1]


def test_a_lost_answer_is_looked_for(channel: Channel, server: FakeApi):
    server.mishaps = ["drop"]
    told = parcel(channel)
    assert channel.send(told).outcome is Outcome.UNSURE
    assert channel.find(told) is not None


def test_documented_errors(channel: Channel, server: FakeApi):
    told = parcel(channel)
    later, refused = dict.fromkeys((429, 500, 503), Outcome.LATER), dict.fromkeys((401, 403, 404, 410, 422), Outcome.REFUSED)
    for status, outcome in (later | refused | {502: Outcome.UNSURE}).items():
        server.mishaps = [status]
        receipt = channel.send(told)
        assert (receipt.outcome, receipt.status) == (outcome, status)
        assert str(status) in (receipt.error or "")
    assert texts(server) == []
    assert channel.policy.pause.total_seconds() == 1


def test_comments_that_cannot_be_read_cannot_tell(channel: Channel, server: FakeApi):
    server.routes.insert(0, ("GET", re.compile(".*"), lambda asked: Answer(500)))
    assert isinstance(channel.find(parcel(channel)), CannotTell)


def test_nobody_is_told_of_a_change_that_is_not_named(channel: Channel):
    assert channel.compose(UNSURE, KEY) is None
    assert channel.compose(healthy_report(), KEY) is None


@pytest.mark.parametrize(
    ("requests", "said", "number"),
    [
        ([request(131)], 128, "131"),
        ([request(131)], None, "131"),
        ([request(131, merged=False), request(130)], None, "130"),
        ([request(131), request(128)], 128, "128"),
        ([request(131), request(128, merged=False)], 128, "131"),
        ([request(131, merged=False)], None, "131"),
        ([], 128, None),
        ([], None, None),
        (404, 128, "128"),
    ],
)
@pytest.mark.parametrize("place", [("github", "pull-request"), ("gitlab", "merge-request")], ids=["github", "gitlab"])
def test_the_request_is_the_one_that_the_host_says_brought_the_commit(
    channel: Channel, server: FakeApi, requests: list | int, said: int | None, number: str | None
):
    if isinstance(requests, int):
        status = requests
        server.routes.insert(0, ("GET", re.compile(".*(?:pulls|merge_requests)"), lambda asked: Answer(status)))
    else:
        server.pulls = requests
    found = ranking()
    commit = replace(found.suspects[0].commit, pull_request=said)
    told = replace(found, suspects=(replace(found.suspects[0], commit=commit),))
    sent = Parcel(channel.compose(replace(ONE, findings=(finding(regression=regression(ranking=told)),)), KEY), KEY)
    assert channel.send(sent).outcome is Outcome.TAKEN
    (where,) = server.said if isinstance(server, GitHub) else server.notes
    assert where.partition("/")[2].startswith(f"{number}" if number else commit.sha) or where.endswith(commit.sha)
    assert channel.find(sent) is not None


@pytest.mark.parametrize(("status", "outcome"), [(503, Outcome.LATER), (404, Outcome.REFUSED)])
@pytest.mark.parametrize("place", [("github", "pull-request"), ("gitlab", "merge-request")], ids=["github", "gitlab"])
def test_nothing_is_said_while_the_request_cannot_be_asked_for(channel: Channel, server: FakeApi, status: int, outcome: Outcome):
    server.routes.insert(0, ("GET", re.compile(".*(?:pulls|merge_requests)"), lambda asked: Answer(status)))
    found = ranking()
    alone = replace(found, suspects=(replace(found.suspects[0], commit=replace(found.suspects[0].commit, pull_request=None)),))
    told = replace(ONE, findings=(finding(regression=regression(ranking=alone)),))
    sent = Parcel(channel.compose(told, KEY), KEY)
    assert channel.send(sent).outcome is outcome
    assert channel.find(sent) == CannotTell(channel.send(sent).error or "", for_now=status == 503)
    assert texts(server) == []


# --- deployments -------------------------------------------------------------------------------------------


@pytest.fixture
def github() -> Iterator[GitHub]:
    with GitHub() as server:
        yield server


@pytest.fixture
def deployment(github: GitHub, tools: Tools, environ: dict[str, str]) -> Channel:
    environ["TOKEN"] = "sesame"
    config = {"url": github.url, "token": "env:TOKEN", "allow_private": True, "repository": "acme/shop"}
    return github_deployment.make("status", config, tools)


def test_the_deployment_of_the_head_gets_a_status_that_is_found_again(deployment: Channel, github: GitHub):
    github.deployments = [{"id": 1, "sha": HEAD, "environment": "staging"}, {"id": 2, "sha": HEAD, "environment": "production"}]
    told = parcel(deployment)
    assert deployment.find(told) is None
    receipt = deployment.send(told)
    assert (receipt.outcome, deployment.find(told), deployment.find(parcel(deployment, NEXT))) == (
        Outcome.TAKEN,
        receipt.reference,
        None,
    )
    (status,) = github.statuses
    assert status["state"] == "failure"
    assert len(status["description"]) <= 140
    assert github.writes() == [("POST", "/repos/acme/shop/deployments/2/statuses")]


def test_a_healthy_release_is_a_success_and_an_undecided_one_is_nothing(deployment: Channel):
    healthy = deployment.compose(replace(healthy_report(), head=HEAD), KEY)
    assert json.loads(healthy or "")["status"]["state"] == "success"
    assert deployment.compose(inconclusive_report(), KEY) is None
    assert deployment.compose(replace(report(), head=None), KEY) is None


def test_every_deploy_gets_its_status_and_a_bad_one_stays_a_bad_one(deployment: Channel):
    assert deployment.policy.every_deploy
    assert deployment.resolve(resolution(), told("{}"), NEXT) is None


def test_a_release_that_github_did_not_see_deployed_is_said(deployment: Channel):
    receipt = deployment.send(parcel(deployment))
    assert receipt.outcome is Outcome.REFUSED
    assert "knows no deployment" in (receipt.error or "")


def test_deployments_that_cannot_be_read_are_for_later(deployment: Channel, github: GitHub):
    github.routes.insert(0, ("GET", re.compile(".*"), lambda asked: Answer(503)))
    assert deployment.send(parcel(deployment)).outcome is Outcome.LATER
    assert isinstance(deployment.find(parcel(deployment)), CannotTell)


# --- check runs --------------------------------------------------------------------------------------------


@pytest.fixture
def check(github: GitHub, tools: Tools, environ: dict[str, str]) -> Channel:
    environ["TOKEN"] = "sesame"
    config = {"url": github.url, "token": "env:TOKEN", "allow_private": True, "repository": "acme/shop"}
    return github_check.make("check", config, tools)


def test_the_deployed_commit_gets_a_check_that_is_found_again(check: Channel, github: GitHub):
    told = parcel(check)
    assert check.find(told) is None
    receipt = check.send(told)
    assert (receipt.outcome, receipt.reference) == (Outcome.TAKEN, check.find(told))
    assert check.find(parcel(check, NEXT)) is None
    (run,) = github.checks
    assert (run["name"], run["head_sha"], run["conclusion"]) == ("deploywatch (production)", HEAD, "failure")
    assert (run["status"], run["started_at"], run["external_id"]) == ("completed", "2026-11-20T14:05:00Z", KEY)
    (note,) = run["output"]["annotations"]
    assert (note["path"], note["start_line"], note["end_line"], note["annotation_level"]) == (
        "shop/checkout.py",
        42,
        42,
        "failure",
    )
    assert "4be1a90c" in note["message"]


def test_a_check_keeps_githubs_limits(check: Channel):
    bulky = replace(ONE, findings=ONE.findings * 80, warnings=("w" * 900,) * 400)
    output = json.loads(check.compose(bulky, KEY) or "")["output"]
    assert len(output["summary"]) <= 65_535
    assert len(output["annotations"]) <= 50
    assert len(output["title"]) <= 255


@pytest.mark.parametrize(
    ("what", "conclusion"), [(healthy_report(), "success"), (inconclusive_report(), "neutral"), (report(), "failure")]
)
def test_every_deploy_gets_its_check(check: Channel, what, conclusion: str):
    assert json.loads(check.compose(replace(what, head=HEAD), KEY) or "")["conclusion"] == conclusion
    assert check.compose(replace(what, head=None), KEY) is None
    assert check.policy.every_deploy
    assert check.resolve(resolution(), told("{}"), NEXT) is None


def test_a_check_whose_answer_was_lost_is_looked_for(check: Channel, github: GitHub):
    github.mishaps = ["drop"]
    assert check.send(parcel(check)).outcome is Outcome.UNSURE
    assert check.find(parcel(check)) is not None


def test_a_token_that_may_not_make_checks_is_said(check: Channel, github: GitHub):
    github.mishaps = [403]
    assert check.send(parcel(check)).outcome is Outcome.REFUSED
    github.routes.insert(0, ("GET", re.compile(".*"), lambda asked: Answer(403)))
    assert isinstance(check.find(parcel(check)), CannotTell)


# --- GitHub's own description ------------------------------------------------------------------------------


@pytest.mark.shared
def test_githubs_description_allows_every_request(github: GitHub, deployment: Channel, tools: Tools, shared):
    config = {"url": github.url, "token": "env:TOKEN", "allow_private": True, "repository": "acme/shop"}
    ticket = github_issue.make("issue", config | {"labels": ["regression"], "assignees": ["ana"]}, tools)
    note = github_comment.make("note", config, tools)
    github.deployments = [{"id": 2, "sha": HEAD, "environment": "production"}]
    github.pulls = [request(128)]
    for channel in (ticket, note, deployment):
        channel.send(parcel(channel))
        channel.find(parcel(channel))
    github.close_all()
    ticket.send(parcel(ticket, NEXT))
    ticket.send(Parcel(ticket.resolve(resolution(), told(parcel(ticket).payload), KEY), KEY))
    contract = Contract(shared / "contracts" / "github.openapi.json")
    for asked in github.requests:
        contract.check(asked)
    assert {asked.headers["x-github-api-version"] for asked in github.requests} == {"2022-11-28"}
