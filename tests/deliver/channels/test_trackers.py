"""Every tracker keeps the same promises, whatever its API looks like."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from deploywatch.deliver.channel import CannotTell, Channel, Outcome, Parcel
from deploywatch.deliver.channels import github_issue, gitlab_issue, jira, linear, youtrack
from deploywatch.deliver.options import Tools
from deploywatch.deliver.rest import Api
from deploywatch.model import FailingService, Owner
from tests.deliver.support import resolution, told
from tests.fakes.api import Answer, FakeApi
from tests.fakes.trackers import GitHub, GitLab, Jira, Linear, YouTrack
from tests.report.samples import finding, regression, report

ONE = replace(report(), findings=(finding(),))
LATER_ON = replace(ONE, release="shop@2")


@dataclass(frozen=True)
class Kind:
    make: Callable[..., Channel]
    server: Callable[[], FakeApi]
    config: dict


KINDS = {
    "github": Kind(github_issue.make, GitHub, {"repository": "acme/shop", "labels": ["regression"], "assignees": ["ana"]}),
    "gitlab": Kind(gitlab_issue.make, GitLab, {"project": "acme/shop"}),
    "jira": Kind(jira.make, Jira, {"project": "SHOP", "fields": {"customfield_10001": {"value": "Payments"}}}),
    "linear": Kind(linear.make, Linear, {"team": "8a3f0b1e-0000-4000-8000-000000000000", "priority": "urgent"}),
    "youtrack": Kind(youtrack.make, YouTrack, {"project": "SHOP", "fields": {"Team": "Payments", "Product": "Shop"}}),
}


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture
def server(kind: Kind) -> Iterator[FakeApi]:
    with kind.server() as server:
        yield server


@pytest.fixture
def channel(kind: Kind, server: FakeApi, tools: Tools, environ: dict[str, str]) -> Channel:
    return made(kind, server, tools, environ)


def made(kind: Kind, server: FakeApi, tools: Tools, environ: dict[str, str], **changes) -> Channel:
    environ["TOKEN"] = "sesame"
    return kind.make("tickets", {"url": server.url, "token": "env:TOKEN", "allow_private": True, **kind.config, **changes}, tools)


def parcel(channel: Channel, told=ONE, key: str = "a" * 40) -> Parcel:
    payload = channel.compose(told, key)
    assert payload is not None
    return Parcel(payload, key)


def test_a_ticket_is_opened_with_everything_and_found_again(channel: Channel, server: FakeApi):
    first = parcel(channel)
    assert channel.find(first) is None
    receipt = channel.send(first)
    assert receipt.outcome is Outcome.TAKEN
    assert receipt.reference
    assert channel.find(first) == receipt.reference
    (ticket,) = server.issues.values()
    told = json.loads(first.payload)
    assert told["title"] in json.dumps(ticket, ensure_ascii=False)
    assert "KeyError" in json.dumps(ticket)


def test_news_is_a_comment_and_a_closed_ticket_is_opened_again(channel: Channel, server: FakeApi):
    channel.send(parcel(channel))
    server.close_all()
    news = parcel(channel, LATER_ON, "b" * 40)
    assert channel.find(news) is None
    receipt = channel.send(news)
    assert receipt.outcome is Outcome.TAKEN
    assert channel.find(news) == receipt.reference
    assert len(server.issues) == 1
    assert channel.tracker.search(json.loads(news.payload)["label"]).is_open


def over(channel: Channel, key: str = "c" * 40) -> Parcel:
    return Parcel(channel.resolve(resolution(), told(parcel(channel).payload), key), key)


def is_open(channel: Channel) -> bool:
    return channel.tracker.search(json.loads(parcel(channel).payload)["label"]).is_open


def test_a_ticket_is_closed_with_the_reason_and_opened_again_by_the_next_regression(channel: Channel, server: FakeApi):
    reference = channel.send(parcel(channel)).reference
    end = over(channel)
    assert channel.find(end) is None
    receipt = channel.send(end)
    assert (receipt.outcome, receipt.reference, channel.find(end)) == (Outcome.TAKEN, reference, reference)
    assert not is_open(channel)
    assert "no events in 2h" in json.dumps(server.said if hasattr(server, "said") else server.notes, default=str).lower()
    channel.send(parcel(channel, LATER_ON, "b" * 40))
    assert is_open(channel)
    assert len(server.issues) == 1


def test_a_ticket_that_somebody_closed_is_told_the_reason_only(channel: Channel, server: FakeApi):
    channel.send(parcel(channel))
    server.close_all()
    before = len(server.requests)
    assert channel.send(over(channel)).outcome is Outcome.TAKEN
    asked = " ".join(json.dumps(asked.body) for asked in server.requests[before:])
    assert not re.search("state_reason|state_event|transition|issueUpdate|State Fixed", asked)


def test_a_ticket_that_is_gone_cannot_be_closed(channel: Channel):
    receipt = channel.send(over(channel))
    assert receipt.outcome is Outcome.REFUSED
    assert "there is no ticket" in (receipt.error or "")


def test_a_closing_whose_comment_was_lost_is_looked_for(channel: Channel, server: FakeApi):
    channel.send(parcel(channel))
    channel.send(Parcel(channel.resolve(resolution(), told(parcel(channel).payload), "d" * 40), "d" * 40))
    end = over(channel)
    server.mishaps = ["works", "drop"] if isinstance(server, Linear) else ["drop"]
    assert channel.send(end).outcome is Outcome.UNSURE
    assert channel.find(end) is not None


@pytest.mark.parametrize("step", ["create", "comment"])
def test_a_lost_answer_is_looked_for(channel: Channel, server: FakeApi, step: str):
    if step == "comment":
        channel.send(parcel(channel))
    told = parcel(channel, LATER_ON, "b" * 40)
    before = len(server.requests)
    server.mishaps = ["works"] * (1 if isinstance(server, YouTrack) and step == "create" else 0) + ["drop"]
    if isinstance(server, Linear):  # everything is a POST there: the search comes first
        server.mishaps = ["works", "drop"]
    assert channel.send(told).outcome is Outcome.UNSURE
    assert channel.find(told) is not None
    assert len(server.requests) > before
    assert len(server.issues) == 1


@pytest.mark.parametrize(("status", "outcome"), [(500, Outcome.LATER), (401, Outcome.REFUSED), (429, Outcome.LATER)])
def test_a_tracker_that_cannot_be_read_gets_no_second_ticket(channel: Channel, server: FakeApi, status: int, outcome: Outcome):
    told = parcel(channel)
    server.routes.insert(0, ("GET", re.compile(".*"), lambda asked: Answer(status)))
    server.mishaps = [status] * 5
    assert channel.send(told).outcome is outcome
    answer = channel.find(told)
    assert isinstance(answer, CannotTell)
    assert server.issues == {}


DOCUMENTED = [
    (400, Outcome.REFUSED),
    (401, Outcome.REFUSED),
    (403, Outcome.REFUSED),
    (404, Outcome.REFUSED),
    (410, Outcome.REFUSED),
    (413, Outcome.REFUSED),
    (422, Outcome.REFUSED),
    (429, Outcome.LATER),
    (500, Outcome.LATER),
    (502, Outcome.UNSURE),
    (503, Outcome.LATER),
]


@pytest.mark.parametrize("step", ["create", "comment"])
def test_documented_errors(channel: Channel, server: FakeApi, step: str):
    if step == "comment":
        channel.send(parcel(channel))
    told = parcel(channel, LATER_ON, "b" * 40)
    for status, outcome in DOCUMENTED:
        tag_is_new = isinstance(server, YouTrack) and step == "create" and not server.tags
        server.mishaps = (["works"] if isinstance(server, Linear) or tag_is_new else []) + [status]
        receipt = channel.send(told)
        assert (receipt.outcome, receipt.status) == (outcome, status)
        assert str(status) in (receipt.error or "")
    assert len(server.issues) == (1 if step == "comment" else 0)
    assert channel.policy.pause.total_seconds() == 1


def test_the_credentials_go_with_every_request_and_nowhere_else(channel: Channel, server: FakeApi):
    told = parcel(channel)
    channel.send(told)
    assert all(
        "sesame" in asked.headers["authorization"] or "c2VzYW1l" in asked.headers["authorization"] for asked in server.requests
    )
    assert "sesame" not in told.payload + repr(channel)


def test_text_from_strangers_cannot_leave_jiras_block(tools: Tools, environ: dict[str, str]):
    hostile = replace(finding(), regression=replace(finding().regression, why="{noformat} [~ana] {code}"))
    with Jira() as server:
        channel = made(KINDS["jira"], server, tools, environ)
        channel.send(parcel(channel, replace(ONE, findings=(hostile,))))
        (ticket,) = server.issues.values()
    text = ticket["fields"]["description"]
    assert text.startswith("{noformat}\n")
    assert text.endswith("\n{noformat}")
    assert text.count("{noformat}") == 2


def test_jira_says_which_field_it_does_not_like(tools: Tools, environ: dict[str, str]):
    with Jira() as server:
        channel = made(KINDS["jira"], server, tools, environ, issue_type="Bogus")
        receipt = channel.send(parcel(channel))
    assert (receipt.outcome, receipt.error) == (Outcome.REFUSED, "HTTP 400: issuetype: Specify a valid issue type")


@pytest.mark.parametrize(("token", "header"), [("ana@acme.example:sesame", "Basic "), ("sesame", "Bearer ")])
def test_jiras_two_kinds_of_tokens(token: str, header: str):
    assert jira.credentials(token)["Authorization"].startswith(header)


def test_jira_data_center_searches_elsewhere(tools: Tools, environ: dict[str, str]):
    with FakeApi({}) as server:
        channel = made(KINDS["jira"], server, tools, environ, cloud=False)
        channel.find(parcel(channel))
    assert [asked.path for asked in server.requests] == ["/rest/api/2/search"]


@pytest.mark.parametrize(
    ("code", "outcome"),
    [("RATELIMITED", Outcome.LATER), ("AUTHENTICATION_ERROR", Outcome.REFUSED), ("INTERNAL_SERVER_ERROR", Outcome.LATER)],
)
def test_linears_errors(tools: Tools, environ: dict[str, str], code: str, outcome: Outcome):
    with Linear() as server:
        channel = made(KINDS["linear"], server, tools, environ)
        server.trouble = [{"message": "it went wrong", "extensions": {"code": code}}]
        receipt = channel.send(parcel(channel))
    assert (receipt.outcome, receipt.error) == (outcome, "Linear: it went wrong")


def test_linear_takes_ids_that_are_always_the_same():
    assert linear.identity("a") == linear.identity("a") != linear.identity("b")
    assert linear.credentials("lin_api_x")["Authorization"] == "lin_api_x"
    assert linear.credentials("oauth")["Authorization"] == "Bearer oauth"


def owned(*, function: str | None = "Checkout", team: str = "@acme/payments"):
    service = FailingService("cart", "project shop", function, "Shop")
    return replace(ONE, findings=(finding(regression=regression(owner=Owner((team,), "its rule", service=service))),))


TEMPLATES = {"Team": "{team}", "Function": "{function} of {service}", "Product": "{product}"}


@pytest.mark.parametrize(
    ("told", "fields"),
    [
        (owned(), {"Team": {"name": "acme/payments"}, "Function": "Checkout of cart", "Product": [{"name": "Shop"}]}),
        (owned(function=None), {"Team": {"name": "acme/payments"}, "Product": [{"name": "Shop"}]}),
        (
            owned(function="{team}"),
            {"Team": {"name": "acme/payments"}, "Function": "{team} of cart", "Product": [{"name": "Shop"}]},
        ),
        (owned(team="@acme/unheard-of"), {}),
    ],
    ids=["all", "one that is not known", "one that looks like a template", "one that YouTrack does not know"],
)
def test_the_fields_of_the_project_are_filled_in_its_own_shapes(tools: Tools, environ: dict[str, str], told, fields: dict):
    with YouTrack() as server:
        channel = made(KINDS["youtrack"], server, tools, environ, fields=TEMPLATES)
        first = parcel(channel, told)
        assert channel.send(first).outcome is Outcome.TAKEN
        assert channel.find(first) is not None
        (ticket,) = server.issues.values()
    assert {each["name"]: each["value"] for each in ticket["customFields"]} == fields
    assert ("YouTrack did not take: Team = acme/unheard-of" in ticket["description"]) is (not fields)


def test_fixed_fields_are_never_left_out(tools: Tools, environ: dict[str, str]):
    with YouTrack() as server:
        channel = made(KINDS["youtrack"], server, tools, environ, fields={"Team": "Unheard of"})
        receipt = channel.send(parcel(channel))
        assert (receipt.outcome, server.issues) == (Outcome.REFUSED, {})


def test_a_project_whose_fields_may_not_be_read_is_taken_to_have_the_usual_ones(tools: Tools, environ: dict[str, str]):
    with YouTrack() as server:
        server.routes.insert(0, ("GET", re.compile(".*/customFields"), lambda asked: Answer(403)))
        channel = made(KINDS["youtrack"], server, tools, environ, fields={"Team": "Payments"})
        assert channel.send(parcel(channel)).outcome is Outcome.TAKEN


def test_a_youtrack_project_that_is_not_there_is_said(tools: Tools, environ: dict[str, str]):
    with YouTrack() as server:
        channel = made(KINDS["youtrack"], server, tools, environ, project="NONE")
        receipt = channel.send(parcel(channel))
    assert receipt.outcome is Outcome.REFUSED
    assert "no project NONE" in (receipt.error or "")


@pytest.mark.shared
@pytest.mark.parametrize("query", [linear.SEARCH, linear.CREATE, linear.STATES, linear.UPDATE, linear.COMMENT, linear.COMMENTS])
def test_linears_schema_knows_what_is_asked(linear_schema, query: str):
    import graphql

    assert graphql.validate(linear_schema, graphql.parse(query)) == []


@pytest.fixture(scope="module")
def linear_schema(shared):
    graphql = pytest.importorskip("graphql", reason="graphql-core is not installed")
    return graphql.build_schema((shared / "contracts" / "linear.graphql").read_text(), assume_valid=True)


@pytest.mark.shared
def test_linears_schema_knows_the_fields_that_are_sent(linear_schema, tools: Tools, environ: dict[str, str]):
    with Linear() as server:
        channel = made(KINDS["linear"], server, tools, environ, project="p", labels=["l"], assignee="u")
        channel.send(parcel(channel))
        channel.send(parcel(channel, LATER_ON, "b" * 40))
    inputs = {"issueCreate": "IssueCreateInput", "commentCreate": "CommentCreateInput", "issueUpdate": "IssueUpdateInput"}
    for asked in server.requests:
        for mutation, name in inputs.items():
            if mutation in asked.body["query"]:
                assert set(asked.body["variables"]["input"]) <= set(linear_schema.type_map[name].fields)


def test_an_api_is_reached_without_its_credentials_in_errors(tools: Tools):
    api = Api(tools.connect(None), "http://127.0.0.1:1", (("Authorization", "Bearer sesame"),), tools.now)
    assert "sesame" not in repr(api.write("POST", "/x", {}))
