from __future__ import annotations

import pytest

from deploywatch.history.containment import Containment, fix_of, revert_of
from deploywatch.history.repository import Repository
from tests.gitrepo import GitRepo


@pytest.fixture
def repo(tmp_path):
    made = GitRepo(tmp_path / "repo")
    made.commit("start", {"shop.py": "a\n"})
    return made


def holds(repo: GitRepo, fix: str, head: str) -> bool:
    opened = Repository.open(repo.folder)
    return Containment(opened, opened.resolve(fix)).holds(opened.resolve(head))


def test_by_ancestry_and_never_by_date(repo):
    repo.git("branch", "old")
    fix = repo.commit("Be kind to spoons", {"shop.py": "b\n"})
    repo.commit("words", {"README.md": "x\n"})
    repo.git("checkout", "-q", "old")
    later = repo.commit("a later hotfix of the old branch", {"other.py": "x\n"})
    assert holds(repo, fix, "main")
    assert holds(repo, fix, fix)
    assert not holds(repo, fix, f"{fix}~1")
    assert not holds(repo, fix, later)


def test_a_cherry_pick_brings_it_a_revert_takes_it_back_and_a_revert_of_that_brings_it_again(repo):
    repo.git("branch", "hotfix")
    fix = repo.commit("Be kind to spoons", {"shop.py": "b\n"})
    repo.git("checkout", "-q", "hotfix")
    repo.commit("elsewhere", {"other.py": "x\n"})
    repo.git("cherry-pick", "-x", fix)
    assert holds(repo, fix, "hotfix")
    repo.git("revert", "--no-edit", "HEAD")
    assert not holds(repo, fix, "hotfix")
    assert holds(repo, fix, "hotfix~1")
    repo.git("revert", "--no-edit", "HEAD")
    assert holds(repo, fix, "hotfix")
    assert holds(repo, fix, "main")


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("Be kind\n\nFixes SHOP-4F", True),
        ("fixes: shop-4f, really", True),
        ("Closes SHOP-4F.", True),
        ("Fixes SHOP-4F2", False),
        ("Fixes SHOP-4", False),
        ("SHOP-4F is not fixed", False),
        ("prefixes SHOP-4F", False),
    ],
)
def test_the_commit_that_says_so(repo, message, found):
    said = repo.commit(message, {"shop.py": "b\n"})
    repo.commit("words", {"README.md": "x\n"})
    assert fix_of(Repository.open(repo.folder), "SHOP-4F", "HEAD") == (said if found else None)


def test_a_short_id_that_is_none_finds_nothing(repo):
    repo.commit("Fixes $(touch x)", {"shop.py": "b\n"})
    assert fix_of(Repository.open(repo.folder), "$(touch x)", "HEAD") is None


def test_the_revert_of_a_suspect(repo):
    bad = repo.commit("Be strict", {"shop.py": "b\n"})
    assert revert_of(Repository.open(repo.folder), bad, "HEAD") is None
    repo.git("revert", "--no-edit", bad)
    revert = repo.git("rev-parse", "HEAD").strip()
    assert revert_of(Repository.open(repo.folder), bad, "HEAD") == revert
    assert revert_of(Repository.open(repo.folder), bad, "HEAD~1") is None
