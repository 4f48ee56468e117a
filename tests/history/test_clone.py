"""Check-outs as CI systems make them: what they lack is fetched, step by step, or one clear error says what to change."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from deploywatch.errors import GitError, ShallowClone, UnknownRevision
from deploywatch.history.checkout import depth_of, is_partial
from deploywatch.history.clone import Clone, Relation
from deploywatch.history.fetching import Fetcher, Fetching
from deploywatch.history.repository import Repository
from tests.githttp import GitHttp
from tests.gitrepo import GitRepo

ALLOWED = Fetching(allowed=True, advice="ADVICE")
LENGTH = 300


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> GitRepo:
    """A main line of 300 commits; ``old`` branches off at its third and was merged as its last but one."""
    made = GitRepo(tmp_path_factory.mktemp("origin") / "shop")
    lines = ["reset refs/heads/main\n"]
    for number in range(1, LENGTH + 1):
        stamp = f"Ana <ana@acme.test> {1_750_000_000 + 60 * number} +0000"
        content = f"{number}\n" * 20
        lines.append(
            f"commit refs/heads/main\nmark :{number}\ncommitter {stamp}\ndata {len(str(number))}\n{number}\n"
            f"M 100644 inline file{number % 7}.py\ndata {len(content)}\n{content}\n"
        )
    made.git("fast-import", "--quiet", stdin="".join(lines).encode())
    made.git("reset", "-q", "--hard", "main")
    made.clock += 60 * LENGTH
    made.git("checkout", "-q", "-b", "old", f"main~{LENGTH - 3}")
    made.commit("old work", {"old.py": "1\n"})
    made.git("checkout", "-q", "main")
    made.merge("old", message="Merge old")
    made.commit("last", {"last.py": "1\n"})
    made.git("checkout", "-q", "-b", "hotfix", "main~5")
    made.commit("hotfix", {"fix.py": "1\n"})
    made.git("checkout", "-q", "main")
    made.git("tag", "v1.0.0", f"main~{LENGTH - 50}")
    made.git("tag", "-a", "-m", "two", "v2.0.0", "main~20")
    made.git("tag", "v9.0.0", "hotfix")
    made.git("config", "uploadpack.allowFilter", "true")
    return made


def cloned(origin: GitRepo, folder: Path, *options: str, fetching: Fetching = ALLOWED) -> Clone:
    origin.git("clone", "-q", *options, f"file://{origin.folder}", str(folder))
    return opened(folder, fetching)


def opened(folder: Path, fetching: Fetching = ALLOWED) -> Clone:
    repository = Repository.open(folder)
    return Clone(repository, Fetcher(repository.git, fetching))


def rev(origin: GitRepo, name: str) -> str:
    return origin.git("rev-parse", f"{name}^{{commit}}")


def window(repository: Repository, base: str, head: str) -> list[tuple[str, object]]:
    return [(commit.sha, commit.files) for commit in repository.commits(base, head)]


@pytest.mark.parametrize("base", ["main~1", "main~4", "main~40", "main~150"])
@pytest.mark.parametrize("options", [("--depth=1",), ("--depth=3", "--filter=blob:none"), ("--depth=10", "--no-single-branch")])
def test_a_shallow_clone_is_deepened_until_the_window_is_whole(
    origin: GitRepo, tmp_path: Path, base: str, options: tuple[str, ...]
) -> None:
    clone = cloned(origin, tmp_path / "clone", *options)
    ends = rev(origin, base), rev(origin, "main")
    assert clone.resolve(ends[0]) == ends[0]
    assert clone.relation(*ends) is Relation.FORWARD
    clone.fetch_files(*ends)
    assert window(clone.repository, *ends) == window(Repository.open(origin.folder), *ends)


def test_it_is_not_deepened_further_than_it_has_to_be(origin: GitRepo, tmp_path: Path) -> None:
    clone = cloned(origin, tmp_path / "clone", "--depth=5", "--branch=hotfix")
    ends = rev(origin, "hotfix~10"), rev(origin, "hotfix")
    clone.resolve(ends[0])
    assert clone.relation(*ends) is Relation.FORWARD
    assert 10 < depth_of(clone.repository.git, ends[1]) < 120
    assert clone.repository.is_shallow()


def test_nothing_of_the_clones_own_is_touched(origin: GitRepo, tmp_path: Path) -> None:
    clone = cloned(origin, tmp_path / "clone", "--depth=1")
    git = clone.repository.git

    def refs() -> bytes:
        return git.run("for-each-ref") + git.run("rev-parse", "HEAD")

    before = refs()
    clone.relation(clone.resolve(rev(origin, "main~30")), clone.resolve("HEAD"))
    assert refs() == before
    assert not (git.git_dir / "FETCH_HEAD").exists()


def test_a_branch_that_forked_long_ago_makes_it_go_back_that_far(origin: GitRepo, tmp_path: Path) -> None:
    clone = cloned(origin, tmp_path / "clone", "--depth=1")
    ends = clone.resolve(rev(origin, "main~2")), clone.resolve("HEAD")
    assert clone.relation(*ends) is Relation.FORWARD
    assert [commit.subject for commit in clone.repository.commits(*ends)] == ["last", "Merge old", "old work"]


def test_a_rollback_and_another_branch_are_told_in_a_shallow_clone(origin: GitRepo, tmp_path: Path) -> None:
    behind = cloned(origin, tmp_path / "behind", "--depth=1", "--branch=v2.0.0")
    assert behind.relation(behind.resolve(rev(origin, "main")), behind.resolve("HEAD")) is Relation.BACKWARD
    side = cloned(origin, tmp_path / "side", "--depth=1", "--branch=hotfix")
    main = side.resolve(rev(origin, "main"))
    assert side.relation(main, side.resolve("HEAD")) is Relation.DIVERGED
    assert side.repository.nearest_common_ancestor(main, side.resolve("HEAD")) == rev(origin, "hotfix~1")


@pytest.mark.parametrize("name", ["v2.0.0", "hotfix", "main~20", "HEAD~20"])
def test_names_that_the_clone_does_not_have_are_looked_up_at_the_remote(origin: GitRepo, tmp_path: Path, name: str) -> None:
    clone = cloned(origin, tmp_path / "clone", "--depth=1", "--no-tags")
    assert clone.resolve(name) == rev(origin, name.replace("HEAD", "main"))


def test_a_single_branch_gets_the_commit_of_another(origin: GitRepo, tmp_path: Path) -> None:
    clone = cloned(origin, tmp_path / "clone", "--single-branch", "--no-tags")
    fix = rev(origin, "hotfix")
    assert not clone.repository.has(fix)
    assert clone.resolve(fix) == fix
    assert clone.relation(fix, rev(origin, "main")) is Relation.DIVERGED
    assert not clone.repository.is_shallow()


def test_version_tags_are_the_remotes_where_history_is_cut(origin: GitRepo, tmp_path: Path) -> None:
    clone = cloned(origin, tmp_path / "clone", "--depth=1", "--no-tags")
    tags = clone.version_tags(clone.resolve("HEAD"))
    assert tags == {name: rev(origin, name) for name in ("v1.0.0", "v2.0.0", "v9.0.0")}


def test_what_the_remote_does_not_have_either_is_unknown(origin: GitRepo, tmp_path: Path) -> None:
    clone = cloned(origin, tmp_path / "clone", "--depth=1")
    for name in ("a" * 40, "no-such-branch", "--upload-pack=touch x", "HEAD:x", "HEAD~100000"):
        with pytest.raises(GitError) as caught:
            clone.resolve(name)
        assert isinstance(caught.value, UnknownRevision | ShallowClone)


def test_a_blobless_clone_gets_the_files_of_the_window_at_once(origin: GitRepo, tmp_path: Path) -> None:
    clone = cloned(origin, tmp_path / "clone", "--filter=blob:none", "--no-checkout")
    ends = rev(origin, "main~30"), rev(origin, "main")
    assert is_partial(clone.repository.git)
    assert clone.relation(*ends) is Relation.FORWARD
    clone.fetch_files(*ends)
    clone.repository.git.run("remote", "set-url", "origin", "file:///nowhere")
    found = clone.repository.window(*ends)
    assert len(clone.repository.diffs(found)) == len(Repository.open(origin.folder).diffs(found))


@pytest.mark.parametrize(
    ("fetching", "why"),
    [
        (replace(ALLOWED, allowed=False), "fetching is switched off"),
        (replace(ALLOWED, deepest=60), "the first 60 commits do not show it"),
        (replace(ALLOWED, within=timedelta(seconds=0)), "longer than 0 s"),
    ],
)
def test_where_it_may_not_fetch_it_says_what_to_change(origin: GitRepo, tmp_path: Path, fetching: Fetching, why: str) -> None:
    clone = cloned(origin, tmp_path / "clone", "--depth=3", fetching=fetching)
    with pytest.raises(ShallowClone, match=why) as caught:
        clone.relation(rev(origin, "main~2"), rev(origin, "main"))
    assert caught.value.hint == "ADVICE"


def test_a_remote_that_is_gone_or_not_there_is_said(origin: GitRepo, tmp_path: Path) -> None:
    clone = cloned(origin, tmp_path / "clone", "--depth=1")
    clone.repository.git.run("remote", "set-url", "origin", f"file://{tmp_path}/gone")
    with pytest.raises(ShallowClone, match="gone") as caught:
        clone.resolve(rev(origin, "main~2"))
    assert caught.value.hint == "ADVICE"
    clone.repository.git.run("remote", "remove", "origin")
    with pytest.raises(ShallowClone, match="no remote"):
        clone.resolve(rev(origin, "main~2"))


def test_a_remote_under_another_name_will_do(origin: GitRepo, tmp_path: Path) -> None:
    clone = cloned(origin, tmp_path / "clone", "--depth=1", "--origin=upstream")
    assert clone.resolve(rev(origin, "main~2")) == rev(origin, "main~2")


def test_the_checkouts_credential_is_used_and_nothing_prompts(origin: GitRepo, tmp_path: Path) -> None:
    secret = "basic " + "eC1hY2Nlc3MtdG9rZW46c2VjcmV0"
    with GitHttp(origin.folder.parent, secret) as server:
        header = f"http.{server.url}/.extraheader=AUTHORIZATION: {secret}"
        url = f"{server.url}/shop/.git"
        origin.git("-c", header, "clone", "-q", "--depth=1", url, str(tmp_path / "clone"))
        clone = opened(tmp_path / "clone")
        with pytest.raises(ShallowClone, match="could not read Username|terminal prompts disabled|Authentication failed"):
            clone.resolve(rev(origin, "main~30"))
        assert server.refused
        clone.repository.git.run("config", *header.split("=", 1))
        refused = server.refused
        base = clone.resolve(rev(origin, "main~30"))
        assert clone.relation(base, clone.resolve("HEAD")) is Relation.FORWARD
        assert server.refused == refused


def test_a_fetch_that_hangs_ends_in_time_with_all_that_it_started(origin: GitRepo, tmp_path: Path) -> None:
    clone = cloned(origin, tmp_path / "clone", "--depth=1", fetching=replace(ALLOWED, within=timedelta(seconds=1)))
    pid = tmp_path / "pid"
    script = tmp_path / "ssh"
    script.write_text(
        f"#!/bin/sh\necho $$ > {pid}\nif sh -c 'exec < /dev/tty' 2>/dev/null; then echo tty >> {pid}; fi\nexec sleep 600\n"
    )
    script.chmod(0o755)
    clone.repository.git.run("config", "core.sshCommand", str(script))
    clone.repository.git.run("remote", "set-url", "origin", "ssh://git@host.test/shop.git")
    with pytest.raises(ShallowClone, match="took longer"):
        clone.resolve(rev(origin, "main~30"))
    (started,) = pid.read_text().split()
    with pytest.raises(ProcessLookupError):
        _ended(int(started))


def _ended(pid: int) -> None:
    """Raises ProcessLookupError once the process is gone (a killed one may wait for its parent to take notice)."""
    for _ in range(200):
        os.kill(pid, 0)
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            raise ProcessLookupError
        os.sched_yield()


def test_worktrees_submodules_bare_and_detached_clones_answer_alike(origin: GitRepo, tmp_path: Path) -> None:
    ends = rev(origin, "main~3"), rev(origin, "main")
    expected = window(Repository.open(origin.folder), *ends)
    cloned(origin, tmp_path / "bare", "--bare", "--depth=1")
    main = cloned(origin, tmp_path / "main", "--depth=1")
    main.repository.git.run("worktree", "add", "--detach", str(tmp_path / "tree"), "HEAD")
    outer = GitRepo(tmp_path / "outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", "--depth=1", f"file://{origin.folder}", "parts/shop")
    outer.commit("with a submodule")
    for folder in ("bare", "tree", "outer/parts/shop"):
        clone = opened(tmp_path / folder)
        assert clone.relation(clone.resolve(ends[0]), clone.resolve("HEAD")) is Relation.FORWARD
        clone.fetch_files(*ends)
        assert window(clone.repository, *ends) == expected
    changed = outer.commit("bump", {"note": "1"})
    assert Repository.open(outer.folder / "parts").resolve("HEAD") == changed


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a repository to somebody else")
def test_somebody_elses_repository_is_one_clear_error(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path / "it's ours")
    repo.commit("start", {"a": "1"})
    for path in (repo.folder, repo.folder / ".git"):
        os.chown(path, 12345, 12345)
    environ = {name: value for name, value in os.environ.items() if name != "SUDO_UID"}
    with pytest.raises(GitError, match="dubious ownership") as caught:
        Repository.open(repo.folder, environ=environ | {"HOME": str(tmp_path)})
    assert f"safe.directory '{tmp_path}/it'\"'\"'s ours" in caught.value.hint
