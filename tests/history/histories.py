"""Histories drawn by hypothesis and made by ``git fast-import``, and what they hold by git's plumbing alone: the oracle.

The oracle shares nothing with the code under test: it reads raw commit objects (``cat-file``) and whole trees (``ls-tree``), walks
the parents itself, and compares a commit's tree with that of its first parent, path by path.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import strategies as st

from tests.gitrepo import GitRepo

PATHS = (
    b"a.py",
    b"b.py",
    b"lib/a.py",
    b"lib/deep/er/c.py",
    b"lib",  # a file where there may be a folder
    "café/naïve ☃.py".encode(),
    b'quo"te\\back.py',
    b"tab\there.py",
    b"new\nline.py",
    b" leading and trailing ",
    b"-dash.py",
    b":(glob)**.py",
    b"\x01start.py",
    b"not\xffutf8.py",
    b"x" * 200 + b"/" + b"y" * 200 + b"/" + b"z" * 200,  # longer than Sentry takes
)
TEXTS = (*(f"line {n}\n" * 30 for n in range(4)), "", "bin\0ary\1" * 20)
MODES = ("100644", "100755", "120000", "160000")
MESSAGES = (
    b"plain",
    b"subject\n\nbody\n\nFixes SHOP-1\n",
    b"",
    b"\n\nblank first",
    b"\x01" + b"f" * 40 + b"\n:100644 100644 a b M\tnot-a-file",
    "ünïcode ☃\r\nwith returns".encode(),
    b"caf\xe9 in latin-1",
    b"long " * 600,
    b"Co-authored-by: Cleo <cleo@acme.test>",
)
AUTHORS = (
    ("Ana", "ana@acme.test"),
    ("", ""),
    ("Ünï \x01 code", "ben@acme.test"),
    ("N" * 200, "e" * 300 + "@acme.test"),
    ("sp ace", "no at"),
)


@dataclass(frozen=True)
class Made:
    """One commit to make: indices of its parents (of those before it), the changes against the first, and its words."""

    parents: tuple[int, ...]
    changes: tuple[tuple[bytes, str, str | None], ...]
    message: bytes
    author: tuple[str, str]
    skew: int


@st.composite
def histories(draw: st.DrawFn, *, skewed: bool = True) -> tuple[Made, ...]:
    """Up to 14 commits: new roots, merges of two, octopuses, criss-crosses, reverts, renames, empty ones, clocks that are wrong."""
    made = []
    for number in range(draw(st.integers(2, 14))):
        parents: tuple[int, ...] = ()
        if number and draw(st.integers(0, 11)):
            wanted = draw(st.sampled_from([1, 1, 1, 1, 2, 2, 3, 4]))
            recent = [
                number - 1 - back for back in draw(st.lists(st.integers(0, 4), min_size=wanted, max_size=wanted, unique=True))
            ]
            parents = tuple(parent for parent in recent if parent >= 0) or (number - 1,)
        change = st.tuples(st.sampled_from(PATHS), st.sampled_from(MODES[:1] * 5 + MODES), st.none() | st.sampled_from(TEXTS))
        made.append(
            Made(
                parents,
                tuple(draw(st.lists(change, max_size=4))),
                draw(st.sampled_from(MESSAGES)),
                draw(st.sampled_from(AUTHORS)),
                draw(st.sampled_from([0, 0, 0, -90_000, 90_000])) if skewed else 0,
            )
        )
    return tuple(made)


def build(folder: Path, history: tuple[Made, ...]) -> tuple[GitRepo, list[str]]:
    """The repository and the names of its commits, in the order of ``history``. Every commit has a branch of its own."""
    repo = GitRepo(folder)
    stream = b"".join(_commit(number, made) for number, made in enumerate(history))
    repo.git("fast-import", "--quiet", "--force", stdin=stream)
    repo.git("config", "uploadpack.allowFilter", "true")
    return repo, [repo.git("rev-parse", f"refs/heads/c{number}") for number in range(len(history))]


def _commit(number: int, made: Made) -> bytes:
    stamp = 1_750_000_000 + 60 * number + made.skew
    name, email = made.author
    lines = [
        f"commit refs/heads/c{number}\nmark :{number + 1}\n".encode(),
        f"author {name} <{email}> {stamp} +0130\n".encode(),
        f"committer Cy <cy@acme.test> {stamp} -0700\n".encode(),
        b"data %d\n%b\n" % (len(made.message), made.message),
    ]
    for place, parent in enumerate(made.parents):
        lines.append(f"{'merge' if place else 'from'} :{parent + 1}\n".encode())
    for path, mode, text in made.changes:
        lines.append(_change(path, mode, text))
    return b"".join(lines) + b"\n"


def _change(path: bytes, mode: str, text: str | None) -> bytes:
    quoted = b'"' + b"".join(b"\\%03o" % byte for byte in path) + b'"'
    if text is None:
        return b"D %b\n" % quoted
    if mode == "160000":
        return f"M 160000 {len(text):040x} ".encode() + quoted + b"\n"
    content = (text or "x").encode() if mode == "120000" else text.encode()
    return f"M {mode} inline ".encode() + quoted + b"\ndata %d\n%b\n" % (len(content), content)


@dataclass
class Oracle:
    """What a repository holds, read from raw objects."""

    folder: Path
    _trees: dict[str, Mapping[bytes, tuple[bytes, bytes]]] = field(default_factory=dict)
    _raw: dict[str, bytes] = field(default_factory=dict)

    def plumb(self, *arguments: str) -> bytes:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        return subprocess.run(["git", *arguments], cwd=self.folder, env=clean, capture_output=True, check=True).stdout

    def raw(self, sha: str) -> bytes:
        if sha not in self._raw:
            self._raw[sha] = self.plumb("cat-file", "commit", sha)
        return self._raw[sha]

    def parents(self, sha: str) -> list[str]:
        head = self.raw(sha).partition(b"\n\n")[0]
        return [line[7:].decode() for line in head.split(b"\n") if line.startswith(b"parent ")]

    def author(self, sha: str) -> tuple[bytes, bytes]:
        head = self.raw(sha).partition(b"\n\n")[0]
        (line,) = [line[7:] for line in head.split(b"\n") if line.startswith(b"author ")]
        name, _, rest = line.partition(b"<")
        return name.strip(), rest.partition(b">")[0]

    def message(self, sha: str) -> bytes:
        return self.raw(sha).partition(b"\n\n")[2]

    def reach(self, sha: str) -> set[str]:
        seen, waiting = set(), [sha]
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting += self.parents(one)
        return seen

    def tree(self, sha: str | None) -> Mapping[bytes, tuple[bytes, bytes]]:
        if sha is None:
            return {}
        if sha not in self._trees:
            entries = (line.partition(b"\t") for line in self.plumb("ls-tree", "-r", "-z", sha).split(b"\0") if line)
            self._trees[sha] = {path: (meta.split()[0], meta.split()[2]) for meta, _, path in entries}
        return self._trees[sha]

    def patch_set(self, sha: str) -> set[tuple[bytes, str]]:
        """What differs from the first parent, path by path, in Sentry's letters."""
        before, after = self.tree(next(iter(self.parents(sha)), None)), self.tree(sha)
        added = {(path, "A") for path in after.keys() - before.keys()}
        deleted = {(path, "D") for path in before.keys() - after.keys()}
        return added | deleted | {(path, "M") for path in after.keys() & before.keys() if after[path] != before[path]}
