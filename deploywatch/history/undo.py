"""Undoing a commit at head, tried out in git's object store: no work tree, index or branch is touched.

A revert is a three-way merge whose base is the commit, and whose sides are head and the commit's parent. ``git merge-tree``
takes its base from history, so that the sides are given a common parent made for the purpose (git can be told it since 2.40).
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploywatch.errors import GitError
from deploywatch.history.git import Git, failure
from deploywatch.history.later import changed_since
from deploywatch.history.repository import Repository
from deploywatch.model import Commit, Revert, RevertOutcome
from deploywatch.report.reverting import revert_command

_TOO_OLD: Final = re.compile(r"usage: git merge-tree|unknown (?:option|rev) |not a git command")
_NOBODY: Final = ("user.name=deploywatch", "user.email=deploywatch@localhost")


@dataclass(frozen=True, slots=True)
class Undone:
    """The tree of head without some commits' changes, and the files in which that conflicts."""

    tree: str
    conflicts: tuple[str, ...] = ()


def try_revert(repository: Repository, commit: Commit, head: str) -> Revert | None:
    """How to undo ``commit`` at ``head``; ``None`` for a commit that no command can name. What git cannot tell is noted."""
    command = revert_command(commit)
    if command is None:
        return None
    try:
        with tempfile.TemporaryDirectory(prefix="deploywatch-") as scratch:
            return _tried(repository, repository.git.beside(Path(scratch) / "objects"), commit, head, command)
    except (GitError, OSError) as trouble:
        return Revert(RevertOutcome.UNKNOWN, head, command, note=f"Whether it applies could not be tried out: {trouble}")


def _tried(repository: Repository, scratch: Git, commit: Commit, head: str, command: str) -> Revert:
    later = changed_since(repository, commit, head)
    alone = undone(scratch, head, [commit])
    if not alone.conflicts:
        is_done = alone.tree == _tree_of(scratch, head)
        return Revert(RevertOutcome.DONE if is_done else RevertOutcome.CLEAN, head, command, later)
    together = revert_command(*later, commit) if later else None
    if together and not undone(scratch, head, [*later, commit]).conflicts:
        return Revert(RevertOutcome.CONFLICTS, head, together, later, with_later=True, conflicts=alone.conflicts)
    return Revert(RevertOutcome.CONFLICTS, head, command, later, conflicts=alone.conflicts)


def undone(git: Git, head: str, commits: Iterable[Commit]) -> Undone:
    """The tree of ``head`` without the changes of ``commits``, taken out in this order up to the first conflict.

    Writes objects, and nothing else. Raises ``GitError``.
    """
    current = Undone(_tree_of(git, head))
    for commit in commits:
        parent = f"{commit.sha}^1^{{tree}}" if commit.parents else None
        current = _merged(git, _tree_of(git, commit.sha), current.tree, git_tree(git, parent))
        if current.conflicts:
            break
    return current


def git_tree(git: Git, rev: str | None) -> str:
    """The tree that ``rev`` names; the empty one for ``None``."""
    if rev is None:
        return git.run("hash-object", "-t", "tree", "-w", "--stdin", stdin=b"").decode().strip()
    return git.run("rev-parse", "--verify", "--end-of-options", rev).decode().strip()


def _tree_of(git: Git, sha: str) -> str:
    return git_tree(git, f"{sha}^{{tree}}")


def _merged(git: Git, base: str, ours: str, theirs: str) -> Undone:
    root = _commit(git, base)
    sides = (_commit(git, tree, root) for tree in (ours, theirs))
    status, out, err = git.attempt("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", *sides)
    if status > 1 and _TOO_OLD.search(err):
        raise GitError("this git cannot merge without a work tree", hint="install git 2.38 or newer")
    if status > 1:
        raise failure("merge-tree", err)
    tree, *files = out.rstrip(b"\0").split(b"\0")
    return Undone(tree.decode(), tuple(dict.fromkeys(os.fsdecode(file) for file in files)) if status else ())


def _commit(git: Git, tree: str, *parents: str) -> str:
    given = (word for parent in parents for word in ("-p", parent))
    return git.run("commit-tree", tree, *given, "-m", "side", config=_NOBODY).decode().strip()
