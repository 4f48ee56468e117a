"""What a check-out holds and what it lacks: cuts, files that were left out, branches that were not cloned."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from deploywatch.history.git import Git

_SUBMODULE: Final = "160000"
_NOTHING: Final = "0"


def is_partial(git: Git) -> bool:
    """Whether files may be missing here that the remote has (``--filter``)."""
    status, _, _ = git.attempt("config", "--get-regexp", r"^(remote\..*\.promisor|extensions\.partialclone)$")
    return status == 0


def has_one_branch(git: Git, remote: str) -> bool:
    """Whether the remote's other branches are not fetched as a rule (``git clone --single-branch``)."""
    status, out, _ = git.attempt("config", "--get-all", f"remote.{remote}.fetch")
    specs = out.decode("utf-8", "replace").splitlines() if status == 0 else []
    return bool(specs) and not any("refs/heads/*:" in spec for spec in specs)


def cuts(git: Git) -> frozenset[str]:
    """The commits whose parents are missing because history was cut there."""
    file = Path(os.fsdecode(git.run("rev-parse", "--git-path", "shallow")).rstrip("\n"))
    try:
        return frozenset((git.git_dir / file).read_text(encoding="ascii").split())
    except OSError:
        return frozenset()


def depth_of(git: Git, head: str) -> int:
    """How many commits lead to head here, of first parents alone."""
    return int(git.run("rev-list", "--count", "--first-parent", head, "--"))


def dated(git: Git, span: str) -> dict[str, int]:
    """The commits of ``span`` and when they were committed (Unix seconds)."""
    lines = git.run("log", "--format=%H %ct", span, "--").decode().splitlines()
    return {sha: int(date or 0) for sha, _, date in (line.partition(" ") for line in lines)}


def changed_objects(git: Git, base: str, head: str) -> tuple[str, ...]:
    """The object names of the files that base..head changed, before and after; submodules are left out."""
    options = ("--raw", "-z", "--no-renames", "--no-abbrev", "--format=", "--diff-merges=first-parent")
    found: dict[str, None] = {}
    tokens = iter(git.run("log", *options, f"{base}..{head}", "--").split(b"\0"))
    for token in tokens:
        entry = token.lstrip(b"\n")
        if entry.startswith(b":"):
            next(tokens, b"")  # its path, which may begin with a colon, too
            was, becomes, before, after = entry[1:].decode().split(" ")[:4]
            sides = ((was, before), (becomes, after))
            found |= dict.fromkeys(name for mode, name in sides if mode != _SUBMODULE and name.strip(_NOTHING))
    return tuple(found)
