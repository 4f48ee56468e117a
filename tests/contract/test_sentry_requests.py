"""Our requests beside those that the official clients were recorded to send, and beside Sentry's published description."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import jsonschema
import pytest

from deploywatch.model import ChangeType, Commit, CommitWindow, FileChange, Person
from deploywatch.sentry.commits import commit_payloads
from deploywatch.sentry.commits_write import set_commits
from deploywatch.sentry.deploys import NewDeploy, create_deploy
from deploywatch.sentry.events import latest_event, occurrences
from deploywatch.sentry.issues import IssueQuery, issue, search
from deploywatch.sentry.releases import create_release, finalize, get_release, recent_releases
from tests.contract.saved import recorded_requests, saved_answer, saved_json
from tests.sentry.support import Asked, reply, stage

V = "shop@1.2.0"
RELEASE = {"version": V}
AT = datetime(2026, 11, 20, 23, 48, 16, 719637, tzinfo=UTC)
DEPLOY = NewDeploy(
    "staging",
    name="build 42",
    url="https://ci.example.org/42",
    started_at=datetime(2026, 11, 20, 11, 0, tzinfo=UTC),
    finished_at=datetime(2026, 11, 20, 11, 2, tzinfo=UTC),
)
ANA, BEN = Person("Ana Example", "ana@example.org"), Person("Ben Example", "ben@example.org")


def made(sha: str, author: Person, when: str, message: str, *files: FileChange) -> Commit:
    at = datetime.fromisoformat(when)
    return Commit(sha, (), author, author, at, at, message, files)


# The history of the repository that the clients ran in.
HISTORY = CommitWindow(
    "0" * 40,
    "ec197b41c0a097e97942364ab22b18233c443b3d",
    (
        made(
            "ec197b41c0a097e97942364ab22b18233c443b3d",
            ANA,
            "2026-11-03T10:00:00+02:00",
            "Raise on unknown item (#12)\n",
            FileChange(ChangeType.MODIFIED, "cart.py"),
        ),
        made(
            "0c10ecf135944f80b007947997239ebe158e0090",
            BEN,
            "2026-11-02T10:00:00+00:00",
            "Add billing\n\nFixes SHOP-2\n",
            FileChange(ChangeType.ADDED, "billing.py"),
        ),
        made(
            "e4f29908ba59dfdd702b9bb0aeae9c1aad29ba0a",
            ANA,
            "2026-11-01T10:00:00+00:00",
            "Add cart\n",
            FileChange(ChangeType.ADDED, "cart.py"),
        ),
    ),
)


def ours() -> dict[str, Asked]:
    """The write of each step, as it goes over the wire."""
    writes = {
        "create": (reply(RELEASE, 201), lambda client: create_release(client, V, ["web"])),
        "commits": (reply(RELEASE), lambda client: set_commits(client, V, commit_payloads(HISTORY, "acme/shop"))),
        "finalize": (reply(RELEASE), lambda client: finalize(client, V, AT)),
    }
    asked = {}
    for name, (answer, call) in writes.items():
        s = stage(answer)
        call(s.client)
        asked[name] = s.script.asked[-1]
    for name, deploy in (("deploy", NewDeploy("production", finished_at=AT)), ("full deploy", DEPLOY)):
        s = stage(reply([]), reply({"id": "1"}, 201))
        create_deploy(s.client, V, deploy)
        asked[name] = s.script.asked[-1]
    return asked


OURS = ours()
THEIRS = [
    ("create", "cli_releases_new", 0),
    ("create", "cli_set_commits_local_first", 1),
    ("create", "npm-sentry/new_release_create", -1),
    ("commits", "cli_set_commits_local_first", -1),
    ("commits", "npm-sentry/new_set_commits_local", -1),
    ("finalize", "cli_finalize", -1),
    ("finalize", "npm-sentry/new_finalize", -1),
    ("deploy", "cli_deploys_new", -1),
    ("full deploy", "cli_deploys_new_full", 1),
    ("full deploy", "npm-sentry/new_deploy", 3),
]


def shape(value: Any) -> Any:
    """The kinds of values, with times told from other text."""
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, str):
        try:
            return "time" if datetime.fromisoformat(value[:26].rstrip("Z")) and "T" in value else "text"
        except ValueError:
            return "text"
    return type(value).__name__


@pytest.mark.parametrize(("step", "recording", "index"), THEIRS)
def test_the_same_method_and_address(step, recording, index):
    theirs = recorded_requests(recording)[index]
    assert OURS[step].method == theirs["method"]
    assert "/api/0" + unquote(OURS[step].path) == unquote(theirs["path"])


@pytest.mark.parametrize(("step", "recording", "index"), THEIRS)
def test_the_same_shapes_below_the_same_keys(step, recording, index):
    theirs = shape(recorded_requests(recording)[index]["body"]["json"])
    mine = shape(OURS[step].json)
    common = mine.keys() & theirs.keys()
    assert common
    for key in common:
        if isinstance(mine[key], list) and isinstance(mine[key][0], dict):
            assert theirs[key][0].items() <= mine[key][0].items()
        else:
            assert mine[key] == theirs[key]


def test_no_key_that_no_official_client_sends():
    known = {step: set() for step in OURS}
    for step, recording, index in THEIRS:
        known[step] |= set(recorded_requests(recording)[index]["body"]["json"])
    assert {step: set(asked.json) - known[step] for step, asked in OURS.items()} == {step: set() for step in OURS}


def test_the_whole_deploy_is_the_same():
    assert OURS["full deploy"].json == recorded_requests("cli_deploys_new_full")[1]["body"]["json"]


def test_the_commits_are_the_same_but_for_the_repositorys_name():
    theirs = recorded_requests("cli_set_commits_local_first")[-1]["body"]["json"]["commits"]
    mine = OURS["commits"].json["commits"]
    for own, other in zip(mine, theirs, strict=True):
        assert datetime.fromisoformat(own.pop("timestamp")) == datetime.fromisoformat(other.pop("timestamp"))
        # sentry-cli writes the name of the remote here, which joins no repository that Sentry knows.
        assert (own.pop("repository"), other.pop("repository")) == ("acme/shop", "origin")
    assert mine == theirs


def test_the_search_goes_by_the_same_parameter():
    [theirs] = [request for request in recorded_requests("cli_issues_list") if request["path"].endswith("/issues/")]
    recorded = dict(parse_qsl(theirs["query"], keep_blank_values=True))
    s = stage(reply([]))
    search(s.client, IssueQuery(V, None, (), AT), recorded["query"])
    assert s.script.asked[0].values("query") == [recorded["query"]]


# --- the published description -----------------------------------------------------------------------------------------

ORG = "/api/0/organizations/{organization_id_or_slug}"
WRITES = {
    "create": (f"{ORG}/releases/", "post"),
    "commits": (f"{ORG}/releases/{{version}}/", "put"),
    "finalize": (f"{ORG}/releases/{{version}}/", "put"),
    "deploy": (f"{ORG}/releases/{{version}}/deploys/", "post"),
    "full deploy": (f"{ORG}/releases/{{version}}/deploys/", "post"),
}


@pytest.fixture(scope="module")
def description(shared: Path) -> dict[str, Any]:
    path = shared / "sentry" / "openapi.json"
    if not path.is_file():
        pytest.skip("no sentry/openapi.json in the reference data")
    return json.loads(path.read_text())["paths"]


def as_json_schema(schema: Any) -> Any:
    """OpenAPI 3.0's ``nullable`` in the words of JSON Schema."""
    if isinstance(schema, list):
        return [as_json_schema(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: as_json_schema(inner) for key, inner in schema.items() if key != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if schema.get("nullable") is True else plain


@pytest.mark.shared
@pytest.mark.parametrize("step", WRITES)
def test_our_writes_are_valid(description, step):
    path, method = WRITES[step]
    schema = as_json_schema(description[path][method]["requestBody"]["content"]["application/json"]["schema"])
    jsonschema.validate(OURS[step].json, schema, format_checker=jsonschema.FormatChecker())
    assert OURS[step].json.keys() <= schema["properties"].keys()


@pytest.mark.shared
def test_the_validation_can_fail(description):
    schema = as_json_schema(description[f"{ORG}/releases/"]["post"]["requestBody"]["content"]["application/json"]["schema"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"version": "v" * 201, "projects": ["web"]}, schema)


READS = [
    (f"{ORG}/releases/", lambda client: recent_releases(client, environment="prod", projects=["web"]), reply([])),
    (f"{ORG}/releases/{{version}}/", lambda client: get_release(client, V), reply(RELEASE)),
    (f"{ORG}/issues/", lambda client: search(client, IssueQuery(V, "prod", ("web",), AT), "x"), reply([])),
    (f"{ORG}/issues/{{issue_id}}/", lambda client: issue(client, "2"), saved_answer("sentry-23.7.1", "org_issue_get")),
    (f"{ORG}/issues/{{issue_id}}/events/", lambda client: occurrences(client, "2", since=AT, environment="prod"), reply([])),
    (
        f"{ORG}/issues/{{issue_id}}/events/{{event_id}}/",
        lambda client: latest_event(client, "2", environment="prod"),
        reply(saved_json("sentry-9.1.2", "issue_latest")),
    ),
]


@pytest.mark.shared
@pytest.mark.parametrize(("path", "call", "answer"), READS, ids=[path for path, _, _ in READS])
def test_our_reads_use_addresses_and_parameters_that_are_described(description, path, call, answer):
    s = stage(answer)
    call(s.client)
    asked = s.script.asked[0]
    described = description[path]["get"]
    names = {parameter["name"] for parameter in described["parameters"] if parameter["in"] == "query"}
    assert {key for key, _ in asked.query} <= names
    pattern = path.replace("{organization_id_or_slug}", "acme").replace("{version}", V).replace("{issue_id}", "2")
    assert "/api/0" + asked.path == pattern.replace("{event_id}", "latest")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("path", "call"),
    [
        (f"{ORG}/releases/", recent_releases),
        (f"{ORG}/releases/{{version}}/", lambda client: get_release(client, V)),
        (f"{ORG}/issues/", lambda client: search(client, IssueQuery(V, None, (), AT), "")),
        (f"{ORG}/issues/{{issue_id}}/", lambda client: issue(client, "2")),
        (
            f"{ORG}/issues/{{issue_id}}/events/",
            lambda client: occurrences(client, "2", since=datetime(2020, 1, 1, tzinfo=UTC)).events,
        ),
        (f"{ORG}/issues/{{issue_id}}/events/{{event_id}}/", lambda client: latest_event(client, "2")),
    ],
)
def test_the_published_examples_are_read(description, path, call):
    examples = description[path]["get"]["responses"]["200"]["content"]["application/json"]["examples"]
    for example in examples.values():
        assert call(stage(reply(example["value"])).client)
