"""A revert as a commit on a branch of the remote: the only thing here that leaves this machine, and only when it is asked for."""

from __future__ import annotations

from typing import Final

from deploywatch.errors import GitError
from deploywatch.history.repository import Repository
from deploywatch.history.undo import undone
from deploywatch.model import Commit

_NOBODY: Final = ("user.name=deploywatch", "user.email=deploywatch@localhost")


def revert_commit(repository: Repository, commit: Commit, head: str, message: str) -> str:
    """Make the commit that undoes ``commit`` on top of ``head``, on no branch; its object name.

    No work tree and no index is touched. Raises ``GitError``, also where it conflicts.
    """
    git = repository.git
    found = undone(git, head, [commit])
    if found.conflicts:
        raise GitError("the revert conflicts", hint="make it by hand: the report has the command")
    status, _, _ = git.attempt("var", "GIT_COMMITTER_IDENT")
    identity = () if status == 0 else _NOBODY
    made = git.run("commit-tree", found.tree, "-p", head, "-F", "-", stdin=message.encode(errors="replace"), config=identity)
    return made.decode().strip()


def on_remote(repository: Repository, remote: str, branch: str) -> str | None:
    """The commit that a branch of the remote is at, ``None`` where there is no such branch. Raises ``GitError``."""
    out = repository.git.run("ls-remote", "--heads", remote, f"refs/heads/{branch}")
    return out.split(b"\t")[0].decode() or None


def push(repository: Repository, remote: str, sha: str, branch: str) -> None:
    """Make a new branch of the remote; one that is there is never changed. Raises ``GitError``."""
    repository.git.run("push", "--quiet", f"--force-with-lease=refs/heads/{branch}:", remote, f"{sha}:refs/heads/{branch}")
