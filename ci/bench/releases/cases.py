"""Repositories of the shapes that people have, each with what production has and what is deployed now."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_START: Final = 1_750_000_000
_MINUTE: Final = 60


class Tree:
    """A work tree whose commits are a minute apart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._minutes = 0
        folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        self.git("remote", "add", "origin", "git@github.com:acme/shop.git")

    def git(self, *arguments: str) -> str:
        """Run git here; its output."""
        stamp = f"{_START + _MINUTE * self._minutes} +0000"
        person = {"GIT_AUTHOR_NAME": "Ana", "GIT_AUTHOR_EMAIL": "ana@acme.test", "GIT_COMMITTER_NAME": "Ana"}
        ours = person | {"GIT_COMMITTER_EMAIL": "ana@acme.test", "GIT_AUTHOR_DATE": stamp, "GIT_COMMITTER_DATE": stamp}
        environ = {**os.environ, **ours, "GIT_CONFIG_GLOBAL": os.devnull}
        command = ["git", "-c", "protocol.file.allow=always", *arguments]
        done = subprocess.run(command, cwd=self.folder, env=environ, capture_output=True, check=True)
        return os.fsdecode(done.stdout).strip()

    def commit(self, message: str, files: Mapping[str, str] | None = None, *options: str) -> str:
        """Write files, commit everything; the commit's name."""
        for name, text in (files or {}).items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        self._minutes += 1
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, *options)
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str, start: str = "HEAD") -> None:
        """A new branch, checked out."""
        self.git("checkout", "-q", "-b", name, start)

    def merge(self, *names: str) -> str:
        """Merge into main; the merge commit's name."""
        self._minutes += 1
        self.git("checkout", "-q", "main")
        self.git("merge", "-q", "--no-ff", "-m", f"Merge {' and '.join(names)}", *names)
        return self.git("rev-parse", "HEAD")


@dataclass(frozen=True, slots=True)
class Case:
    """``build`` makes the repository and returns the commit that production has (``None``: nothing was deployed yet).

    ``shallow`` is the depth of the check-out that both programs run in.
    """

    title: str
    build: Callable[[Tree], str | None]
    shallow: int | None = None


def _lines(count: int, name: str = "line") -> str:
    return "".join(f"{name} {number}\n" for number in range(count))


def _straight(tree: Tree) -> str:
    base = tree.commit("start", {"a.py": _lines(9)})
    for number in range(3):
        tree.commit(f"change {number}", {f"f{number}.py": _lines(number)})
    return base


def _merged(tree: Tree) -> str:
    base = tree.commit("start", {"a.py": _lines(9)})
    tree.branch("feature")
    tree.commit("feature 1", {"feature.py": _lines(3)})
    tree.git("checkout", "-q", "main")
    tree.commit("main 1", {"main1.py": _lines(3)})
    tree.git("checkout", "-q", "feature")
    tree.commit("feature 2", {"feature.py": _lines(5)})
    tree.git("checkout", "-q", "main")
    tree.commit("main 2", {"main2.py": _lines(3)})
    tree.merge("feature")
    return base


def _deployed_side(tree: Tree) -> str:
    tree.commit("start", {"a.py": _lines(9)})
    tree.branch("hotfix")
    tree.git("checkout", "-q", "main")
    tree.commit("main 1", {"main1.py": _lines(3)})
    tree.git("checkout", "-q", "hotfix")
    base = tree.commit("hotfix, deployed", {"fix.py": _lines(3)})
    tree.merge("hotfix")
    tree.commit("main 2", {"main2.py": _lines(3)})
    return base


def _old_side(tree: Tree) -> str:
    tree.commit("start", {"a.py": _lines(9)})
    tree.branch("slow")
    tree.commit("slow work, months ago", {"slow.py": _lines(3)})
    tree.git("checkout", "-q", "main")
    tree.commit("main 1", {"main1.py": _lines(3)})
    base = tree.commit("main 2, deployed", {"main2.py": _lines(3)})
    tree.merge("slow")
    return base


