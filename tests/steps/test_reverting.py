"""``--open-revert``: a branch and a pull request, made once, and never without the flag."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from deploywatch.model import CommitWindow, Report, RevertOutcome, Verdict
from deploywatch.report.as_json import report_json
from deploywatch.report.render import render
from deploywatch.requests import CodeRequest, DeliveryRequest
from deploywatch.steps.code import Code, find_code
from deploywatch.steps.reporting import reported
from deploywatch.steps.reverting import reverted
from tests.deliver.test_pull_requests import CodeHost, environ_of
from tests.gitrepo import GitRepo
from tests.report import samples
from tests.steps.conftest import Stage
from tests.steps.test_reporting import AFTER, BEFORE, failure

ASKED = DeliveryRequest(open_revert=True)


@dataclass
class Scene:
    """A repository with a remote, the report of a failure of its newest commit, and a set-up with a token for its host."""

    stage: Stage
    repo: GitRepo
    remote: GitRepo
    code: Code
    report: Report
    host: CodeHost

    def revert(self, request: DeliveryRequest = ASKED, report: Report | None = None, **environ: str) -> Report:
        setup = replace(self.stage.setup, environ={**os.environ, **environ_of("github", self.host), **environ})
        return reverted(setup, self.code, report or self.report, request)

    @property
    def branches(self) -> list[str]:
        return self.remote.git("branch", "--format=%(refname:short)").split()


@pytest.fixture
def host() -> Iterator[CodeHost]:
    with CodeHost() as host:
        yield host


@pytest.fixture
def scene(stage: Stage, tmp_path: Path, host: CodeHost) -> Scene:
    remote = GitRepo(tmp_path / "remote")
    repo = GitRepo(tmp_path / "shop")
    repo.commit("Charge", {"shop.py": BEFORE})
    repo.git("tag", "v1.0.0")
    repo.commit("Use the prize (fixes #7, @octocat)", {"shop.py": AFTER})
    address = "https://git.acme.example/acme/shop.git"
    repo.git("remote", "add", "origin", address)
    repo.git("config", f"url.{remote.folder}.insteadOf", address)
    code = find_code(CodeRequest(repo=repo.folder))
    regression = samples.regression(event=failure(), ranking=None)
    _, report = reported(stage.setup, samples.watch_result(regressions=(regression,)), code, CodeRequest(repo=repo.folder))
    return Scene(stage, repo, remote, code, report, host)


def test_nothing_is_pushed_without_the_flag(scene: Scene) -> None:
    assert scene.revert(DeliveryRequest()) == scene.report
    assert scene.branches == []
    assert scene.host.requests == []


def test_the_branch_undoes_the_change_and_the_request_is_open(scene: Scene) -> None:
    head = scene.repo.head
    told = scene.revert()
    (branch,) = scene.branches
    assert branch == f"deploywatch/revert-{head[:10]}"
    assert scene.remote.git("show", f"{branch}:shop.py") == BEFORE.strip()
    assert scene.remote.git("rev-parse", f"{branch}^") == head
    message = scene.remote.git("log", "-1", "--format=%B", branch)
    assert message.startswith('Revert "Use the prize')
    assert f"This reverts commit {head}." in message
    assert "@octocat" not in message
    (opened,) = scene.host.opened
    assert (opened["head"], opened["base"]) == (branch, "trunk")
    assert "@octocat" not in opened["body"] + opened["title"]
    revert = told.findings[0].revert
    assert revert
    assert (revert.branch, revert.pull_request) == (branch, "https://host.example/acme/shop/pull/1")
    assert "Pull request that undoes it: https://host.example/acme/shop/pull/1" in render(told, "text")
    assert report_json(told)["findings"][0]["revert"]["branch"] == branch
    assert scene.repo.git("status", "--porcelain") == ""
    assert scene.repo.git("branch", "--format=%(refname:short)") == "main"


def test_asking_twice_changes_nothing(scene: Scene) -> None:
    first = scene.revert()
    before = scene.remote.git("rev-parse", *scene.branches)
    assert scene.revert() == first
    assert scene.remote.git("rev-parse", *scene.branches) == before
    assert len(scene.host.opened) == 1


def test_a_dry_run_only_says_so(scene: Scene) -> None:
    assert scene.revert(replace(ASKED, dry_run=True)) == scene.report
    assert scene.branches == []
    assert any("would be made and pushed" in said for said in scene.stage.said)


def test_without_a_token_there_is_a_branch_and_a_sentence(scene: Scene) -> None:
    told = scene.revert(GITHUB_TOKEN="")
    assert len(scene.branches) == 1
    assert "there is no token for the code host" in render(told, "text")


def test_a_remote_that_takes_nothing_is_told_of_without_its_password(scene: Scene) -> None:
    scene.repo.git("config", "--unset", f"url.{scene.remote.folder}.insteadOf")
    scene.repo.git("remote", "set-url", "origin", f"https://me:{'hunter' * 3}@127.0.0.1:1/acme/shop.git")
    told = render(scene.revert(), "text")
    assert "could not be made" in told
    assert "hunter" not in told


def test_a_host_that_refuses_leaves_the_branch(scene: Scene) -> None:
    scene.host.mishaps.append(403)
    told = scene.revert()
    assert len(scene.branches) == 1
    assert "The pull request could not be opened" in render(told, "text")


@pytest.mark.parametrize("outcome", [RevertOutcome.CONFLICTS, RevertOutcome.DONE, RevertOutcome.UNKNOWN])
def test_only_what_is_undone_cleanly_is(scene: Scene, outcome: RevertOutcome) -> None:
    finding = scene.report.findings[0]
    assert finding.revert
    report = replace(scene.report, findings=(replace(finding, revert=replace(finding.revert, outcome=outcome)),))
    assert "No revert was opened" in scene.revert(report=report).warnings[-1]
    assert scene.branches == []


def test_nobody_is_undone_on_a_suspicion(scene: Scene) -> None:
    unsure = replace(samples.report().findings[2], revert=None)
    assert "no change is sure enough" in scene.revert(report=replace(scene.report, findings=(unsure,))).warnings[-1]
    healthy = replace(scene.report, verdict=Verdict.HEALTHY)
    assert scene.revert(report=healthy) == healthy
    assert reverted(scene.stage.setup, None, scene.report, ASKED) == scene.report
    assert scene.branches == []
    assert isinstance(scene.code.window, CommitWindow)
