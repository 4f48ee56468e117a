"""Which commit is head: the release's own, where nobody named one."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploywatch import respond
from deploywatch.model import RankingVerdict
from deploywatch.requests import CodeRequest, InvestigateRequest, PlaceRequest, ReleaseRequest
from deploywatch.steps.code import at_release
from tests.gitrepo import GitRepo
from tests.steps.conftest import NEW, Stage


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit("start", {"shop.py": "1\n"})
    made.commit("deployed", {"shop.py": "2\n"})
    return made


def released(stage: Stage, repo: GitRepo) -> str:
    place = PlaceRequest(release=NEW, environment="production", projects=("shop",))
    respond.release(stage.setup, ReleaseRequest(code=CodeRequest(repo=repo.folder, base="HEAD~1"), place=place))
    head = repo.head
    repo.commit("not deployed yet", {"shop.py": "3\n"})
    return head


def test_the_head_is_the_releases_commit(stage: Stage, repo: GitRepo) -> None:
    head = released(stage, repo)
    assert at_release(stage.client, NEW, CodeRequest(repo=repo.folder)).head == head
    named = CodeRequest(repo=repo.folder, head="main")
    assert at_release(stage.client, NEW, named) == named


def test_what_is_checked_out_stands_in_where_sentry_cannot_tell(stage: Stage, repo: GitRepo, tmp_path: Path) -> None:
    released(stage, repo)
    here = CodeRequest(repo=repo.folder)
    assert at_release(stage.client, "shop@0.0.1", here) == here
    assert at_release(stage.client, None, here) == here
    elsewhere = CodeRequest(repo=GitRepo(tmp_path / "elsewhere").folder)
    assert at_release(stage.client, NEW, elsewhere) == elsewhere


def test_an_investigation_looks_at_what_was_deployed(stage: Stage, repo: GitRepo) -> None:
    head = released(stage, repo)
    stage.fails("coffee", times=3)
    place = PlaceRequest(release=NEW, environment="production", projects=("shop",))
    report = respond.investigate(stage.setup, InvestigateRequest(code=CodeRequest(repo=repo.folder, base="HEAD~2"), place=place))
    assert report.head == head
    (finding,) = report.findings
    assert finding.regression.ranking is not None
    assert finding.regression.ranking.verdict is not RankingVerdict.SUSPECT
