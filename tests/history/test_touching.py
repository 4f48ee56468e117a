"""Pathspecs choose commits; merges by what they bring to their first parent."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploywatch.errors import UsageError
from deploywatch.history.repository import Repository
from deploywatch.history.touching import touching
from tests.gitrepo import GitRepo


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "shop")
    made.commit("start", {"README.md": "1\n"})
    made.commit("cart", {"services/cart/a.py": "1\n"})
    made.commit("both", {"services/cart/b.py": "1\n", "services/pay/b.py": "1\n"})
    made.git("checkout", "-q", "-b", "side")
    made.commit("side", {"services/pay/c.py": "1\n"})
    made.git("checkout", "-q", "main")
    made.commit("odd", {":(glob)x": "1\n", "libs/é.py": "1\n"})
    made.merge("side", message="merge side")
    made.commit("moved away", {"services/cart/b.py": None, "old/b.py": "1\n"})
    made.commit("empty")
    return made


@pytest.mark.parametrize(
    ("pathspecs", "subjects"),
    [
        (["services/cart"], ["cart", "both", "moved away"]),
        (["/services/cart/"], ["cart", "both", "moved away"]),
        (["services/pay"], ["both", "side", "merge side"]),
        ([":(glob)**/b.py"], ["both", "moved away"]),
        (["services", ":(exclude)services/pay"], ["cart", "both", "moved away"]),
        (["libs/é.py"], ["odd"]),
        ([":(literal):(glob)x"], ["odd"]),
        (["nowhere"], []),
        (["/"], ["start", "cart", "both", "side", "odd", "merge side", "moved away"]),
    ],
)
def test_only_what_touches_the_paths(repo: GitRepo, pathspecs: list[str], subjects: list[str]) -> None:
    repository = Repository.open(repo.folder)
    names = dict(line.split(" ", 1) for line in repo.git("log", "--format=%H %s").splitlines())
    found = touching(repository.git, list(names), pathspecs)
    assert {names[sha] for sha in found} == set(subjects)


@pytest.mark.parametrize("pathspec", [":(bogus)x", "../elsewhere"])
def test_what_git_does_not_understand_is_said(repo: GitRepo, pathspec: str) -> None:
    with pytest.raises(UsageError, match="paths") as caught:
        touching(Repository.open(repo.folder).git, [repo.head], [pathspec])
    assert "pathspec" in caught.value.hint
