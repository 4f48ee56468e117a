from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import jsonschema
import pytest

from deploywatch import errors
from deploywatch.cli.errors import leave, report_of
from deploywatch.cli.exit_codes import MEANINGS, ExitCode
from deploywatch.cli.invocation import Invocation
from deploywatch.errors import ConfigError, DeployWatchError, GitError, SentryUnavailable
from tests.cli.conftest import Run, repository, schema
from tests.conftest import ROOT

Raising = Callable[[BaseException], None]


def every_kind(base: type[DeployWatchError] = DeployWatchError) -> list[type[DeployWatchError]]:
    return [base, *(kind for below in base.__subclasses__() for kind in every_kind(below))]


@pytest.mark.parametrize("kind", every_kind(), ids=lambda kind: kind.__name__)
def test_every_error_leaves_with_its_exit_code_and_its_hint(run: Run, raising: Raising, kind: type[DeployWatchError]) -> None:
    raising(kind("it rains", hint="take an umbrella"))
    result = run("completion", "bash")
    assert result.exit_code == kind.exit_code
    assert result.stderr == "error: it rains\n  hint: take an umbrella\n"
    assert result.stdout == ""


def test_the_tree_knows_only_the_documented_codes() -> None:
    assert {kind.exit_code for kind in every_kind()} == {ExitCode.FAILED, ExitCode.USAGE}
    assert set(MEANINGS) == set(ExitCode)


def test_programs_get_an_object(run: Run, raising: Raising) -> None:
    raising(GitError("it rains", hint="take an umbrella"))
    result = run("completion", "bash", "--format", "json")
    answer = json.loads(result.stdout)
    jsonschema.validate(answer, schema("error"))
    assert answer["error"] == {"code": "GitError", "message": "it rains", "hint": "take an umbrella"}
    assert answer["exit_code"] == result.exit_code == 1
    assert "it rains" in result.stderr


def test_not_seeing_is_a_verdict_where_the_command_says_so() -> None:
    error = SentryUnavailable("Sentry is down", hint="wait")

    def command() -> None:
        raise error

    assert leave(command, Invocation()) == 1
    assert leave(command, Invocation(blind_exit=4)) == 4


def test_hostile_text_steers_no_terminal(run: Run, raising: Raising) -> None:
    raising(ConfigError("\x1b]0;owned\x07 \u202egnp.exe", hint="a\rb"))
    said = run("completion", "bash").stderr
    assert not {"\x1b", "\x07", "\r", "\u202e"} & set(said)


def test_a_bug_is_short_and_leaves_a_log(run: Run, raising: Raising, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    raising(ZeroDivisionError("division by zero"))
    result = run("completion", "bash", "--format", "json")
    (log,) = tmp_path.glob("deploywatch-*.log")
    assert result.exit_code == 1
    assert "deploywatch has a bug: ZeroDivisionError" in result.stderr
    assert str(log) in result.stderr
    assert "Traceback" not in result.stderr
    assert json.loads(result.stdout)["error"]["code"] == "Unexpected"
    assert "ZeroDivisionError: division by zero" in log.read_text()
    assert log.stat().st_mode & 0o077 == 0, "a log is for its owner"


@pytest.mark.parametrize(("args", "env"), [(["-v"], {}), ([], {"CI": "true"})])
def test_a_bug_shows_itself_where_the_log_would_be_lost(run: Run, raising: Raising, args: list[str], env: dict[str, str]) -> None:
    raising(ZeroDivisionError("division by zero"))
    assert "Traceback" in run("completion", "bash", *args, env=env).stderr


def test_a_log_holds_no_secret() -> None:
    environ = {
        "SENTRY_AUTH_TOKEN": "sntryu_0123456789",
        "SLACK_WEBHOOK_URL": "https://hooks.example/T/B/x",
        "SHORT_KEY": "a",
        "HOME": "/root",
    }
    log = report_of(ValueError("refused sntryu_0123456789 at https://hooks.example/T/B/x ``` end"), environ)
    assert "sntryu" not in log
    assert "hooks.example" not in log
    assert "<SENTRY_AUTH_TOKEN>" in log
    assert log.count("```") == 2, "it can be pasted into an issue"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_interrupted(run: Run, raising: Raising, error: BaseException) -> None:
    raising(error)
    result = run("completion", "bash")
    assert result.exit_code == 130
    assert "interrupted" in result.stderr


def test_an_error_of_ours_has_a_traceback_only_on_demand(run: Run, raising: Raising) -> None:
    raising(GitError("it rains", hint="take an umbrella"))
    assert "Traceback" not in run("completion", "bash").stderr
    assert "Traceback" in run("completion", "bash", "-v").stderr


def program(*args: str) -> list[str]:
    return [sys.executable, "-m", "deploywatch", *args]


def test_a_reader_that_goes_away_is_no_bug() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as gone:
        done = subprocess.run(
            program("completion", "bash"),
            stdout=gone,
            stderr=subprocess.PIPE,
            check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
    assert (done.returncode, done.stderr) == (141, b"")


def test_ctrl_c_of_the_real_program(tmp_path: Path) -> None:
    fifo = tmp_path / "input"
    os.mkfifo(fifo)
    process = subprocess.Popen(
        program("suspects", str(fifo), "--repo", str(repository(tmp_path / "repo")), "--base", "HEAD~1"),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    with fifo.open("wb"):  # opens when the other side does
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert b"Traceback" not in said


def test_exports_of_the_tree_are_documented() -> None:
    for kind in every_kind():
        assert kind.__name__ in (errors.__doc__ or "")
