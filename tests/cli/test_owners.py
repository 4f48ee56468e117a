from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from deploywatch.model import RuleRef
from deploywatch.owners.rules import Decision
from tests.cli.conftest import Run

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


def test_a_hostile_name_stays_text(run: Run) -> None:
    assert "\x1b" not in run("owners", "who", "\x1b[31mred").stdout


def test_where_it_looks(run: Run, asked: list[dict[str, Any]]) -> None:
    run("owners", "who", "README", "--rev", "v2", "--repo", "/srv/repo")
    assert asked[0]["rev"] == "v2"
    assert str(asked[0]["repo"]) == "/srv/repo"
    assert asked[0]["paths"] == ("README",)
