"""Where the window begins when production's past is not a straight line: rollbacks, hotfixes, rewrites, forgetful servers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from deploywatch import respond
from deploywatch.errors import ShallowClone, UsageError
from deploywatch.model import ReleaseOutcome, Verdict
from deploywatch.pipeline.facts import Pipeline
from deploywatch.requests import CodeRequest, InvestigateRequest, PlaceRequest, ReleaseRequest, RunRequest, WatchRequest
from deploywatch.sentry.deploys import deploys
from deploywatch.sentry.releases import get_release
from tests.gitrepo import GitRepo
from tests.steps.conftest import Stage

MINUTE = 60.0


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "shop")
    for number in range(1, 5):
        made.commit(f"change {number}", {"shop.py": f"{number}\n"})
        made.git("branch", f"c{number}")
    made.git("remote", "add", "origin", "git@github.com:acme/shop.git")
    return made


def request(repo: GitRepo, version: str | None, head: str, **code: str) -> ReleaseRequest:
    place = PlaceRequest(release=version, environment="production", projects=("shop",))
    return ReleaseRequest(code=CodeRequest(repo=repo.folder, head=head, **code), place=place)  # type: ignore[arg-type]


def deploy(stage: Stage, repo: GitRepo, version: str | None, head: str, **code: str) -> ReleaseOutcome:
    stage.clock.sleep(MINUTE)
    return respond.release(stage.setup, request(repo, version, head, **code))


def sha(repo: GitRepo, name: str) -> str:
    return repo.git("rev-parse", name)


def test_a_rollback_takes_away_what_was_deployed_since(stage: Stage, repo: GitRepo) -> None:
    deploy(stage, repo, "shop@1", "c2", base="c1")
    deploy(stage, repo, "shop@2", "c4")
    back = deploy(stage, repo, "shop@1", "c2")
    assert (back.rollback, back.base, back.head, back.commits) == (True, sha(repo, "c4"), sha(repo, "c2"), 2)
    assert back.base_found_by == "last-deploy"
    (said,) = back.warnings
    assert "this is a rollback" in said
    assert "shop@2" in said
    assert "change 4" in said
    assert "change 3" in said
    # The release keeps what it had, and its second deploy is a deploy of its own.
    assert get_release(stage.client, "shop@1").commit_count == 1
    assert len(deploys(stage.client, "shop@1")) == 2
    forward = deploy(stage, repo, "shop@3", "main")
    assert (forward.rollback, forward.base, forward.commits) == (False, sha(repo, "c2"), 2)


def test_asked_twice_a_rollback_is_one_deploy(stage: Stage, repo: GitRepo) -> None:
    deploy(stage, repo, "shop@1", "c2", base="c1")
    deploy(stage, repo, "shop@2", "c4")
    first, again = (deploy(stage, repo, "shop@1", "c2") for _ in range(2))
    assert replace(again, created=first.created) == first
    assert len(deploys(stage.client, "shop@1")) == 2


def test_a_rollback_under_a_new_name_brings_no_commits(stage: Stage, repo: GitRepo) -> None:
    deploy(stage, repo, "shop@2", "c4", base="c1")
    back = deploy(stage, repo, "shop@2-back", "c3")
    assert (back.rollback, back.commits) == (True, 1)
    assert get_release(stage.client, "shop@2-back").commit_count == 0
    assert (deploy(stage, repo, "shop@4", "main").base, sha(repo, "c3")) == (sha(repo, "c3"), sha(repo, "c3"))


def test_a_given_base_that_comes_after_head_is_a_rollback_too(stage: Stage, repo: GitRepo) -> None:
    back = deploy(stage, repo, "shop@1", "c2", base="c4")
    assert (back.rollback, back.base, back.head, back.commits, back.base_found_by) == (
        True,
        sha(repo, "c4"),
        sha(repo, "c2"),
        2,
        "given",
    )


def test_what_was_deployed_before_is_a_rollback_though_its_branch_is_another(stage: Stage, repo: GitRepo) -> None:
    repo.git("checkout", "-q", "-b", "hotfix", "c2")
    fix = repo.commit("hotfix", {"fix.py": "1\n"})
    deploy(stage, repo, "shop@1", "c2", base="c1")
    hot = deploy(stage, repo, "shop@1.1", "hotfix")
    assert (hot.commits, hot.base, hot.rollback) == (1, sha(repo, "c2"), False)
    main = deploy(stage, repo, "shop@2", "main")
    assert (main.base, main.base_found_by, main.commits, main.rollback) == (sha(repo, "c2"), "nearest-ancestor", 2, False)
    assert any("1 commit that was deployed is not in this deploy" in said for said in main.warnings)
    back = deploy(stage, repo, "shop@1.1-again", "hotfix")
    assert (back.rollback, back.base, back.head, back.commits) == (True, sha(repo, "c4"), fix, 2)
    assert "brings back 1 commit" in back.warnings[0]


def test_the_same_commit_again_is_an_empty_window(stage: Stage, repo: GitRepo) -> None:
    deploy(stage, repo, "shop@1", "c2", base="c1")
    again = deploy(stage, repo, "shop@1-rebuilt", "c2")
    assert (again.base, again.commits, again.rollback) == (sha(repo, "c2"), 0, False)
    assert any("the window is empty" in said for said in again.warnings)
    assert deploy(stage, repo, "shop@2", "main").base == sha(repo, "c2")


def test_a_release_that_is_called_by_its_commit_can_be_repeated(stage: Stage, repo: GitRepo) -> None:
    deploy(stage, repo, None, "c2", base="c1")
    first, again = (deploy(stage, repo, None, "c4") for _ in range(2))
    assert (first.base, first.commits) == (again.base, again.commits) == (sha(repo, "c2"), 2)


def test_a_rebase_goes_back_to_the_nearest_commit_that_both_have(stage: Stage, repo: GitRepo) -> None:
    deploy(stage, repo, "shop@1", "c3", base="c1")
    repo.git("checkout", "-q", "-b", "rebased", "c2")
    repo.commit("change 3, squashed with more", {"shop.py": "3\n", "more.py": "1\n"})
    found = deploy(stage, repo, "shop@2", "rebased")
    assert (found.base, found.base_found_by, found.commits) == (sha(repo, "c2"), "nearest-ancestor", 1)
    (said,) = found.warnings
    assert sha(repo, "c3")[:10] in said
    assert "squash or a rebase" in said
    assert sha(repo, "c2")[:10] in said


def test_a_commit_that_is_gone_leads_to_the_deploy_before(stage: Stage, repo: GitRepo) -> None:
    deploy(stage, repo, "shop@1", "c2", base="c1")
    stage.clock.sleep(MINUTE)
    elsewhere = GitRepo(repo.folder.parent / "elsewhere")
    elsewhere.commit("never pushed", {"x": "1"})
    lost = elsewhere.commit("lost", {"x": "2"})
    elsewhere.git("remote", "add", "origin", "git@github.com:acme/shop.git")
    respond.release(stage.setup, request(elsewhere, "shop@1.5", lost, base="HEAD~1"))
    found = deploy(stage, repo, "shop@2", "main")
    assert (found.base, found.base_found_by) == (sha(repo, "c2"), "earlier-deploy")
    assert any(lost[:10] in said and "shop@1.5" in said for said in found.warnings)


def test_a_server_that_keeps_no_deploys_is_helped_by_the_state(stage: Stage, repo: GitRepo) -> None:
    deploy(stage, repo, "shop@1", "c2", base="c1")
    stage.sentry.reset()
    found = deploy(stage, repo, "shop@2", "main")
    assert (found.base, found.base_found_by) == (sha(repo, "c2"), "own-state")
    stage.sentry.reset()
    other = replace(request(repo, "shop@2", "main"), place=PlaceRequest(release="x", environment="staging", projects=("shop",)))
    with pytest.raises(UsageError):
        respond.release(stage.setup, other)


def test_a_dry_run_is_not_remembered(stage: Stage, repo: GitRepo) -> None:
    respond.release(stage.setup, replace(request(repo, "shop@1", "c2", base="c1"), dry_run=True))
    with pytest.raises(UsageError):
        deploy(stage, repo, "shop@2", "main")


def test_a_release_without_a_commit_is_passed_over_aloud(stage: Stage, repo: GitRepo) -> None:
    deploy(stage, repo, "shop@1", "c2", base="c1")
    deploy(stage, repo, "shop@2", "c3")
    stage.sentry.state.release("shop@2").commits, stage.sentry.state.release("shop@2").ref = [], None
    stage.setup = stage.setup_with(XDG_STATE_HOME=str(repo.folder.parent / "another-machine"))
    found = deploy(stage, repo, "shop@3", "main")
    assert (found.base, found.base_found_by, found.commits) == (sha(repo, "c2"), "earlier-deploy", 2)
    assert any("nobody knows the commit of the last deployed release shop@2" in said for said in found.warnings)


def test_the_deploy_of_another_environment_is_asked_for_only_where_it_matters(stage: Stage, repo: GitRepo) -> None:
    deploy(stage, repo, "shop@1", "c2", base="c1")
    deploy(stage, repo, "shop@2", "c3")
    before = len(stage.sentry.seen)
    deploy(stage, repo, "shop@3", "main")
    asked = [seen.path for seen in stage.sentry.seen[before:] if seen.method == "GET" and "/deploys/" in seen.path]
    assert all("shop@3" in path for path in asked)


def test_an_investigation_of_an_old_release_is_not_a_rollback(stage: Stage, repo: GitRepo) -> None:
    deploy(stage, repo, "shop@1", "c2", base="c1")
    deploy(stage, repo, "shop@2", "c3")
    stage.fails("coffee", release="shop@2", times=3)
    deploy(stage, repo, "shop@3", "main")
    place = PlaceRequest(release="shop@2", environment="production", projects=("shop",))
    report = respond.investigate(stage.setup, InvestigateRequest(code=CodeRequest(repo=repo.folder), place=place))
    assert (report.base, report.head, report.rollback) == (sha(repo, "c2"), sha(repo, "c3"), False)


def test_the_report_of_a_rollback_says_so_and_accuses_nobody(stage: Stage, repo: GitRepo) -> None:
    deploy(stage, repo, "shop@1", "c2", base="c1")
    deploy(stage, repo, "shop@2", "c4")
    stage.clock.sleep(MINUTE)
    stage.clock.plans.append((stage.clock.now() + timedelta(seconds=20), lambda: stage.fails("coffee", "shop@1", times=9)))
    asked = request(repo, "shop@1", "c2")
    watch = WatchRequest(code=asked.code, place=asked.place, duration=timedelta(minutes=5), every=timedelta(seconds=15))
    outcome = respond.run(stage.setup, RunRequest(release=asked, watch=watch), progress=stage.ticks.append)
    assert outcome.release.rollback
    report = outcome.report
    assert (report.rollback, report.base, report.head, report.commits) == (True, sha(repo, "c4"), sha(repo, "c2"), 2)
    assert report.verdict is Verdict.REGRESSION
    assert (outcome.gate.exit_code, outcome.gate.true_code) == (0, 3)
    assert len([said for said in report.warnings if "this is a rollback" in said]) == 1
    ranking = report.findings[0].regression.ranking
    assert ranking is not None
    assert ranking.suspects == ()


def test_a_tag_of_another_branch_or_of_head_itself_is_not_before_head(stage: Stage, repo: GitRepo) -> None:
    repo.git("tag", "v1.0.0", "c2")
    repo.git("tag", "-a", "-m", "two", "v2.0.0", "c4")
    repo.git("checkout", "-q", "-b", "other", "c1")
    repo.commit("other", {"b": "1"})
    repo.git("tag", "v3.0.0")
    found = deploy(stage, repo, "shop@2", "main")
    assert (found.base, found.base_found_by) == (sha(repo, "c2"), "version-tag")
    assert deploy(stage, repo, "shop@2", "main", base="v2.0.0").base == sha(repo, "c4")


def test_services_that_share_a_project_have_lines_of_their_own(stage: Stage, repo: GitRepo) -> None:
    deploy(stage, repo, "cart@1", "c2", base="c1")
    deploy(stage, repo, "pay@7", "c4", base="c1")
    found = deploy(stage, repo, "cart@2", "c3")
    assert (found.rollback, found.base, found.base_found_by) == (False, sha(repo, "c2"), "last-deploy")
    # A package without a deploy of its own begins at whatever was deployed.
    assert deploy(stage, repo, "admin@1", "c4").base == sha(repo, "c3")
    stage.sentry.reset()
    assert deploy(stage, repo, "cart@3", "main").base_found_by == "own-state"


def shallow(repo: GitRepo, depth: int = 1) -> GitRepo:
    """What CI checks out: the last commits, with a remote that has the rest."""
    folder = repo.folder.parent / "checkout"
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("clone", "-q", f"--depth={depth}", "--no-tags", f"file://{repo.folder}", str(folder))
    return GitRepo(folder)


def test_a_shallow_checkout_gives_what_the_whole_one_gives(stage: Stage, repo: GitRepo) -> None:
    deploy(stage, repo, "shop@1", "c1", base="c1")
    found = deploy(stage, shallow(repo), "shop@2", "HEAD")
    assert (found.base, found.base_found_by, found.commits) == (sha(repo, "c1"), "last-deploy", 3)
    assert [sorted(commit.files.items()) for commit in stage.sentry.state.release("shop@2").commits] == [[("shop.py", "M")]] * 3
    assert any("fetching" in said for said in stage.said)


def test_a_shallow_checkout_finds_the_version_tag_at_the_remote(stage: Stage, repo: GitRepo) -> None:
    repo.git("tag", "-a", "-m", "one", "v1.0.0", "c2")
    found = deploy(stage, shallow(repo), "shop@2", "HEAD")
    assert (found.base, found.base_found_by, found.commits) == (sha(repo, "c2"), "version-tag", 2)


@pytest.mark.parametrize(("variable", "words"), [("GITHUB_ACTIONS", "fetch-depth: 0"), ("GITLAB_CI", "GIT_DEPTH")])
def test_where_fetching_is_forbidden_the_error_is_for_this_ci_system(
    stage: Stage, repo: GitRepo, variable: str, words: str
) -> None:
    deploy(stage, repo, "shop@1", "c1", base="c1")
    ready = replace(stage.settings(repository={"fetch": False}), environ={**stage.setup.environ, variable: "true"})
    with pytest.raises(ShallowClone) as caught:
        respond.release(ready, request(shallow(repo), "shop@2", "HEAD"))
    assert words in caught.value.hint


def pushed(stage: Stage, before: str, commit: str) -> Stage:
    pipeline = Pipeline(system="github", title="GitHub Actions", commit=commit, before=before)
    return replace(stage, setup=replace(stage.setup, pipeline=pipeline))


def test_the_very_first_deploy_is_what_was_pushed(stage: Stage, repo: GitRepo) -> None:
    here = pushed(stage, sha(repo, "c2"), sha(repo, "c4"))
    first = deploy(here, repo, "shop@1", "c4")
    assert (first.base, first.base_found_by, first.commits) == (sha(repo, "c2"), "pipeline", 2)
    assert any("GitHub Actions says was pushed" in warning for warning in first.warnings)


def test_what_was_deployed_counts_more_than_what_was_pushed(stage: Stage, repo: GitRepo) -> None:
    deploy(stage, repo, "shop@1", "c2", base="c1")
    assert deploy(pushed(stage, sha(repo, "c3"), sha(repo, "c4")), repo, "shop@2", "c4").base_found_by == "last-deploy"


@pytest.mark.parametrize(("before", "commit"), [("c4", "c2"), ("c1", "c4"), ("8f3a" * 10, "c2")])
def test_a_push_that_is_about_another_commit_says_nothing(stage: Stage, repo: GitRepo, before: str, commit: str) -> None:
    known = {name: sha(repo, name) for name in ("c1", "c2", "c4")}
    with pytest.raises(UsageError, match="none could be found"):
        deploy(pushed(stage, known.get(before, before), known[commit]), repo, "shop@1", "c2")
