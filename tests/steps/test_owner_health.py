"""`owners check` over a real repository and the stand-in for Sentry, through the command."""

from __future__ import annotations

import json
from uuid import NAMESPACE_URL, uuid5

import pytest
from jsonschema import Draft202012Validator

from deploywatch import respond
from deploywatch.errors import ConfigError, SentryUnavailable
from deploywatch.owners.finding import Check
from deploywatch.report.as_json import schema
from deploywatch.requests import CheckRequest, OwnersRequest
from deploywatch.sandbox.standin.faults import Fault
from deploywatch.sandbox.standin.records import CodeMapping, Codeowners
from tests.fakes.api import Answer, FakeApi
from tests.gitrepo import GitRepo
from tests.steps.conftest import DEPLOYED

OWNERS = "/shop/ @acme/shop\n/shop/cart.py @acme/cart\n/gone/ @acme/shop\n/a\\ b/ @acme/shop\n*.[ch] @x\n/odd/ @acme/unheard\n"
FILES = ["shop/cart.py", "shop/pay.py", "tools/a.py", "tools/b.py", "a b/c.py", "odd/x.py"]


@pytest.fixture
def repo(tmp_path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit("start", {**dict.fromkeys(FILES, "x\n"), "CODEOWNERS": OWNERS})
    return made


def check(setup, repo, *, sentry=None, **owners):
    return respond.owners_check(setup, CheckRequest(owners=OwnersRequest(repo=repo.folder, **owners), sentry=sentry))


def found(health, kind):
    return [(finding.line, finding.path) for finding in health.findings if finding.check is kind]


def teams(stage, *slugs):
    for slug in slugs:
        stage.sentry.state.add_team(slug).externals.append(("github", f"@acme/{slug}"))


def fails_in(stage, filename, times):
    frames = {"frames": [{"filename": filename, "function": "f", "lineno": 1, "in_app": True}]}
    for number in range(times):
        event = {
            "timestamp": DEPLOYED.timestamp(),
            "exception": {"values": [{"type": "E", "value": filename, "stacktrace": frames}]},
        }
        stage.sentry.receive({**event, "event_id": uuid5(NAMESPACE_URL, f"{filename}{number}").hex}, project="shop")


def test_the_file_alone(stage, repo):
    health = check(stage.setup, repo, sentry=False)
    assert found(health, Check.INVALID_LINE) == [(5, None)]
    assert found(health, Check.MATCHES_NOTHING) == [(3, None)]
    assert found(health, Check.UNOWNED) == [(0, "CODEOWNERS"), (0, "tools/")]
    assert health.not_checked == ()
    assert stage.sentry.seen == ()


def test_another_commit_and_files_of_services(stage, repo):
    repo.commit("tidy", {"CODEOWNERS": "* @acme/all\n"})
    assert check(stage.setup, repo, sentry=False).findings == ()
    services = [{"name": "tools", "owners": ["@t"], "paths": ["/tools/"]}]
    health = check(stage.settings(services=services), repo, sentry=False, rev="HEAD~1")
    assert found(health, Check.UNOWNED) == [(0, "CODEOWNERS")]


def test_nobody_s_files_with_their_share_of_the_recent_errors(stage, repo):
    fails_in(stage, "tools/a.py", 3)
    fails_in(stage, "shop/pay.py", 1)
    fails_in(stage, "vendor/other.js", 2)
    health = check(stage.setup, repo)
    (tools,) = [finding for finding in health.findings if finding.path == "tools/"]
    assert tools.share == 0.75
    assert "75.0% of the recent errors" in tools.message
    assert any("2 recent errors of shop" in sentence for sentence in health.not_checked)


def test_errors_of_long_ago_are_not_recent(stage, repo):
    fails_in(stage, "tools/a.py", 3)
    stage.clock.sleep(15 * 86_400)
    assert [finding.share for finding in check(stage.setup, repo).findings if finding.path == "tools/"] == [None]


def test_lines_that_sentry_drops_where_the_project_takes_codeowners(stage, repo):
    teams(stage, "shop", "cart")
    assert found(check(stage.setup, repo), Check.DROPPED) == []
    stage.sentry.state.projects[0].codeowners = []
    assert found(check(stage.setup, repo), Check.DROPPED) == [(4, None), (5, None), (6, None)]


def test_drift_from_the_rules_and_the_codeowners_that_sentry_holds(stage, repo):
    teams(stage, "shop", "cart")
    project = stage.sentry.state.projects[0]
    project.ownership.raw = "path:app/shop/pay* #cart\npath:x #left"
    project.mappings = [CodeMapping(1, "acme/other"), CodeMapping(2, "acme/shop", "app/", "")]
    project.codeowners = [Codeowners(1, OWNERS.replace("/gone/ @acme/shop\n", ""), project.mappings[1], DEPLOYED)]
    health = check(stage.settings(repository={"name": "acme/shop"}), repo)
    assert (1, "shop/pay.py") in found(health, Check.DRIFT)
    assert any("another version" in finding.message for finding in health.findings)
    (unknown,) = [finding for finding in health.findings if finding.check is Check.UNKNOWN_OWNER]
    assert (unknown.file, unknown.line, "#left" in unknown.message) == ("Sentry ownership rules of shop", 2, True)


def test_a_team_without_access_to_the_project_does_not_exist_for_it(stage, repo):
    teams(stage, "shop")
    stage.sentry.state.projects[0].ownership.raw = "path:x #shop"
    assert found(check(stage.setup, repo), Check.UNKNOWN_OWNER) == []
    stage.sentry.state.teams[0].projects = ["other"]
    assert found(check(stage.setup, repo), Check.UNKNOWN_OWNER) == [(1, None)]


def test_rules_above_the_limit(stage, repo):
    teams(stage, "shop")
    stage.sentry.state.projects[0].ownership.raw = "path:x #shop"
    health = check(stage.settings(owners={"limit": 5}), repo)
    assert any(finding.check is Check.TOO_LARGE for finding in health.findings)


@pytest.mark.parametrize("trouble", ["no token", "down", "no project"])
def test_what_sentry_does_not_tell_is_not_checked_and_said(stage, repo, trouble):
    setup, error = stage.setup, ConfigError
    if trouble == "no token":
        setup = stage.setup_with(SENTRY_AUTH_TOKEN="")
    elif trouble == "no project":
        setup = stage.setup_with(SENTRY_PROJECT="")
    else:
        stage.sentry.faults.add(Fault("*", "*", status=503, times=None))
        error = SentryUnavailable
    health = check(setup, repo)
    assert health.not_checked[-1].startswith("what Sentry holds: ")
    assert found(health, Check.MATCHES_NOTHING) == [(3, None)]
    with pytest.raises(error):
        check(setup, repo, sentry=True)


def test_a_token_without_the_scope_for_people(stage, repo):
    token = stage.sentry.add_token("project:read", "event:read", "org:read")
    stage.sentry.state.projects[0].ownership.raw = "path:x #left"
    health = check(stage.setup_with(SENTRY_AUTH_TOKEN=token), repo)
    assert found(health, Check.UNKNOWN_OWNER) == []
    assert sum("Sentry does not tell" in sentence for sentence in health.not_checked) == 2


def test_owners_that_the_code_host_does_not_know(stage, repo):
    errors = [
        {"line": 6, "kind": "Unknown owner", "suggestion": "make sure @acme/unheard exists"},
        {"line": 5, "kind": "Invalid pattern", "suggestion": "no ranges"},
    ]
    repo.git("remote", "add", "origin", "https://github.com/acme/shop.git")
    with FakeApi({("GET", "/repos/acme/shop/codeowners/errors"): lambda _: Answer(200, {"errors": errors})}) as api:
        health = check(stage.setup_with(GITHUB_TOKEN="t", GITHUB_API_URL=api.url), repo, sentry=False)
        assert api.requests[0].query == {"ref": repo.head}
    assert found(health, Check.UNKNOWN_OWNER) == [(6, None)]
    assert found(health, Check.INVALID_LINE) == [(5, None)], "once"
    with FakeApi({}) as api:
        health = check(stage.setup_with(GITHUB_TOKEN="t", GITHUB_API_URL=api.url), repo, sentry=False)
    assert "whether the owners exist on the code host" in health.not_checked[0]


def test_no_owner_file_at_all(stage, tmp_path):
    repo = GitRepo(tmp_path / "bare")
    repo.commit("start", {"a/b": "x", "c": "y"})
    health = check(stage.setup, repo, sentry=False)
    assert [path for _, path in found(health, Check.UNOWNED)] == ["a/b", "c"]
    assert health.not_checked == ("the repository has no owner file at this commit",)


@pytest.mark.parametrize(("fail_at", "code"), [("error", 1), ("never", 0), ("note", 1)])
def test_the_command(stage, repo, fail_at, code):
    from click.testing import CliRunner

    from deploywatch.cli.main import program

    arguments = ["owners", "check", "--repo", str(repo.folder), "--no-sentry", "--format", "json", "--fail-at", fail_at]
    result = CliRunner().invoke(program, arguments, env={"HOME": str(repo.folder)}, prog_name="deploywatch")
    assert result.exit_code == code
    answer = json.loads(result.stdout)
    Draft202012Validator(schema("owners-check")).validate(answer)
    assert answer["counts"]["error"] == 1