def _octopus(tree: Tree) -> str:
    base = tree.commit("start", {"a.py": _lines(9)})
    for name in ("one", "two", "three"):
        tree.branch(name, base)
        tree.commit(name, {f"{name}.py": _lines(3)})
    tree.merge("one", "two", "three")
    return base


def _modes(tree: Tree) -> str:
    base = tree.commit("start", {"run.sh": "true\n", "link": "a\n"})
    (tree.folder / "run.sh").chmod(0o755)
    tree.commit("executable")
    (tree.folder / "link").unlink()
    (tree.folder / "link").symlink_to("run.sh")
    tree.commit("a link now")
    return base


def _moved(tree: Tree) -> str:
    base = tree.commit("start", {"old/name.py": _lines(40)})
    (tree.folder / "new").mkdir()
    tree.git("mv", "old/name.py", "new/name.py")
    tree.commit("move")
    return base


def _names(tree: Tree) -> str:
    base = tree.commit("start", {"a.py": _lines(9)})
    tree.commit(
        "Grüße", {"café/naïve ☃.py": "1\n", 'quo"te.py': "1\n", "tab\there.py": "1\n"}, "--author=Zoë Ünïcode <zoe@acme.test>"
    )
    return base


def _submodule(tree: Tree) -> str:
    library = Tree(tree.folder.parent / "library")
    first = library.commit("one", {"lib.py": "1\n"})
    second = library.commit("two", {"lib.py": "2\n"})
    tree.git("submodule", "add", "-q", str(library.folder), "lib")
    tree.git("-C", "lib", "checkout", "-q", first)
    base = tree.commit("start", {"a.py": _lines(9)})
    tree.git("-C", "lib", "checkout", "-q", second)
    tree.commit("newer library")
    return base


def _long_address(tree: Tree) -> str:
    base = tree.commit("start", {"a.py": _lines(9)})
    tree.commit("by a bot", {"a.py": _lines(8)}, f"--author=Bot <{'b' * 220}@acme.test>")
    return base


def _rollback(tree: Tree) -> str:
    tree.commit("start", {"a.py": _lines(9)})
    tree.commit("good", {"a.py": _lines(8)})
    base = tree.commit("bad, deployed", {"a.py": _lines(7)})
    tree.git("checkout", "-q", "--detach", "HEAD~1")
    return base


def _rebased(tree: Tree) -> str:
    start = tree.commit("start", {"a.py": _lines(9)})
    base = tree.commit("work, deployed", {"b.py": "1\n"})
    tree.git("checkout", "-q", "-B", "main", start)
    tree.commit("work, squashed with more", {"b.py": "1\n", "c.py": "1\n"})
    return base


def _first(tree: Tree) -> None:
    for number in range(30):
        if number == 4:
            tree.git("tag", "v1.0.0")
        tree.commit(f"change {number}", {f"f{number % 7}.py": _lines(number)})


CASES: Final = (
    Case("a straight line", _straight),
    Case("a feature branch, merged", _merged),
    Case("production has a commit of a merged branch", _deployed_side),
    Case("a merged branch older than production", _old_side),
    Case("an octopus merge", _octopus),
    Case("chmod +x; a file becomes a link", _modes),
    Case("a file is moved", _moved),
    Case("names beyond ASCII, a quote, a tab", _names),
    Case("a submodule is moved on", _submodule),
    Case("an author's address of 230 characters", _long_address),
    Case("the same feature branch, cloned with depth 1", _merged, shallow=1),
    Case("a rollback", _rollback),
    Case("production's commit was rebased away", _rebased),
    Case("nothing deployed yet, tag v1.0.0, 26 commits since", _first),
    Case("the same, cloned with depth 1", _first, shallow=1),
)
"""What is compared."""
