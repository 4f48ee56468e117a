"""A report is made of what was seen, without the secrets in it: nothing that is printed or written has them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deploywatch import respond
from deploywatch.model import Event, Frame, Raised, RankingVerdict, Report, StackTrace, WatchResult
from deploywatch.report.as_json import dumps, watch_json
from deploywatch.report.excerpt import HUNK_LINES
from deploywatch.report.formats import ENDINGS
from deploywatch.report.render import render, render_ranking
from deploywatch.requests import CodeRequest
from deploywatch.steps.code import find_code
from deploywatch.steps.reporting import reported
from tests.gitrepo import GitRepo
from tests.report import samples
from tests.steps.conftest import Stage

Told = tuple[WatchResult, Report]

WORD = "correcthorse" + "battery"
MAIL = "bob@customer.example"
OURS = "internal-" + "7" * 5
TOKEN = "not-of-any-known-kind-9"
BEFORE = "def charge(cart):\n    return cart['price']\n"
AFTER = f"def charge(cart):\n    key = connect(password='{WORD}')\n    return cart['prize']\n"


def failure() -> Event:
    frame = Frame("shop.py", 3, "charge", in_app=True, context_line="    return cart['prize']")
    message = f"'prize' of {MAIL}, api_key={WORD}, {OURS}, {TOKEN}"
    return Event("1", StackTrace((Raised("KeyError", message, (frame,)),), "python"), message=message)


@pytest.fixture
def shop(tmp_path: Path) -> GitRepo:
    repo = GitRepo(tmp_path / "shop")
    repo.commit("Charge", {"shop.py": BEFORE})
    repo.git("tag", "v1.0.0")
    repo.commit(f"Use the prize (password={WORD})", {"shop.py": AFTER})
    return repo


@pytest.fixture
def outcome(stage: Stage, shop: GitRepo) -> Told:
    told = str(failure().message)
    issue = samples.issue(title=f"KeyError: {told}", error_value=told)
    regression = samples.regression(issue=issue, why=f"seen with {told}", event=failure(), ranking=None)
    setup = replace(
        stage.settings(privacy={"patterns": ["internal-[0-9]+"]}), environ={**stage.setup.environ, "DEPLOY_TOKEN": TOKEN}
    )
    request = CodeRequest(repo=shop.folder)
    return reported(setup, samples.watch_result(regressions=(regression,)), find_code(request), request)


@pytest.mark.parametrize("fmt", ENDINGS)
def test_no_secret_is_in_any_format(outcome: Told, fmt: str) -> None:
    told = render(outcome[1], fmt)
    assert len(told) > 100
    assert [secret for secret in (WORD, MAIL, OURS, TOKEN) if secret in told] == []


def test_no_secret_is_in_the_answer_of_watch(outcome: Told) -> None:
    told = dumps(watch_json(outcome[0]))
    assert "[e-mail address removed]" in told
    assert [secret for secret in (WORD, MAIL, OURS, TOKEN) if secret in told] == []


def test_without_code_there_is_no_secret_either(stage: Stage) -> None:
    regression = samples.regression(why=f"seen with password={WORD}")
    told = reported(stage.setup, samples.watch_result(regressions=(regression,)), None, CodeRequest())
    assert WORD not in dumps(watch_json(told[0])) + render(told[1], "text")


def test_the_ranking_still_reads_what_the_message_said(outcome: Told) -> None:
    ranking = outcome[1].findings[0].regression.ranking
    assert ranking
    assert ranking.verdict is RankingVerdict.SUSPECT
    assert ranking.first
    assert ranking.first.commit.author.email == "ana@acme.test"


def test_offline_suspects_hold_no_secret(shop: GitRepo) -> None:
    (ranking,) = respond.suspects([failure()], repo=shop.folder, base="v1.0.0")
    for fmt in ("text", "markdown", "json"):
        told = render_ranking(ranking, fmt)
        assert "Use the prize" in told
        assert [secret for secret in (WORD, MAIL) if secret in told] == []


def test_no_more_of_a_hunk_is_kept_than_can_be_shown(shop: GitRepo) -> None:
    lines = "".join(f"    total += {number}\n" for number in range(500))
    shop.commit("Add up", {"shop.py": AFTER.replace("    return", lines + "    return")})
    (ranking,) = respond.suspects([failure()], repo=shop.folder, base="HEAD~1")
    hunks = [each for suspect in ranking.suspects for each in suspect.evidence if each.added]
    assert [len(each.added) for each in hunks] == [HUNK_LINES]
    assert hunks[0].cut == 500 - HUNK_LINES
    assert f"{500 - HUNK_LINES} more changed lines" in render_ranking(ranking, "text") or ranking.verdict != "suspect"
