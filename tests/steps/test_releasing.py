"""The release step: which window, by which rule, and what Sentry is told of it, once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deploywatch import respond
from deploywatch.errors import NotAnAncestor, UsageError
from deploywatch.pipeline.facts import Pipeline
from deploywatch.requests import CodeRequest, PlaceRequest, ReleaseRequest
from deploywatch.sentry.deploys import deploys
from deploywatch.sentry.releases import get_release
from tests.gitrepo import GitRepo
from tests.steps.conftest import Stage


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "shop")
    made.commit("start", {"shop.py": "1\n"})
    made.git("tag", "v1.0.0")
    made.commit("prices", {"shop.py": "2\n"}, author="Ben <ben@acme.test>")
    made.commit("stock", {"stock.py": "1\n"})
    made.git("remote", "add", "origin", "git@github.com:acme/shop.git")
    return made


def request(repo: GitRepo, version: str = "shop@2.0.0", environment: str | None = "production", **code: str) -> ReleaseRequest:
    place = PlaceRequest(release=version, environment=environment, projects=("shop",))
    return ReleaseRequest(code=CodeRequest(repo=repo.folder, **code), place=place)  # type: ignore[arg-type]


def test_sentry_learns_of_the_release_once(stage: Stage, repo: GitRepo) -> None:
    first = respond.release(stage.setup, request(repo, base="v1.0.0"))
    again = respond.release(stage.setup, request(repo, base="v1.0.0"))
    assert (first.base, first.base_found_by, first.head) == (repo.git("rev-parse", "v1.0.0"), "given", repo.head)
    assert (first.commits, first.created, first.rollback, first.warnings) == (2, True, False, ())
    assert (again.created, again.deploy) == (False, first.deploy)
    stored = get_release(stage.client, "shop@2.0.0")
    assert (stored.commit_count, stored.last_commit) == (2, repo.head)
    assert stored.released_at is not None
    assert [deploy.environment for deploy in deploys(stage.client, "shop@2.0.0")] == ["production"]


def test_the_base_is_what_was_deployed_to_this_environment_before(stage: Stage, repo: GitRepo) -> None:
    respond.release(stage.setup, request(repo, "shop@1.1.0", base="v1.0.0", head="HEAD~1"))
    # A later deploy of the same release elsewhere must not hide that it was in production.
    respond.release(stage.setup, request(repo, "shop@1.1.0", "staging", base="v1.0.0", head="HEAD~1"))
    respond.release(stage.setup, request(repo, "shop@1.2.0", "staging", base="v1.0.0"))
    found = respond.release(stage.setup, request(repo))
    assert (found.base, found.base_found_by, found.commits) == (repo.git("rev-parse", "HEAD~1"), "last-deploy", 1)


def test_without_a_deploy_the_version_tag_before_head_is_the_base(stage: Stage, repo: GitRepo) -> None:
    repo.git("tag", "v0.9.0", "v1.0.0")
    repo.git("tag", "not-a-version", "HEAD~1")
    found = respond.release(stage.setup, request(repo))
    assert (found.base, found.base_found_by, found.commits) == (repo.git("rev-parse", "v1.0.0"), "version-tag", 2)


def test_a_base_is_never_guessed(stage: Stage, repo: GitRepo) -> None:
    repo.git("tag", "-d", "v1.0.0")
    with pytest.raises(UsageError, match="none could be found") as caught:
        respond.release(stage.setup, request(repo))
    assert "--base" in caught.value.hint


def test_a_given_base_on_another_branch_is_no_base(stage: Stage, repo: GitRepo) -> None:
    repo.git("checkout", "-q", "-b", "other", "v1.0.0")
    repo.commit("elsewhere", {"other.py": "1\n"})
    with pytest.raises(NotAnAncestor):
        respond.release(stage.setup, request(repo, base="other", head="main"))


def test_a_dry_run_writes_nothing(stage: Stage, repo: GitRepo) -> None:
    planned = respond.release(stage.setup, replace(request(repo, base="v1.0.0"), dry_run=True))
    assert (planned.commits, planned.created, planned.deploy) == (2, False, None)
    assert [seen.method for seen in stage.sentry.seen if seen.method != "GET"] == []


def test_the_same_commit_again_is_told(stage: Stage, repo: GitRepo) -> None:
    found = respond.release(stage.setup, request(repo, base="HEAD"))
    assert found.commits == 0
    assert any("the window is empty" in warning for warning in found.warnings)


def test_without_a_name_the_release_is_called_as_the_sdks_call_it(stage: Stage, repo: GitRepo) -> None:
    nameless = replace(request(repo, base="v1.0.0"), place=PlaceRequest(environment="production", projects=("shop",)))
    assert respond.release(stage.setup, nameless).release == repo.head
    assert respond.release(stage.setup_with(SOURCE_VERSION="shop@3"), nameless).release == "shop@3"


def test_a_deploy_leads_to_the_run_that_made_it(stage: Stage, repo: GitRepo) -> None:
    run = "https://github.com/acme/shop/actions/runs/7261"
    setup = replace(stage.setup, pipeline=Pipeline(system="github", title="GitHub Actions", run_url=run))
    respond.release(setup, request(repo, base="v1.0.0"))
    respond.release(setup, replace(request(repo, "shop@2.0.1", base="v1.0.0"), url="https://deploys.example/12"))
    links = [deploys(stage.client, version)[0].url for version in ("shop@2.0.0", "shop@2.0.1")]
    assert links == [run, "https://deploys.example/12"]
