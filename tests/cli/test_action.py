"""What action.yml ends in: inputs become options, secrets are masked, and GitHub is told even of trouble."""

from __future__ import annotations

import json
import os
import re
from base64 import b64decode
from io import StringIO
from pathlib import Path

import pytest

from deploywatch.cli.action import git_access, masks, options_of, run_step
from tests.gitrepo import GitRepo


def test_inputs_become_the_variables_of_options() -> None:
    inputs = {
        "INPUT_FOR": "20s",
        "INPUT_RELEASE": "",
        "INPUT_TELL": " comment check ",
        "INPUT_REPORT_DIRECTORY": "x",
        "FOR": "1s",
    }
    assert options_of(inputs) == {"DEPLOYWATCH_FOR": "20s", "DEPLOYWATCH_TELL": "comment check"}


def test_every_secret_is_masked_line_by_line() -> None:
    environ = {
        "SENTRY_AUTH_TOKEN": "sntrys_abcdef",
        "GITHUB_TOKEN": "ghs_12345678",
        "DB_PASSWORD": "two%\nlines-of-it",
        "SHORT_TOKEN": "x",
        "HOME": "/home/runner",
        "PWD": "/home/runner/work",
        "OLDPWD": "/home/runner",
    }
    assert list(masks(environ)) == ["::add-mask::sntrys_abcdef", "::add-mask::ghs_12345678", "::add-mask::lines-of-it"]


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitRepo:
    made = GitRepo(tmp_path / "shop")
    made.commit("start", {"shop.py": "1\n"})
    monkeypatch.chdir(made.folder)
    return made


GITHUB = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_TOKEN": "ghs_12345678", "PATH": os.environ["PATH"]}


def settings(environ: dict[str, str]) -> dict[str, str]:
    found = git_access(environ)
    return {found[f"GIT_CONFIG_KEY_{n}"]: found[f"GIT_CONFIG_VALUE_{n}"] for n in range(int(found["GIT_CONFIG_COUNT"]))}


def test_git_gets_the_token(repo: GitRepo) -> None:
    found = settings(GITHUB)
    assert found["safe.directory"] == "*"
    kind, _, basic = found["http.https://github.com/.extraheader"].removeprefix("AUTHORIZATION: ").partition(" ")
    assert (kind, b64decode(basic).decode()) == ("basic", "x-access-token:ghs_12345678")


def test_git_gets_it_once(repo: GitRepo) -> None:
    repo.git("config", "http.https://github.com/.extraheader", "AUTHORIZATION: basic x")
    assert list(settings(GITHUB)) == ["safe.directory"]


def test_settings_that_are_there_stay(repo: GitRepo) -> None:
    found = git_access({**GITHUB, "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "a.b", "GIT_CONFIG_VALUE_0": "c"})
    assert (found["GIT_CONFIG_COUNT"], found["GIT_CONFIG_KEY_1"], "GIT_CONFIG_KEY_0" in found) == ("3", "safe.directory", False)


@pytest.fixture
def job(tmp_path: Path, repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(("SENTRY_", "DEPLOYWATCH_", "GITHUB_", "INPUT_"))]:
        monkeypatch.delenv(name)
    variables = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "deployment_status", "RUNNER_TEMP": str(tmp_path)}
    files = {name: str(tmp_path / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for name, value in {**variables, **files, "HOME": str(tmp_path), "GIT_CONFIG_COUNT": ""}.items():
        monkeypatch.setenv(name, value)
    # What the step sets is undone with what is set here.
    for number in range(2):
        for part in ("KEY", "VALUE"):
            monkeypatch.setenv(f"GIT_CONFIG_{part}_{number}", "")
    return tmp_path


def outputs(job: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (job / "GITHUB_OUTPUT").read_text("utf-8").splitlines())


def test_trouble_is_told_everywhere(job: Path) -> None:
    out = StringIO()
    assert run_step(os.environ, out) == 2
    assert outputs(job) == {"verdict": "error", "exit_code": "2"}
    assert "SENTRY" in (job / "GITHUB_STEP_SUMMARY").read_text("utf-8")
    assert re.search(
        r"^::error title=deploywatch failed::there is no Sentry auth token.*%0Aset SENTRY_AUTH_TOKEN",
        out.getvalue(),
        re.MULTILINE,
    )


def test_commands_are_stopped_while_it_runs(job: Path) -> None:
    out = StringIO()
    run_step(os.environ, out)
    stop, end = re.findall(r"^::(?:stop-commands::)?([0-9a-f]{32})(?:::)?$", out.getvalue(), re.MULTILINE)
    assert stop == end


def test_a_deployment_that_has_not_succeeded_is_nothing_to_watch(job: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (job / "event.json").write_text(json.dumps({"deployment_status": {"state": "failure\n::error::x"}}), "utf-8")
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(job / "event.json"))
    assert run_step(os.environ, StringIO()) == 2, "a state that is no word says nothing"
    (job / "GITHUB_OUTPUT").unlink()
    (job / "event.json").write_text(json.dumps({"deployment_status": {"state": "in_progress"}}), "utf-8")
    out = StringIO()
    assert run_step(os.environ, out) == 0
    assert outputs(job) == {"verdict": "skipped", "exit_code": "0"}
    assert "in_progress" in out.getvalue()
