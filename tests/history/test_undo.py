"""Undoing a commit at head, tried out: whether it applies, who has changed the same lines since, and nothing is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploywatch.errors import GitError
from deploywatch.history.git import Git
from deploywatch.history.repository import Repository
from deploywatch.history.undo import try_revert
from deploywatch.model import Commit, Revert, RevertOutcome
from tests.gitrepo import GitRepo

LINES = "".join(f"line {number}\n" for number in range(1, 41))


def changed(text: str, number: int, what: str) -> str:
    return text.replace(f"line {number}\n", f"line {number} {what}\n")


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    made = GitRepo(tmp_path / "repo")
    made.commit("Begin", {"a.txt": LINES, "b.txt": LINES})
    return made


def tried(repo: GitRepo, sha: str, head: str = "HEAD") -> Revert:
    repository = Repository.open(repo.folder)
    found = try_revert(repository, commit_of(repository, sha), repository.resolve(head))
    assert found
    return found


def commit_of(repository: Repository, sha: str) -> Commit:
    parents = repository.git.run("rev-parse", f"{sha}^@").decode().split()
    if not parents:
        template = repository.window(sha, repository.resolve("HEAD")).commits[0]
        return Commit(sha, (), template.author, template.committer, template.authored_at, template.committed_at, "Begin")
    return next(each for each in repository.window(parents[0], sha).commits if each.sha == sha)


def test_the_newest_commit_can_always_be_undone(repo: GitRepo) -> None:
    sha = repo.commit("Break", {"a.txt": changed(LINES, 20, "broken"), "new.txt": "x\n"})
    revert = tried(repo, sha)
    assert (revert.outcome, revert.later, revert.conflicts) == (RevertOutcome.CLEAN, (), ())
    assert revert.command == f"git revert --no-edit {sha}"
    repo.git(*revert.command.split()[1:])
    assert (repo.folder / "a.txt").read_text() == LINES
    assert not (repo.folder / "new.txt").exists()


def test_later_changes_elsewhere_do_not_matter(repo: GitRepo) -> None:
    broken = changed(LINES, 20, "broken")
    sha = repo.commit("Break", {"a.txt": broken})
    repo.commit("Elsewhere", {"a.txt": changed(broken, 2, "fine").replace("line 1\n", "line 1\nline 1 and a half\n")})
    revert = tried(repo, sha)
    assert (revert.outcome, revert.later) == (RevertOutcome.CLEAN, ())


def test_later_changes_of_the_same_lines_are_named_and_undone_with_it(repo: GitRepo) -> None:
    broken = changed(LINES, 20, "broken")
    sha = repo.commit("Break", {"a.txt": broken})
    above = repo.commit("Above", {"a.txt": (above_it := "line 0\n" + broken)})
    first = repo.commit("Once", {"a.txt": (once := above_it.replace("line 20 broken", "line 20 broken once"))})
    second = repo.commit("Twice", {"a.txt": once.replace("line 21\n", "line 21 twice\n")})
    revert = tried(repo, sha)
    assert revert.outcome is RevertOutcome.CONFLICTS
    assert revert.conflicts == ("a.txt",)
    assert [commit.sha for commit in revert.later] == [second, first]
    assert above not in revert.command
    assert revert.with_later
    assert revert.command == f"git revert --no-edit {second} {first} {sha}"
    repo.git(*revert.command.split()[1:])
    assert (repo.folder / "a.txt").read_text() == "line 0\n" + LINES


def test_a_change_that_nothing_undoes_by_itself_says_where(repo: GitRepo) -> None:
    sha = repo.commit("Break", {"a.txt": changed(LINES, 20, "broken"), "b.txt": changed(LINES, 5, "broken")})
    repo.commit("Rewrite", {"a.txt": None, "b.txt": changed(LINES, 5, "mended")})
    revert = tried(repo, sha)
    assert revert.outcome is RevertOutcome.CONFLICTS
    assert set(revert.conflicts) == {"a.txt", "b.txt"}
    assert [commit.subject for commit in revert.later] == ["Rewrite"]


def test_what_was_undone_already_is_told(repo: GitRepo) -> None:
    sha = repo.commit("Break", {"a.txt": changed(LINES, 20, "broken")})
    repo.git("revert", "--no-edit", sha)
    assert tried(repo, sha).outcome is RevertOutcome.DONE


def test_lines_are_followed_through_a_rename(repo: GitRepo) -> None:
    broken = changed(LINES, 20, "broken")
    sha = repo.commit("Break", {"a.txt": broken})
    repo.commit("Move", {"a.txt": None, "moved.txt": broken})
    assert tried(repo, sha).later == ()
    assert tried(repo, sha).outcome is RevertOutcome.CLEAN
    after = repo.commit("Touch it", {"moved.txt": broken.replace("line 20 broken", "line 20 other")})
    assert [commit.sha for commit in tried(repo, sha).later] == [after]


def test_a_deletion_is_a_place_too(repo: GitRepo) -> None:
    shorter = LINES.replace("line 20\n", "")
    sha = repo.commit("Forget", {"a.txt": shorter})
    repo.commit("Far away", {"a.txt": (far := changed(shorter, 30, "far"))})
    assert tried(repo, sha).later == ()
    repo.commit("There", {"a.txt": far.replace("line 21\n", "line 20 and 21\n")})
    assert [commit.subject for commit in tried(repo, sha).later] == ["There"]


def test_a_merge_is_undone_against_its_first_parent(repo: GitRepo) -> None:
    repo.git("checkout", "-q", "-b", "side")
    repo.commit("Break", {"a.txt": changed(LINES, 20, "broken")})
    repo.git("checkout", "-q", "main")
    repo.commit("Meanwhile", {"b.txt": changed(LINES, 5, "fine")})
    sha = repo.merge("side")
    revert = tried(repo, sha)
    assert revert.outcome is RevertOutcome.CLEAN
    assert revert.command == f"git revert --no-edit -m 1 {sha}"
    repo.git(*revert.command.split()[1:])
    assert (repo.folder / "a.txt").read_text() == LINES


def test_the_first_commit_of_all(repo: GitRepo) -> None:
    first = repo.head
    repo.commit("Another", {"c.txt": "c\n"})
    assert tried(repo, first).outcome is RevertOutcome.CLEAN


def test_names_that_git_must_quote(repo: GitRepo) -> None:
    name = 'ä "b"\n c.txt'
    repo.commit("Add", {name: LINES})
    sha = repo.commit("Break", {name: changed(LINES, 20, "broken")})
    repo.commit("Again", {name: changed(LINES, 20, "again")})
    assert tried(repo, sha).conflicts == (name,)


def test_nothing_is_touched(repo: GitRepo) -> None:
    sha = repo.commit("Break", {"a.txt": changed(LINES, 20, "broken")})
    repo.commit("On", {"a.txt": changed(LINES, 20, "mended")})
    repo.write({"a.txt": "being edited\n", "b.txt": "staged\n"})
    repo.git("add", "b.txt")

    def everything() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in repo.folder.rglob("*") if path.is_file()}

    before = everything()
    assert tried(repo, sha).outcome is RevertOutcome.CONFLICTS
    assert everything() == before


def test_a_bare_clone_and_a_linked_work_tree_will_do(repo: GitRepo, tmp_path: Path) -> None:
    sha = repo.commit("Break", {"a.txt": changed(LINES, 20, "broken")})
    repo.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    for folder in (tmp_path / "bare.git", tmp_path / "linked"):
        repository = Repository.open(folder)
        found = try_revert(repository, commit_of(repository, sha), sha)
        assert found
        assert found.outcome is RevertOutcome.CLEAN


def test_a_git_that_cannot_try_is_told_of(repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    sha = repo.commit("Break", {"a.txt": changed(LINES, 20, "broken")})
    attempt = Git.attempt

    def old(self: Git, *arguments: str, **given: object) -> tuple[int, bytes, str]:
        if arguments[0] == "merge-tree":
            return 129, b"", "usage: git merge-tree <base-tree> <branch1> <branch2>"
        return attempt(self, *arguments, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(Git, "attempt", old)
    revert = tried(repo, sha)
    assert revert.outcome is RevertOutcome.UNKNOWN
    assert revert.note == "Whether it applies could not be tried out: this git cannot merge without a work tree"
    assert revert.command == f"git revert --no-edit {sha}"
    with pytest.raises(GitError):
        Repository.open(repo.folder).git.run("merge-tree")
