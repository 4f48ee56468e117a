"""The same deploy on every kind of server: what a server lacks is said in one line, and never taken for good news."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from deploywatch import respond
from deploywatch.model import RegressionKind, Verdict
from deploywatch.requests import CodeRequest, InvestigateRequest, PlaceRequest, ReleaseRequest, WatchRequest
from deploywatch.sandbox.standin.dialects import DIALECTS
from deploywatch.sandbox.standin.server import StandIn
from tests.gitrepo import GitRepo
from tests.steps.conftest import NEW, OLD, Stage, StageClock, busy_before, make_stage

PLACE = PlaceRequest(release=NEW, environment="production", projects=("shop",))


@pytest.fixture(scope="module", params=sorted(DIALECTS))
def _running(request: pytest.FixtureRequest) -> Iterator[tuple[StandIn, StageClock]]:
    clock = StageClock()
    with StandIn(now=clock.now, dialect=request.param) as server:
        yield server, clock


@pytest.fixture
def server(_running: tuple[StandIn, StageClock], tmp_path: Path) -> Stage:
    return make_stage(*_running, tmp_path)


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "shop")
    made.commit("start", {"shop.py": "1\n"})
    made.git("tag", "v1.0.0")
    made.commit("prices", {"shop.py": "2\n"}, author="Ben <ben@acme.test>")
    made.git("remote", "add", "origin", "git@github.com:acme/shop.git")
    return made


def release(server: Stage, repo: GitRepo):
    return respond.release(server.setup, ReleaseRequest(code=CodeRequest(repo=repo.folder, base="v1.0.0"), place=PLACE))


def watch(server: Stage, repo: GitRepo):
    request = WatchRequest(
        code=CodeRequest(repo=repo.folder, base="v1.0.0"), place=PLACE, duration=timedelta(minutes=5), every=timedelta(seconds=30)
    )
    return respond.watch(server.setup, request, progress=server.ticks.append).result


def test_the_release_is_made_once_and_what_the_server_lacks_is_said(server: Stage, repo: GitRepo) -> None:
    first, again = release(server, repo), release(server, repo)
    assert (first.created, again.created) == (True, False)
    assert (first.commits, again.commits) == (1, 1)
    stored = server.sentry.state.releases[NEW]
    if server.sentry.dialect.name == "glitchtip":
        assert (first.deploy, stored.commits, stored.deploys) == (None, [], [])
        told = [warning for warning in first.warnings if "this server" in warning]
        assert len(told) == 2
        assert "keeps no commits" in told[0]
        assert "keeps no deploys" in told[1]
    else:
        assert first.warnings == ()
        assert first.deploy == again.deploy
        assert [commit.sha for commit in stored.commits] == [repo.head]
        assert len(stored.deploys) == 1


def test_what_a_release_broke_is_found(server: Stage, repo: GitRepo) -> None:
    busy_before(server, minutes=39)
    release(server, repo)
    server.clock.after(20, lambda: server.fails("spoon", times=6))
    server.clock.after(25, lambda: server.fails("fork", times=1))
    result = watch(server, repo)
    assert result.verdict is Verdict.REGRESSION, result.why
    (found,) = result.regressions
    assert (found.kind, found.issue.title) == (RegressionKind.NEW, "KeyError: 'spoon'")
    assert found.event is not None
    assert found.event.release == NEW
    assert found.event.stacktrace.frames[0].function == "price"


def test_where_the_older_release_failed_last_an_event_of_this_one_is_found(server: Stage, repo: GitRepo) -> None:
    release(server, repo)
    server.fails("spoon", times=6)
    server.clock.after(5, lambda: server.fails("spoon", OLD))
    (found,) = watch(server, repo).regressions
    assert found.event is not None
    assert found.event.release == NEW


def test_an_empty_answer_about_what_came_back_is_not_believed(server: Stage, repo: GitRepo) -> None:
    busy_before(server, minutes=39)
    release(server, repo)
    server.clock.after(20, lambda: server.fails("fork", times=1))
    told = [blind for blind in watch(server, repo).blind_spots if "resolved and came back" in blind]
    assert bool(told) is (server.sentry.dialect.name in ("glitchtip", "sentry-9.1.2"))


def test_a_quiet_release_that_nobody_heard_is_not_healthy(server: Stage, repo: GitRepo) -> None:
    busy_before(server, minutes=39)
    release(server, repo)
    result = watch(server, repo)
    assert result.verdict is Verdict.INCONCLUSIVE
    assert f"nothing that carries the release {NEW} has reached Sentry" in result.why
    assert f"The events of production carry {OLD}" in result.why


def test_an_environment_that_nobody_knows_is_not_healthy(server: Stage, repo: GitRepo) -> None:
    server.fails("fork", OLD, environment="staging", seconds=-3600)
    result = watch(server, repo)
    assert result.verdict is Verdict.INCONCLUSIVE, result.why
    assert result.regressions == ()


def test_an_issue_is_investigated_by_its_number(server: Stage, repo: GitRepo) -> None:
    release(server, repo)
    server.fails("spoon", times=6)
    code = CodeRequest(repo=repo.folder, base="v1.0.0")
    place = PlaceRequest(environment="production", release=NEW, projects=("shop",))
    report = respond.investigate(server.setup, InvestigateRequest(issue="1", code=code, place=place))
    assert [finding.regression.issue.title for finding in report.findings] == ["KeyError: 'spoon'"]
