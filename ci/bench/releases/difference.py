"""What the real sentry-cli and deploywatch tell Sentry of the same repository, beside what git's plumbing says.

Run: ``python -m ci.bench.releases.difference``. It prints the table of docs/releases.md, and exits with 1 when deploywatch
differs from git anywhere. Both programs run as their users run them, against the stand-in for Sentry of the sandbox; each is
told the same: a release with production's commit was deployed to production before.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ci.bench.releases.cases import CASES, Case, Tree
from deploywatch.report.words import counted
from deploywatch.sandbox.standin.server import StandIn

ROOT: Final = Path(__file__).resolve().parents[3]
NAME: Final = "acme/shop"
Commits = Mapping[str, Mapping[str, str]]
"""Commits by name: their files and Sentry's letters."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a program told Sentry: its exit status, the commits, the names of their repositories, and its last words."""

    status: int
    commits: Commits
    repositories: frozenset[str] = field(default_factory=frozenset)
    words: str = ""


@dataclass(frozen=True, slots=True)
class Checkout:
    """Where the programs run, and the commit that production has."""

    folder: Path
    base: str | None


def main() -> int:
    """Run all cases, print the table."""
    print("| repository | git says | sentry-cli 3 | deploywatch |")
    print("| --- | --- | --- | --- |")
    wrong = 0
    with StandIn() as sentry, tempfile.TemporaryDirectory() as place:
        for number, case in enumerate(CASES):
            tree = Tree(Path(place) / str(number) / "shop")
            base = case.build(tree)
            expected = _expected(tree, base)
            checkout = Checkout(_checkout(tree, case), base)
            theirs = _told(sentry, checkout, _SENTRY_CLI)
            ours = _told(sentry, checkout, _DEPLOYWATCH)
            mine = "; ".join(_differences(ours, expected))
            wrong += bool(mine)
            changes = sum(map(len, expected.values()))
            right = f"{counted(len(expected), 'commit')}, {counted(changes, 'file change')}"
            print(f"| {case.title} | {right} | {'; '.join(_differences(theirs, expected)) or 'right'} | {mine or 'right'} |")
    return 1 if wrong else 0


_BIN: Final = Path(sys.executable).parent
_SENTRY_CLI: Final = (str(_BIN / "sentry-cli"), "releases", "set-commits", "shop@2", "--local")
_DEPLOYWATCH: Final = (
    sys.executable,
    "-m",
    "deploywatch",
    "release",
    "--release",
    "shop@2",
    "--environment",
    "production",
    "--project",
    "shop",
)


def _told(sentry: StandIn, checkout: Checkout, command: Sequence[str]) -> Told:
    sentry.reset()
    with tempfile.TemporaryDirectory() as state:
        environ = {**os.environ, **sentry.environ("shop"), "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": state}
        if checkout.base:
            _deployed(sentry, checkout.base)
        done = subprocess.run(command, cwd=checkout.folder, env=environ, capture_output=True, check=False)
    commits = sentry.state.releases["shop@2"].commits if "shop@2" in sentry.state.releases else []
    return Told(
        done.returncode,
        {commit.sha: dict(commit.files) for commit in commits},
        frozenset(commit.repository.name for commit in commits),
        done.stderr.decode().strip().splitlines()[0] if done.stderr.strip() else "",
    )


def _deployed(sentry: StandIn, base: str) -> None:
    """A release of production's commit, and its deploy, as both programs find them."""
    from deploywatch.bootstrap import production
    from deploywatch.sentry.commits_write import set_commits
    from deploywatch.sentry.deploys import NewDeploy, create_deploy
    from deploywatch.sentry.releases import create_release
    from deploywatch.settings import Settings

    client = production(Settings(), environ=sentry.environ("shop")).connect()
    create_release(client, "shop@1", ["shop"], ref=base)
    set_commits(client, "shop@1", [{"id": base, "repository": "origin", "message": "", "timestamp": "2025-06-15T00:00:00Z"}])
    create_deploy(client, "shop@1", NewDeploy("production"))
    with suppress(KeyError):
        sentry.state.commits.clear()


def _expected(tree: Tree, base: str | None) -> Commits:
    """base..HEAD by rev-list, each commit's files by comparing its tree with its first parent's; a rollback brings nothing."""
    since = base or "v1.0.0"
    names = tree.git("rev-list", f"{since}..HEAD").split()
    return {name: dict(_files(tree, name)) for name in names}


def _files(tree: Tree, name: str) -> Iterator[tuple[str, str]]:
    parents = tree.git("rev-list", "--parents", "-1", name).split()[1:2]
    ends = [parents[0], name] if parents else ["--root", name]
    out = tree.git("diff-tree", "-r", "-z", "--no-renames", "--no-commit-id", "--name-status", *ends).split("\0")
    for letter, path in zip(out[::2], out[1::2], strict=False):
        yield path, "M" if letter == "T" else letter


def _checkout(tree: Tree, case: Case) -> Path:
    if case.shallow is None:
        return tree.folder
    folder = tree.folder.parent / "checkout"
    tree.git("config", "uploadpack.allowFilter", "true")
    tree.git("clone", "-q", f"--depth={case.shallow}", f"file://{tree.folder}", str(folder))
    subprocess.run(["git", "remote", "rename", "origin", "source"], cwd=folder, check=True, capture_output=True)
    subprocess.run(
        ["git", "config", "remote.origin.url", "git@github.com:acme/shop.git"], cwd=folder, check=True, capture_output=True
    )
    subprocess.run(
        ["git", "config", f"url.file://{tree.folder}.insteadOf", "git@github.com:acme/shop.git"], cwd=folder, check=True
    )
    return folder


def _differences(told: Told, expected: Commits) -> Iterator[str]:
    if told.status:
        yield f"exit {told.status}: {told.words.removeprefix('error: ').partition('. ')[0]}"
        return
    missing, extra = expected.keys() - told.commits.keys(), told.commits.keys() - expected.keys()
    if missing:
        yield f"{counted(len(missing), 'commit')} missing"
    if extra:
        yield f"{counted(len(extra), 'commit')} that production has already"
    both = expected.keys() & told.commits.keys()
    claimed = sum(len(told.commits[sha].items() - expected[sha].items()) for sha in both)
    unsaid = sum(len(expected[sha].items() - told.commits[sha].items()) for sha in both)
    if claimed:
        yield f"{counted(claimed, 'file change')} that never happened"
    if unsaid:
        yield f"{counted(unsaid, 'file change')} missing"
    if told.repositories - {NAME}:
        yield f'repository called "{", ".join(sorted(told.repositories))}"'


if __name__ == "__main__":
    sys.exit(main())
