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
from deploywatch.model import FailingService, Owner, OwnerStep, RuleRef
from deploywatch.owners.rules import Decision
from deploywatch.requests import OwnersRequest, WhoAnswer, WhoRequest
from tests.cli.conftest import Run, repository

DECIDER = RuleRef(".github/CODEOWNERS", 7, "/apps/shop/", ("@acme/shop",))
OUTRANKED = RuleRef(".github/CODEOWNERS", 1, "*", ("@acme/all",))
DECISIONS = {
    "apps/shop/a.py": Decision(("@acme/shop",), DECIDER, (OUTRANKED,)),
    "README": Decision(),
    "\x1b[31mred": Decision((), RuleRef("CODEOWNERS", 2, "/x"), ()),
}


OWNER = Owner(
    ("@acme/shop",),
    "why",
    "a.py",
    RuleRef("deploywatch.toml", 0, "service shop: project shop", ("@acme/shop",)),
    (OUTRANKED,),
    (
        OwnerStep("annotation", "no tag of the event names an owner"),
        OwnerStep("service", "the failing service: owned by @acme/shop"),
    ),
    FailingService("shop", "project shop", product="Tea"),
)


def answer(target: str) -> WhoAnswer:
    if target == "SHOP-1":
        return WhoAnswer(target, OWNER.names, OWNER.decided_by, OWNER.outranked, OWNER, "1f")
    decision = DECISIONS[target]
    return WhoAnswer(target, decision.owners, decision.decided_by, decision.outranked)


@pytest.fixture(autouse=True)
def asked(use_cases: SimpleNamespace) -> list[WhoRequest]:
    seen: list[WhoRequest] = []

    def who(_setup: Any, request: WhoRequest, *, stdin: Any) -> list[WhoAnswer]:
        seen.append(request)
        return [answer(target) for target in request.targets]

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


def test_where_it_looks(run: Run, asked: list[WhoRequest]) -> None:
    run("owners", "who", "README", "--rev", "v2", "--repo", "/srv/repo", "--base", "v1", "--project", "shop", "--event")
    owners = OwnersRequest(repo=Path("/srv/repo"), rev="v2", projects=("shop",))
    assert asked == [WhoRequest(owners=owners, targets=("README",), events=True, base="v1")]


def test_a_failure_is_told_with_the_steps_that_led_to_its_owner(run: Run) -> None:
    assert run("owners", "who", "SHOP-1").stdout == (
        "SHOP-1: @acme/shop\n"
        "  service shop (project shop)\n"
        "  1. no tag of the event names an owner\n"
        "  2. the failing service: owned by @acme/shop\n"
        "  over .github/CODEOWNERS:1 (*): @acme/all\n"
    )
    (told,) = json.loads(run("owners", "who", "SHOP-1", "--format", "json").stdout)
    assert (told["target"], told["event"], told["path"], told["owners"]) == ("SHOP-1", "1f", "a.py", ["@acme/shop"])
    assert [step["name"] for step in told["steps"]] == ["annotation", "service"]
    assert told["service"] == {"name": "shop", "by": "project shop", "function": None, "product": "Tea"}
    assert told["decided_by"]["line"] is None


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
