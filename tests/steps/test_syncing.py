"""`owners diff`, `owners push` and generated rules, over a real repository and the stand-in for Sentry."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from deploywatch import respond
from deploywatch.cli.main import program
from deploywatch.errors import ConfigError, InputError, SentryRejected, StateError, UsageError
from deploywatch.owners.sentry_rules import parse
from deploywatch.report.as_json import schema
from deploywatch.requests import OwnersRequest, SyncRequest
from deploywatch.sandbox.standin.faults import Fault
from deploywatch.sandbox.standin.records import CodeMapping
from tests.gitrepo import GitRepo

HELD = "path:old/* #shop"


@pytest.fixture
def repo(tmp_path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    names = [*(f"src/shop/f{number}.py" for number in range(6)), *(f"src/api/g{number}.py" for number in range(6)), "free/x.py"]
    owners = "/src/shop/ @acme/shop\n/src/api/ @acme/api @ann\n/src/api/g0.py @acme/unheard\n"
    made.commit("start", {**dict.fromkeys(names, "x\n"), "CODEOWNERS": owners})
    return made


@pytest.fixture(autouse=True)
def _people(stage):
    for slug in ("shop", "api"):
        stage.sentry.state.add_team(slug)
    stage.sentry.state.add_user("Ann", "ann@acme.test").externals.append(("github", "@ann"))
    stage.sentry.state.projects[0].ownership.raw = HELD


def held(stage):
    return stage.sentry.state.projects[0].ownership.raw


def writes(stage):
    return [seen for seen in stage.sentry.seen if seen.method not in ("GET", "POST")]


def push(setup, text=None, repo=None, **given):
    owners = OwnersRequest(repo=repo.folder) if repo else OwnersRequest()
    return respond.owners_push(setup, SyncRequest(owners=owners, text=text, **given))


def test_nothing_is_written_unless_that_is_said(stage):
    found = push(stage.setup, "path:new/* #shop\n")
    assert (found.applied, found.backup, held(stage), writes(stage)) == (False, None, HELD, [])
    assert "+path:new/* #shop" in found.comparison.diff


def test_what_was_there_is_kept_and_what_was_written_is_read_again(stage):
    found = push(stage.setup, "path:new/* #shop ann@acme.test\n", apply=True)
    assert (found.applied, held(stage)) == (True, "path:new/* #shop ann@acme.test")
    assert found.backup.read_text() == f"{HELD}\n"
    assert [(seen.method, seen.body) for seen in writes(stage)] == [("PUT", {"raw": "path:new/* #shop ann@acme.test"})]
    assert [seen.method for seen in stage.sentry.seen if seen.path.endswith("/ownership/")] == ["GET", "PUT", "GET"]
    back = push(stage.setup, found.backup.read_text(), apply=True)
    assert (back.applied, held(stage)) == (True, HELD)
    assert back.backup != found.backup


def test_the_same_again_writes_nothing(stage):
    assert push(stage.setup, f"\n{HELD}\r\n", apply=True).comparison.is_same
    assert writes(stage) == []


REFUSED = [
    ("path:a #shop\n" * 9_000, "117,000|116,999"),
    ("path:a #shop\npath:b\n", "line 2: the rule has no owner"),
    ("codeowners:/a #shop\n", "line 1: codeowners"),
    ("path:a #shop #gone bob@acme.test\n", "#gone, bob@acme.test"),
]


@pytest.mark.parametrize(("text", "says"), REFUSED)
def test_what_sentry_would_refuse_is_named_before_anything_is_sent(stage, text, says):
    with pytest.raises(InputError, match=says):
        push(stage.setup, text, apply=True)
    assert (held(stage), writes(stage)) == (HELD, [])


def test_the_limit_of_the_plan_is_configured(stage):
    with pytest.raises(InputError, match="Sentry takes 10"):
        push(stage.settings(owners={"limit": 10}), HELD)


def test_no_rule_at_all_is_asked_twice(stage):
    with pytest.raises(UsageError, match="all 1 that Sentry holds would go"):
        push(stage.setup, "# nothing\n", apply=True)
    assert push(stage.setup, "", apply=True, allow_empty=True).applied
    assert held(stage) == ""


def test_where_no_backup_can_be_kept_nothing_is_written(stage, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match="nothing was written"):
        push(stage.settings(state={"folder": str(tmp_path / "file")}), "path:n #shop", apply=True)
    assert writes(stage) == []


def test_rules_that_somebody_else_wrote_meanwhile_are_found_out(stage, monkeypatch):
    from deploywatch.steps import syncing

    def write(client, project, raw):
        stage.sentry.state.projects[0].ownership.raw = "path:theirs #api"

    monkeypatch.setattr(syncing, "write_rules", write)
    with pytest.raises(SentryRejected, match="other rules") as caught:
        push(stage.setup, "path:n #shop", apply=True)
    backup = Path(caught.value.hint.rpartition(" ")[2])
    assert backup.read_text() == f"{HELD}\n"


def test_an_answer_that_got_lost_is_settled_by_reading(stage):
    stage.sentry.faults.add(Fault("PUT", "*/ownership/", cut=True, times=None))
    stage.sentry.state.projects[0].ownership.raw = HELD
    found = push(stage.setup, "path:n #shop", apply=True)
    assert (found.applied, held(stage)) == (True, "path:n #shop")


def test_a_token_that_may_not_see_people_lets_sentry_judge(stage):
    setup = stage.setup_with(SENTRY_AUTH_TOKEN=stage.sentry.add_token("project:read"))
    found = push(setup, "path:n #shop", apply=True)
    assert found.applied
    assert found.comparison.unknown is None
    assert any("does not tell its teams" in warning for warning in found.warnings)
    with pytest.raises(SentryRejected, match="Invalid rule owners: #gone"):
        push(setup, "path:n #gone", apply=True)


def test_rules_belong_to_one_project(stage):
    with pytest.raises(UsageError, match="2 are named"):
        respond.owners_diff(stage.setup, SyncRequest(owners=OwnersRequest(projects=("shop", "api")), text=""))
    with pytest.raises(ConfigError, match="no Sentry project"):
        respond.owners_diff(stage.setup_with(SENTRY_PROJECT=""), SyncRequest(text=""))


def test_rules_are_made_of_the_owner_file_where_none_are_given(stage, repo):
    project = stage.sentry.state.projects[0]
    project.mappings = [CodeMapping(1, "acme/shop", "/app/", "src/")]
    found = push(stage.setup, repo=repo, apply=True)
    assert held(stage).splitlines() == [
        *(f"path:/app/api/g{number}.py #api ann@acme.test" for number in range(1, 6)),
        "path:/app/shop/* #shop",
    ]
    assert found.warnings == ("Sentry knows no @acme/unheard, so its files are left to others, or to nobody",)
    assert found.made.compression.rules_before == 11


@pytest.mark.parametrize("smallest", [False, True])
def test_made_rules_route_as_the_owner_file_does(stage, repo, smallest):
    made = respond.owners_rules(stage.setup, OwnersRequest(repo=repo.folder), smallest=smallest)
    sentry, _ = parse(made.compression.text)
    assert sentry.decide("src/shop/f3.py").owners == ("#shop",)
    assert sentry.decide("src/api/g3.py").owners == ("#api",)
    assert sentry.decide("src/api/g0.py").owners == ("#unheard",)
    assert sentry.decide("free/x.py").owners == ()
    assert made.unknown == ("@ann",)
    assert stage.sentry.seen == ()


def test_nothing_to_make_rules_of(stage, tmp_path):
    bare = GitRepo(tmp_path / "bare")
    bare.commit("start", {"a.py": "x"})
    with pytest.raises(UsageError, match="no owner file"):
        respond.owners_rules(stage.setup, OwnersRequest(repo=bare.folder))
    services = [{"name": "a", "owners": ["@acme/a"], "paths": ["/a.py"]}]
    made = respond.owners_rules(stage.settings(services=services), OwnersRequest(repo=bare.folder))
    assert made.compression.text == "path:a.py #a\n"


# --- the commands ------------------------------------------------------------------------------------------------------


def command(stage, *arguments, stdin=None):
    return CliRunner().invoke(
        program, ["owners", *map(str, arguments)], input=stdin, env=dict(stage.setup.environ), prog_name="d"
    )


def test_diff(stage):
    result = command(stage, "diff", "-", stdin="path:new/* #shop\n")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "+path:new/* #shop")
    assert command(stage, "diff", "-", "--exit-code", stdin="path:new/* #shop\n").exit_code == 1
    same = command(stage, "diff", "-", "--exit-code", stdin=HELD)
    assert (same.exit_code, same.stdout, "already" in same.stderr) == (0, "", True)


def test_diff_tells_what_is_wrong_and_does_not_fail(stage):
    result = command(stage, "diff", "-", "--format", "json", stdin="path:a\npath:b #gone\n")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    Draft202012Validator(schema("owners-sync")).validate(answer)
    assert (answer["unknown_owners"], [line["line"] for line in answer["refused_lines"]]) == (["#gone"], [1])
    assert "Sentry knows no #gone" in result.stderr


def test_push(stage, tmp_path):
    (tmp_path / "rules").write_text("path:new/* #shop\n")
    dry = command(stage, "push", tmp_path / "rules")
    assert (dry.exit_code, "dry run: 1 rules of shop would become 1; say --apply" in dry.stderr) == (0, True)
    done = command(stage, "push", tmp_path / "rules", "--apply", "--format", "json")
    answer = json.loads(done.stdout)
    Draft202012Validator(schema("owners-sync")).validate(answer)
    assert (answer["applied"], Path(answer["backup"]).read_text(), held(stage)) == (True, f"{HELD}\n", "path:new/* #shop")
    assert "nothing to do" in command(stage, "push", tmp_path / "rules", "--apply").stderr


def test_compress_of_the_repository(stage, repo):
    plain = command(stage, "compress", "--generate", "--repo", repo.folder)
    assert plain.exit_code == 0, plain.output
    assert "path:src/shop/* #shop" in plain.stdout.splitlines()
    assert "nothing tells what Sentry calls @ann" in plain.stderr
    asked = command(stage, "compress", "--generate", "--repo", repo.folder, "--project", "shop")
    assert "path:src/api/g1.py #api ann@acme.test" in asked.stdout.splitlines()
