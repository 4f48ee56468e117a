from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import deploywatch
from deploywatch.model import RuleRef
from deploywatch.owners.rules import Decision
from tests.cli.conftest import Run, repository

DECIDER = RuleRef(".github/CODEOWNERS", 7, "/apps/shop/", ("@acme/shop",))
OUTRANKED = RuleRef(".github/CODEOWNERS", 1, "*", ("@acme/all",))
DECISIONS = {
    "apps/shop/a.py": Decision(("@acme/shop",), DECIDER, (OUTRANKED,)),
    "README": Decision(),
    "\x1b[31mred": Decision((), RuleRef("CODEOWNERS", 2, "/x"), ()),
}


@pytest.fixture(autouse=True)
def asked(use_cases: SimpleNamespace) -> list[dict[str, Any]]:
    seen: list[dict[str, Any]] = []

    def who(_setup: Any, **given: Any) -> list[tuple[str, Decision]]:
        seen.append(given)
        return [(path, DECISIONS[path]) for path in given["paths"]]

    use_cases.who = who
    return seen


def test_json_is_the_contract(run: Run) -> None:
    result = run("owners", "who", "apps/shop/a.py", "README", "--format", "json")
    assert json.loads(result.stdout) == [
        {
            "path": "apps/shop/a.py",
            "owners": ["@acme/shop"],
            "decided_by": {"file": ".github/CODEOWNERS", "line": 7, "pattern": "/apps/shop/", "owners": ["@acme/shop"]},
            "outranked": [{"file": ".github/CODEOWNERS", "line": 1, "pattern": "*", "owners": ["@acme/all"]}],
        },
        {"path": "README", "owners": [], "decided_by": None, "outranked": []},
    ]


def test_text_names_the_line(run: Run) -> None:
    assert run("owners", "who", "apps/shop/a.py", "README").stdout == (
        "apps/shop/a.py: @acme/shop\n"
        "  .github/CODEOWNERS:7 (/apps/shop/)\n"
        "  over .github/CODEOWNERS:1 (*): @acme/all\n"
        "README: nobody\n"
        "  no line matches\n"
    )


def test_compress_gives_rules_on_stdout_and_the_proof_on_stderr(run: Run) -> None:
    rules = "".join(f"path:apps/shop/a{number}.py #shop\npath:apps/api/b{number}.py #api\n" for number in range(9))
    result = run("owners", "compress", input=rules)
    assert result.exit_code == 0, result.output
    assert sorted(result.stdout.splitlines()) == ["path:apps/api/* #api", "path:apps/shop/* #shop"]
    assert "18 rules became 2" in result.stderr
    assert "proved: each of the 18 paths goes where it went before" in result.stderr
    assert "new files: path:apps/api/* goes to #api" in result.stderr


def test_compress_says_what_it_left_out(run: Run, tmp_path: Path) -> None:
    (tmp_path / "rules").write_text("path:a.py #shop\nnonsense\n")
    result = run("owners", "compress", "rules", "--mode", "smallest", "-o", "smaller")
    assert (result.exit_code, result.stdout) == (0, "")
    assert (tmp_path / "smaller").read_text() == "path:a.py #shop\n"
    assert "left out, because Sentry would refuse it: line 2" in result.stderr


def test_a_hostile_name_stays_text(run: Run) -> None:
    assert "\x1b" not in run("owners", "who", "\x1b[31mred").stdout


def test_where_it_looks(run: Run, asked: list[dict[str, Any]]) -> None:
    run("owners", "who", "README", "--rev", "v2", "--repo", "/srv/repo")
    assert asked[0]["rev"] == "v2"
    assert str(asked[0]["repo"]) == "/srv/repo"
    assert asked[0]["paths"] == ("README",)


def test_nothing_faked(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "deploywatch.respond")
    monkeypatch.setattr(deploywatch, "respond", importlib.import_module("deploywatch.respond"))
    repo = repository(tmp_path / "repo")
    (repo / "CODEOWNERS").write_text("* @acme/all\n*.py @acme/shop\n")
    subprocess.run(["git", "add", "."], cwd=repo, check=True)
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "Owners"], cwd=repo, check=True
    )
    result = run("owners", "who", "shop.py", "--repo", repo, "--format", "json")
    assert result.exit_code == 0, result.output
    (decision,) = json.loads(result.stdout)
    assert (decision["owners"], decision["decided_by"]["line"]) == (["@acme/shop"], 2)
    assert (
        json.loads(run("owners", "who", "shop.py", "--repo", repo, "--rev", "HEAD~1", "--format", "json").stdout)[0]["owners"]
        == []
    )
