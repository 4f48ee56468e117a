"""``deploywatch suspects`` with nothing faked: a real repository, real tracebacks, no configuration and no Sentry."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest

from tests.cli.conftest import Run, repository, schema
from tests.conftest import ROOT

TRACEBACK = """Traceback (most recent call last):
  File "{file}", line 2, in total
    return sum(item['prize'] for item in basket)
               ~~~~^^^^^^^^^
KeyError: 'prize'
"""
EVENT = {
    "exception": {
        "values": [
            {
                "type": "KeyError",
                "value": "'prize'",
                "stacktrace": {"frames": [{"filename": "shop.py", "lineno": 2, "function": "total"}]},
            }
        ]
    }
}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    return repository(tmp_path / "repo")


@pytest.fixture
def crash(tmp_path: Path) -> Path:
    file = tmp_path / "crash.txt"
    file.write_text(TRACEBACK.format(file="/srv/app/shop.py"))
    return file


def test_a_traceback_names_the_commit(run: Run, repo: Path, crash: Path) -> None:
    result = run("suspects", crash, "--repo", repo, "--base", "HEAD~1", "--format", "json")
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    jsonschema.validate(answer, schema("suspects"))
    assert answer["suspects"][0]["author"]["name"] == "bob"
    assert answer["verdict"] == "suspect"


@pytest.mark.parametrize("args", [(), ("-",)])
def test_stdin(run: Run, repo: Path, crash: Path, args: tuple[str, ...]) -> None:
    result = run("suspects", *args, "--repo", repo, "--base", "HEAD~1", input=crash.read_text())
    assert result.exit_code == 0, result.output
    assert "Use prize" in result.stdout


def test_piped_from_a_shell_with_an_empty_environment(repo: Path, crash: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f'cat "{crash}" | "{sys.executable}" -m deploywatch suspects --base HEAD~1'],
        cwd=repo,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Use prize" in done.stdout


def test_json_lines_give_one_line_each(run: Run, repo: Path) -> None:
    events = "\n".join(json.dumps({**EVENT, "event_id": str(number)}) for number in range(3))
    result = run("suspects", "-", "--repo", repo, "--base", "HEAD~1", "--format", "json", input=events)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer["suspects"][0]["subject"] for answer in answers] == ["Use prize"] * 3


def test_several_inputs(run: Run, repo: Path, crash: Path) -> None:
    result = run("suspects", crash, crash, "--repo", repo, "--base", "HEAD~1", "--format", "json")
    assert len(result.stdout.splitlines()) == 2


def test_markdown_into_a_file(run: Run, repo: Path, crash: Path, tmp_path: Path) -> None:
    result = run("suspects", crash, "--repo", repo, "--base", "HEAD~1", "--format", "markdown", "-o", tmp_path / "answer.md")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Use prize" in (tmp_path / "answer.md").read_text()


def test_what_was_answered_before_a_broken_line_stays(run: Run, repo: Path) -> None:
    lines = f"{json.dumps(EVENT)}\n{{broken\n"
    result = run("suspects", "--repo", repo, "--base", "HEAD~1", "--format", "json", input=lines)
    assert result.exit_code == 1
    first, error = map(json.loads, result.stdout.splitlines())
    assert first["schema"] == "deploywatch.suspects/1"
    assert error["error"]["message"].startswith("stdin: line 2 is not JSON")


@pytest.mark.parametrize(
    ("args", "said", "exit_code"),
    [
        (("absent.txt", "--base", "HEAD~1"), "absent.txt cannot be read: No such file", 1),
        (("{crash}", "--base", "v9"), "there is no commit 'v9'", 1),
        (("{crash}", "--base", "HEAD", "--head", "HEAD~1"), "not an ancestor", 1),
        (("{crash}", "--base", "--upload-pack=x"), "cannot be a revision", 1),
        (("{crash}",), "no base", 2),
        (("{empty}", "--base", "HEAD~1"), "is empty", 1),
        (("{prose}", "--base", "HEAD~1"), "no traceback in a known language", 1),
        (("{crash}", "--base", "HEAD~1", "-o", "absent/answer"), "cannot be written", 2),
    ],
)
def test_bad_input_is_one_clear_error(
    run: Run, repo: Path, crash: Path, tmp_path: Path, args: tuple[str, ...], said: str, exit_code: int
) -> None:
    (tmp_path / "empty.txt").touch()
    (tmp_path / "prose.txt").write_text("It was a dark and stormy night.\n")
    files = {"crash": crash, "empty": tmp_path / "empty.txt", "prose": tmp_path / "prose.txt"}
    result = run("suspects", *(arg.format(**files) for arg in args), "--repo", repo)
    assert result.exit_code == exit_code, result.output
    assert said in result.stderr
    assert "hint:" in result.stderr
    assert result.stdout == ""


def test_not_a_repository(run: Run, crash: Path, tmp_path: Path) -> None:
    result = run("suspects", crash, "--repo", tmp_path, "--base", "HEAD~1", "--format", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["code"] == "NotARepository"


def test_an_empty_window_is_an_error_that_says_so(run: Run, repo: Path, crash: Path) -> None:
    result = run("suspects", crash, "--repo", repo, "--base", "HEAD", "--format", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["code"] == "EmptyWindow"


def test_it_was_answered_whatever_the_answer_is(run: Run, repo: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.txt"
    elsewhere.write_text(TRACEBACK.format(file="/usr/lib/python3.11/json/decoder.py").replace("prize", "x"))
    result = run("suspects", elsewhere, "--repo", repo, "--base", "HEAD~1", "--format", "json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["verdict"] in ("none", "unsure")


def test_roots_of_the_command_line_go_before_those_of_the_file(
    run: Run, repo: Path, crash: Path, use_cases: SimpleNamespace
) -> None:
    seen: list[Any] = []
    use_cases.suspects = lambda _events, **given: seen.append(given) or iter(())
    (repo / "deploywatch.toml").write_text('[repository]\ncode_roots = [{ from = "/srv/app", to = "apps" }]')
    run("suspects", crash, "--repo", repo, "--base", "v1", "--head", "v2", "--code-root", "/opt=", "--limit", "3")
    assert seen == [{"repo": repo, "base": "v1", "head": "v2", "code_roots": (("/opt", ""), ("/srv/app", "apps")), "limit": 3}]


def test_no_configuration_costs_nothing(repo: Path, crash: Path) -> None:
    code = (
        "import sys\nfrom deploywatch.cli.main import main\ntry:\n    main()\nfinally:\n    print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "suspects", str(crash), "--base", "HEAD~1", "--format", "json"],
        cwd=repo,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stderr.split())
    assert not {"pydantic", "httpx", "jinja2", "rich", "sqlalchemy"} & loaded
    assert not {"difflib", "deploywatch.suspects.syntax.braces", "deploywatch.steps.versions"} & loaded
