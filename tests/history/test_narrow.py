"""A wide window, of which only those commits are read that changed the stack's files."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from deploywatch.history import diffs
from deploywatch.history import material as of_material
from deploywatch.history.material import WindowHistory
from deploywatch.history.narrow import NarrowReader, Touches, _lineage_file
from deploywatch.history.repository import Repository
from tests.gitrepo import GitRepo

LINES = [f"x{n} = {n}" for n in range(40)]


def text(**changed: str) -> str:
    return "\n".join(changed.get(f"L{n}", line) for n, line in enumerate(LINES, 1)) + "\n"


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repository")
    made.commit("deployed before", {"a.py": text(), "b.py": text(), "README": "x\n"})
    made.git("tag", "v1")
    return made


def opened(repo: GitRepo, *, most: int | None = 0):
    repository = Repository.open(repo.folder)
    return repository, repository.window(repository.resolve("v1"), repository.resolve("HEAD"), most=most)


def read(repo: GitRepo, *paths: str) -> dict[str, Touches]:
    with ThreadPoolExecutor(3) as pool:
        return NarrowReader(*opened(repo)).read(paths, pool)


def test_a_window_of_more_than_most_commits_is_counted_and_not_read(repo: GitRepo) -> None:
    repo.commit("one", {"a.py": text(L1="a = 1")})
    repo.commit("two", {"a.py": text(L1="a = 2")})
    repository, window = opened(repo, most=1)
    assert (len(window), window.commits, window.unlisted) == (2, (), 2)
    assert len(repository.window(window.base, window.head, most=2).commits) == 2


def test_it_finds_the_commits_that_changed_a_file_with_all_of_their_files(repo: GitRepo) -> None:
    both = repo.commit("both", {"a.py": text(L1="a = 1"), "b.py": text(L1="b = 1")})
    repo.commit("elsewhere", {"README": "y\n"})
    one = repo.commit("one", {"a.py": text(L1="a = 2"), "README": "z\n"})
    found = read(repo, "a.py", "b.py")
    assert list(found["a.py"].commits) == [one, both]
    assert list(found["b.py"].commits) == [both]
    assert [change.path for change in found["a.py"].commits[one].files] == ["README", "a.py"]
    assert [diff.sha for diff in found["a.py"].diffs] == [one, both]
    assert found["a.py"].origins.by_line[1].sha == one


def test_it_follows_a_file_through_two_renames(repo: GitRepo) -> None:
    first = repo.commit("first name", {"a.py": text(L3="first = 1")})
    for old, new in (("a.py", "c.py"), ("c.py", "d.py")):
        repo.git("mv", old, new)
        repo.commit(f"to {new}")
    last = repo.commit("last name", {"d.py": text(L3="first = 1", L9="last = 1")})
    found = read(repo, "d.py")["d.py"]
    assert [found.commits[diff.sha].subject for diff in found.diffs] == ["last name", "to d.py", "to c.py", "first name"]
    assert {number: origin.sha for number, origin in found.origins.by_line.items()} == {3: first, 9: last}


def test_blame_over_the_shortened_history_is_blame_over_all_of_it(repo: GitRepo) -> None:
    repo.commit("a", {"a.py": text(L5="main = 1")})
    repo.git("switch", "-q", "-c", "side")
    repo.commit("side", {"a.py": text(L5="main = 1", L20="side = 1")})
    repo.commit("side again", {"a.py": text(L5="main = 1", L20="side = 1", L30="again = 1"), "b.py": text(L2="b = 2")})
    repo.git("switch", "-q", "main")
    repo.commit("b", {"a.py": text(L5="main = 1", L10="other = 1")})
    repo.merge("side")
    repo.commit("layout", {"a.py": text(L5="main  =  1", L10="other = 1", L20="side = 1", L30="again = 1")})
    repo.commit("elsewhere", {"README": "y\n"})
    repository, window = opened(repo)
    with _lineage_file(repository.changes(window, ["a.py", "b.py"])) as lineage:
        assert lineage is not None
        for path in ("a.py", "b.py"):
            assert repository.origins(window, path, lineage=lineage) == repository.origins(window, path)
    assert not Path(lineage).exists()
    assert len(repository.origins(window, "a.py").by_line) == 4


def test_blame_waits_for_git_and_not_for_the_patches_to_be_parsed(repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit("one", {"a.py": text(L1="a = 1")})
    repository, window = opened(repo)
    steps: list[str] = []
    parse, blame = diffs.read_diffs, Repository.origins
    monkeypatch.setattr(diffs, "read_diffs", lambda out: steps.append("patches") or parse(out))
    monkeypatch.setattr(Repository, "origins", lambda *given, **more: steps.append("blame") or blame(*given, **more))
    NarrowReader(repository, window).read(["a.py"], _AtOnce())
    assert steps == ["blame", "patches"]


class _AtOnce(ThreadPoolExecutor):
    """Does what it is given there and then, in the order in which it is given."""

    def submit(self, call, *given, **more):
        done = Future()
        done.set_result(call(*given, **more))
        return done


def test_without_a_change_there_is_nothing_to_walk(repo: GitRepo) -> None:
    repo.commit("elsewhere", {"README": "y\n"})
    found = read(repo, "a.py")["a.py"]
    assert (dict(found.commits), found.diffs, found.origins.by_line) == ({}, (), {})
    assert read(repo) == {}


def test_a_wide_window_gives_what_a_whole_one_gives(repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        repo.commit(f"a {number}", {"a.py": text(L4=f"a = {number}")})
        repo.commit(f"b {number}", {"b.py": text(L6=f"b = {number}")})
    repo.commit(".git-blame-ignore-revs", {".git-blame-ignore-revs": repo.head + "\nnot a name\n"})
    whole = WindowHistory(*opened(repo, most=None)).material(["a.py", "b.py"])
    monkeypatch.setattr(of_material, "WHOLE_WINDOW", 3)
    history = WindowHistory(*opened(repo))
    narrow = history.material(["a.py", "b.py"])
    assert not narrow.complete
    assert [c.subject for c in narrow.window.commits] == [c.subject for c in whole.window.commits if c.subject[0] in "ab"]
    assert len(narrow.window) == len(whole.window)
    assert narrow.diffs == tuple(d for d in whole.diffs if d.change.path.endswith(".py"))
    assert narrow.origins == whole.origins
    assert narrow.sources == whole.sources


def test_ignored_revisions_are_told_without_another_walk(repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_material, "WHOLE_WINDOW", 3)
    for number in range(6):
        repo.commit(f"a {number}", {"a.py": text(L4=f"a = {number}")})
    counts = []
    for listed in ("", repo.head + "\n"):
        repo.commit("listed", {".git-blame-ignore-revs": f"# layout\n{listed}"})
        history = WindowHistory(*opened(repo))
        asked = history.repository.git.count
        assert history.material(["a.py"]).origins["a.py"].by_line.keys() == {4}
        counts.append(history.repository.git.count - asked)
    assert counts[0] == counts[1]


def test_files_that_were_asked_for_one_after_the_other_are_told_in_the_windows_order(repo: GitRepo, monkeypatch) -> None:
    monkeypatch.setattr(of_material, "WHOLE_WINDOW", 3)
    for number in range(3):
        repo.commit(f"a {number}", {"a.py": text(L4=f"a = {number}")})
        repo.commit(f"b {number}", {"b.py": text(L6=f"b = {number}")})
    history = WindowHistory(*opened(repo))
    history.material(["b.py"])
    history.material(["a.py"])
    asked = history.repository.git.count
    both = history.material(["a.py", "b.py"])
    assert [c.subject for c in both.window.commits] == ["b 2", "a 2", "b 1", "a 1", "b 0", "a 0"]
    assert history.repository.git.count == asked + 1
    alone = WindowHistory(*opened(repo)).material(["a.py", "b.py"])
    assert replace(both, versions=alone.versions, renames=alone.renames, memory={}) == replace(alone, memory={})


def test_how_two_commits_are_related_is_asked_once_and_again_after_a_fetch(repo: GitRepo) -> None:
    repo.commit("one", {"README": "y\n"})
    repository, window = opened(repo)
    asked = repository.git.count
    assert repository.is_ancestor(window.base, window.head)
    assert not repository.is_ancestor(window.head, window.base)
    assert repository.count(window.base, window.head) == 1
    assert repository.git.count == asked
    repository.git.attempt("fetch", "--quiet", "nowhere")
    assert repository.is_ancestor(window.base, window.head)
    assert repository.git.count == asked + 2


def test_of_a_single_failure_only_the_lines_around_it_are_blamed_until_others_are_asked_for(repo: GitRepo, monkeypatch) -> None:
    monkeypatch.setattr(of_material, "WHOLE_WINDOW", 1)
    long = "\n".join(f"x{number} = {number}" for number in range(1, 601)) + "\n"
    repo.commit("long", {"long.py": long})
    repo.commit("near", {"long.py": long.replace("x300 = 300", "x300 = 0")})
    repo.commit("far", {"long.py": long.replace("x300 = 300", "x300 = 0").replace("x10 = 10", "x10 = 0")})
    history = WindowHistory(*opened(repo))
    partly = history.material(["long.py"], lines={"long.py": {300}})
    assert partly.origins["long.py"].by_line.keys() == set(range(240, 361))
    again = history.material(["long.py"], lines={"long.py": {310}})
    assert again.origins == partly.origins
    whole = history.material(["long.py"], lines={"long.py": {10}})
    assert whole.origins == WindowHistory(*opened(repo)).material(["long.py"]).origins
    assert whole.origins["long.py"].by_line.keys() == set(range(1, 601))


def test_a_frame_beyond_the_end_of_its_file_is_passed_over(repo: GitRepo, monkeypatch) -> None:
    monkeypatch.setattr(of_material, "WHOLE_WINDOW", 1)
    for number in range(3):
        repo.commit(f"a {number}", {"a.py": text(L4=f"a = {number}")})
    found = WindowHistory(*opened(repo)).material(["a.py"], lines={"a.py": {4000}})
    assert found.origins["a.py"].by_line.keys() == {4}
