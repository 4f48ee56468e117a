"""A repository answers about commits, files and lines, and says clearly when it cannot."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from deploywatch.errors import GitError, NotAnAncestor, NotARepository, ShallowClone, UnknownRevision
from deploywatch.history.repository import Repository
from deploywatch.model import ChangeType, FileChange
from tests.gitrepo import GitRepo


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    return GitRepo(tmp_path / "shop")


def changes(repository: Repository, base: str, head: str) -> dict[str, tuple[FileChange, ...]]:
    return {c.subject: c.files for c in repository.window(repository.resolve(base), repository.resolve(head)).commits}


def test_the_window_is_by_ancestry_newest_first_with_every_kind_of_change(repo: GitRepo) -> None:
    repo.commit("start", {"a.py": "a = 1\n" * 9, "b.py": "b\n", "c.py": "c\n"})
    repo.git("tag", "v1")
    repo.commit("change", {"a.py": "a = 1\n" * 8 + "a = 2\n"})
    repo.commit("move", {"a.py": None, "lib/a.py": "a = 1\n" * 8 + "a = 2\n"})
    repo.commit("drop and add", {"b.py": None, "d é\t.py": "d\n"})
    repo.git("update-index", "--chmod=+x", "c.py")
    repo.git("commit", "-q", "-m", "mode")
    found = changes(Repository.open(repo.folder), "v1", "HEAD")
    assert list(found) == ["mode", "drop and add", "move", "change"]
    assert found["change"] == (FileChange(ChangeType.MODIFIED, "a.py"),)
    assert found["move"] == (FileChange(ChangeType.RENAMED, "lib/a.py", "a.py"),)
    assert found["drop and add"] == (FileChange(ChangeType.DELETED, "b.py"), FileChange(ChangeType.ADDED, "d é\t.py"))
    assert found["mode"] == (FileChange(ChangeType.MODIFIED, "c.py"),)


def test_a_side_branch_older_than_the_base_belongs_to_the_window_that_merged_it(repo: GitRepo) -> None:
    repo.commit("start", {"a": "1"})
    repo.git("checkout", "-q", "-b", "side")
    repo.commit("on the side", {"side": "1"})
    repo.git("checkout", "-q", "main")
    repo.commit("deployed", {"b": "1"})
    repo.git("tag", "v1")
    repo.merge("side", message="Merge pull request #7 from acme/side")
    window = Repository.open(repo.folder).window(repo.git("rev-parse", "v1"), repo.head)
    assert [c.subject for c in window.commits] == ["Merge pull request #7 from acme/side", "on the side"]
    assert window.commits[0].is_merge
    assert window.commits[0].pull_request == 7
    assert window.commits[0].files == (FileChange(ChangeType.ADDED, "side"),)


def test_people_are_as_the_mailmap_of_the_deployed_commit_says(repo: GitRepo) -> None:
    repo.commit("start", {"a": "1"})
    repo.commit("work (#12)\n\nCo-authored-by: Cleo <c@old.test>\n", {"a": "2"}, author="benny <ben@old.test>")
    repo.commit("names", {".mailmap": "Ben Berg <ben@acme.test> <ben@old.test>\n"})
    repository = Repository.open(repo.folder)
    window = repository.window(repository.resolve("HEAD~2"), repository.resolve("HEAD"))
    work = window.commits[1]
    assert (work.author.name, work.author.email) == ("Ben Berg", "ben@acme.test")
    assert work.pull_request == 12
    assert [p.name for p in work.co_authors] == ["Cleo"]


def test_the_origin_of_a_line_is_asked_at_head_and_bounded_by_the_window(repo: GitRepo) -> None:
    repo.commit("start", {"a.py": "one\ntwo\nthree\n"})
    repo.git("tag", "v1")
    culprit = repo.commit("change two", {"a.py": "one\nTWO\nthree\n"})
    repo.commit("shift", {"a.py": "zero\none\nTWO\nthree\n"})
    repo.git("tag", "v2")
    repo.commit("not deployed", {"a.py": "zero\none\ntwo again\nthree\n"})
    repository = Repository.open(repo.folder)
    window = repository.window(repository.resolve("v1"), repository.resolve("v2"))
    origins = repository.origins(window, "a.py")
    assert origins.of(3) is not None
    assert origins.of(3).sha == culprit  # type: ignore[union-attr]
    assert origins.of(3).line == 2  # type: ignore[union-attr]
    assert origins.of(2) is None
    assert repository.origins(window, "a.py", [2, 3]).by_line.keys() == {3}
    assert repository.origins(window, "missing.py").by_line == {}


def test_diffs_of_a_path_follow_its_renames_and_keep_the_texts(repo: GitRepo) -> None:
    repo.commit("start", {"old.py": "def f():\n    x = 1\n    return x\n" + "# end\n" * 6, "other.py": "1\n"})
    repo.git("tag", "v1")
    first = repo.commit("body", {"old.py": "def f():\n    return 2\n" + "# end\n" * 6, "other.py": "2\n"})
    second = repo.commit("move", {"old.py": None, "new.py": "def f():\n    return 2\n" + "# end\n" * 6})
    repository = Repository.open(repo.folder)
    window = repository.window(repository.resolve("v1"), repository.resolve("HEAD"))
    diffs = repository.diffs(window, ["new.py"])
    assert [(d.sha, d.change.path, d.change.old_path) for d in diffs] == [(second, "new.py", "old.py"), (first, "old.py", None)]
    (hunk,) = diffs[1].hunks
    assert (hunk.header, hunk.removed, hunk.added) == ("@@ -2,2 +2,1 @@", ("    x = 1", "    return x"), ("    return 2",))
    assert hunk.context == "def f():"
    assert repository.diffs(window, []) == ()
    assert {d.change.path for d in repository.diffs(window)} == {"new.py", "old.py", "other.py"}


def test_a_hunk_names_the_definition_that_it_stands_in(repo: GitRepo) -> None:
    python = "class A:\n    def f(self):\n        x = 1\n        return x\n"
    script = "module.exports = {\n  create(context) {\n    if (context) {\n      run(context);\n    }\n  },\n};\n"
    repo.commit("start", {"a.py": python, "a.js": script})
    repo.commit("next", {"a.py": python.replace("return x", "return 2"), "a.js": script.replace("run(", "walk(")})
    repository = Repository.open(repo.folder)
    window = repository.window(repository.resolve("HEAD~1"), repository.resolve("HEAD"))
    contexts = {d.change.path: d.hunks[0].context.strip() for d in repository.diffs(window)}
    assert contexts == {"a.py": "def f(self):", "a.js": "create(context) {"}


def test_a_merge_counts_only_with_what_it_changed_itself(repo: GitRepo) -> None:
    repo.commit("start", {"a.py": "one\n", "b.py": "b\n"})
    repo.git("tag", "v1")
    repo.git("checkout", "-q", "-b", "side")
    repo.commit("side", {"a.py": "side\n"})
    repo.git("checkout", "-q", "main")
    repo.commit("main", {"b.py": "main\n"})
    repo.git("merge", "-q", "--no-commit", "--no-ff", "side")
    evil = repo.commit("Merge with a change of its own", {"b.py": "main\nevil\n"})
    repository = Repository.open(repo.folder)
    window = repository.window(repository.resolve("v1"), evil)
    (own,) = [d for d in repository.diffs(window) if d.sha == evil]
    assert own.change.path == "b.py"
    assert [h.added for h in own.hunks] == [("evil",)]


def test_odd_names_and_contents_survive(repo: GitRepo) -> None:
    odd = {
        "caf\u00e9.py": "1\n",
        'quote"q.py': "1\n",
        "tab\tname.py": "1\n",
        "-dash.py": "1\n",
        "sp ace.py": "1\n",
        ":(glob)x.py": "1\n",
    }
    repo.commit("start", {"keep": "1"})
    repo.git("tag", "v1")
    repo.commit("odd", odd)
    repo.commit("latin", {"latin.py": b"caf\xe9 = 1\n\x01abc\n", "binary": b"\0\1\2"})
    repository = Repository.open(repo.folder)
    window = repository.window(repository.resolve("v1"), repository.resolve("HEAD"))
    assert {d.change.path for d in repository.diffs(window)} == {*odd, "latin.py", "binary"}
    assert {d.change.path for d in repository.diffs(window, list(odd))} == set(odd)
    assert set(repository.paths(window.head)) == {*odd, "latin.py", "binary", "keep"}
    assert repository.read_many([*odd, "absent"], window.head) == dict.fromkeys(odd, "1\n") | {"absent": None}


def test_a_bare_clone_answers_the_same(repo: GitRepo, tmp_path: Path) -> None:
    repo.commit("start", {"a.py": "1\n"})
    repo.commit("next", {"a.py": "2\n"}, author="ben <b@old.test>")
    repo.commit("names", {".mailmap": "Ben <b@acme.test> <b@old.test>\n"})
    repo.git("clone", "-q", "--bare", str(repo.folder), str(tmp_path / "bare.git"))
    here, bare = Repository.open(repo.folder), Repository.open(tmp_path / "bare.git")
    ends = here.resolve("HEAD~2"), here.resolve("HEAD")
    assert bare.window(*ends) == here.window(*ends)
    assert bare.window(*ends).commits[1].author.name == "Ben"
    assert bare.diffs(bare.window(*ends)) == here.diffs(here.window(*ends))


def test_what_cannot_be_answered_is_said(repo: GitRepo, tmp_path: Path) -> None:
    base = repo.commit("start", {"a": "1"})
    repo.git("checkout", "-q", "-b", "other")
    other = repo.commit("other", {"a": "2"})
    repo.git("checkout", "-q", "main")
    head = repo.commit("main", {"a": "3"})
    repository = Repository.open(repo.folder)
    with pytest.raises(NotARepository, match="not in a git repository"):
        Repository.open(tmp_path)
    with pytest.raises(NotARepository, match="not a folder"):
        Repository.open(tmp_path / "absent")
    for rev in ("nonsense", "", "--upload-pack=x", "a\nb", "HEAD:a"):
        with pytest.raises(UnknownRevision):
            repository.resolve(rev)
    with pytest.raises(NotAnAncestor, match="not an ancestor"):
        repository.window(other, head)
    assert len(repository.window(head, head)) == 0
    assert len(repository.window(base, head)) == 1
    (repo.folder / ".git" / "objects" / head[:2] / head[2:]).write_bytes(b"broken")
    with pytest.raises(GitError):
        Repository.open(repo.folder).window(base, head)


def test_a_shallow_clone_is_told_from_a_wrong_revision(repo: GitRepo, tmp_path: Path) -> None:
    base = repo.commit("start", {"a": "1"})
    repo.commit("next", {"a": "2"})
    repo.git("clone", "-q", "--depth=1", f"file://{repo.folder}", str(tmp_path / "shallow"))
    repository = Repository.open(tmp_path / "shallow")
    with pytest.raises(ShallowClone) as caught:
        repository.resolve(base)
    assert "fetch-depth: 0" in caught.value.hint


def test_the_callers_git_variables_and_hooks_do_not_reach_ours(repo: GitRepo, tmp_path: Path) -> None:
    repo.commit("start", {"a": "1"})
    other = GitRepo(tmp_path / "other")
    other.commit("elsewhere", {"b": "1"})
    marker = tmp_path / "ran"
    repo.git("config", "diff.external", f"touch {marker}; true")
    repo.git("config", "core.fsmonitor", f"touch {marker}; true")
    repo.commit("next", {"a": "2"})
    subprocess.run(["rm", "-f", str(marker)], check=True)
    environ = dict(os.environ) | {
        "GIT_DIR": str(other.folder / ".git"),
        "GIT_INDEX_FILE": "nowhere",
        "GIT_EXTERNAL_DIFF": f"touch {marker}",
    }
    repository = Repository.open(repo.folder, environ=environ)
    window = repository.window(repository.resolve("HEAD~1"), repository.resolve("HEAD"))
    assert [d.change.path for d in repository.diffs(window)] == ["a"]
    assert not marker.exists()
