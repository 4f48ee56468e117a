"""The version tag before head: of the right package, the newest that leads there."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploywatch.history.base import previous_version_tag
from deploywatch.history.repository import Repository
from tests.gitrepo import GitRepo


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "shop")
    made.commit("start", {"a": "1"})
    return made


@pytest.mark.parametrize(
    ("tags", "package", "found"),
    [
        (["v1.9.0", "v1.10.0", "v1.2.0"], None, "v1.10.0"),
        (["v1.0.0", "v1.1.0-rc.1"], None, "v1.1.0-rc.1"),
        (["v1.1.0", "v1.1.0-rc.1"], None, "v1.1.0"),
        (["shop@1.0.0", "billing@9.0.0"], "shop", "shop@1.0.0"),
        (["shop-v1.0.0", "billing-v9.0.0", "v3.0.0"], "shop", "shop-v1.0.0"),
        (["shop/1.0.0", "v3.0.0"], "billing", "v3.0.0"),
        (["release-1.0.0", "release-2.0.0"], "shop", "release-2.0.0"),
        (["a@1.0.0", "b@2.0.0"], "shop", None),
        (["@acme/shop@1.0.0", "@acme/api@2.0.0"], "@acme/shop", "@acme/shop@1.0.0"),
        (["2026.05.04-2"], None, "2026.05.04-2"),
        (["nightly", "v2"], None, None),
    ],
)
def test_the_newest_version_of_the_package(repo: GitRepo, tags: list[str], package: str | None, found: str | None) -> None:
    for tag in tags:
        repo.git("tag", tag)
    head = repo.commit("next", {"a": "2"})
    assert previous_version_tag(Repository.open(repo.folder), head, package=package) == found


def test_a_tag_of_another_branch_or_of_head_itself_is_not_before_head(repo: GitRepo) -> None:
    repo.git("tag", "v1.0.0")
    repo.git("checkout", "-q", "-b", "other")
    repo.commit("other", {"b": "1"})
    repo.git("tag", "v3.0.0")
    repo.git("checkout", "-q", "main")
    head = repo.commit("next", {"a": "2"})
    repo.git("tag", "v2.0.0")
    assert previous_version_tag(Repository.open(repo.folder), head) == "v1.0.0"
