"""Which commits of a window touch some paths: a merge counts with what it changes against its first parent, as everywhere."""

from __future__ import annotations

from collections.abc import Sequence

from deploywatch.errors import GitError, UsageError
from deploywatch.history.git import Git


def touching(git: Git, commits: Sequence[str], pathspecs: Sequence[str]) -> frozenset[str]:
    """Those of ``commits`` (full names) that change a path which a git pathspec matches. One process.

    Pathspecs count from the root of the repository. Raises UsageError for one that git does not understand.
    """
    asked = [spec.lstrip("/") or "." for spec in pathspecs]
    options = ("-r", "--root", "--name-only", "--no-renames", "--diff-merges=first-parent")
    try:
        out = git.run(
            "--no-literal-pathspecs",
            "diff-tree",
            "--stdin",
            "-z",
            *options,
            "--",
            *asked,
            stdin="".join(f"{sha}\n" for sha in commits).encode(),
        )
    except GitError as trouble:
        raise UsageError(
            f"git does not understand the paths {', '.join(pathspecs)}: {trouble.message}",
            hint='write them as git pathspecs from the root of the repository, such as services/cart or ":(glob)libs/*/money.py"',
        ) from trouble
    wanted = frozenset(commits)
    return frozenset(token.decode("ascii", "replace") for token in out.split(b"\0")) & wanted
