"""A git repository as deploywatch asks it: always at a given commit, never at a branch tip."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from deploywatch.errors import GitError, NotAnAncestor, NotARepository, ShallowClone, UnknownRevision
from deploywatch.history.diffs import Changes, read_diffs
from deploywatch.history.drivers import DRIVERS
from deploywatch.history.git import Git, failure, launch, scrubbed_environment
from deploywatch.history.lineage import names_in_window
from deploywatch.history.log import LOG_OPTIONS, read_commits
from deploywatch.history.origins import blame_options, listed_revisions, read_blame
from deploywatch.model import Commit, CommitWindow, FileDiff, Origins

_SHA: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_DIFF_OPTIONS: Final = (
    "--topo-order",
    "-p",
    "-U0",
    "-M",
    "--no-ext-diff",
    "--no-textconv",
    "--no-color",
    "--format=%x01%H",
    "--src-prefix=a/",
    "--dst-prefix=b/",
)
_COMMIT_OPTIONS: Final = (*LOG_OPTIONS, "--raw", "-M", "--ignore-submodules=none", "--diff-merges=first-parent")
IGNORE_REVS_FILE: Final = ".git-blame-ignore-revs"
# Beyond this many commits the whole window's diffs cost more than they tell: only those of the stack's files are read.
WHOLE_WINDOW: Final = 400


class Repository:
    """Questions to one repository, work tree or bare. Every method that takes a commit wants what ``resolve`` returned.

    Paths are as git stores them, relative to the root with ``/``; bytes that are not UTF-8 survive as surrogates (PEP 383).
    """

    def __init__(self, git: Git) -> None:
        self.git = git
        self._sides: dict[tuple[str, str, int], tuple[int, int]] = {}

    @classmethod
    def open(cls, path: Path, *, environ: Mapping[str, str] | None = None) -> Repository:
        """The repository at ``path`` or around it. Raises NotARepository."""
        clean = scrubbed_environment(os.environ if environ is None else environ)
        status, out, err = launch(["git", "rev-parse", "--absolute-git-dir"], environ=clean, stdin=None, folder=path)
        if status and "dubious ownership" in err:
            raise failure("rev-parse", err, folder=_owned(err, path))
        if status:
            raise NotARepository(
                f"{path} is not in a git repository", hint="name the repository with --repo DIR, or check the code out first"
            )
        return cls(Git(Path(os.fsdecode(out.rstrip(b"\n"))), environ=environ))

    # -- revisions ------------------------------------------------------------------------------------------

    def resolve(self, rev: str) -> str:
        """The full object name of the commit that ``rev`` names. Raises UnknownRevision."""
        name = rev.strip()
        if not name or name.startswith("-") or any(ord(c) < 32 for c in name):
            raise UnknownRevision(
                f"{rev!r} cannot be a revision", hint="give a commit, tag or branch, for example v1.4.0 or HEAD"
            )
        status, out, _ = self.git.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        found = out.decode().strip()
        if status or not _SHA.fullmatch(found):
            raise self._unknown(name)
        return found

    def has(self, rev: str) -> bool:
        """Whether ``rev`` names a commit here."""
        try:
            return bool(self.resolve(rev))
        except GitError:
            return False

    def _unknown(self, rev: str) -> GitError:
        if self.is_shallow():
            return ShallowClone(
                f"the revision {rev!r} is not in this shallow clone",
                hint="fetch the history: git fetch --unshallow (GitHub Actions: actions/checkout with fetch-depth: 0)",
            )
        return UnknownRevision(
            f"there is no commit {rev!r} in this repository", hint="check the spelling, or fetch it: git fetch --tags origin"
        )

    def is_shallow(self) -> bool:
        """Whether history was cut by ``--depth``."""
        return self.git.run("rev-parse", "--is-shallow-repository").strip() == b"true"

    def is_ancestor(self, base: str, head: str) -> bool:
        """Whether ``base`` is reachable from ``head`` (a commit is its own ancestor)."""
        return self._only_one_has(base, head)[0] == 0

    def _only_one_has(self, one: str, other: str) -> tuple[int, int]:
        """How many commits only the one has, and only the other. One walk answers for both directions, and is remembered."""
        turned, key = (other, one, self.git.fetches), (one, other, self.git.fetches)
        if turned in self._sides:
            return self._sides[turned][::-1]
        if key not in self._sides:
            out = self.git.run("rev-list", "--left-right", "--count", f"{one}...{other}", "--").split()
            self._sides[key] = int(out[0]), int(out[1])
        return self._sides[key]

    def nearest_common_ancestor(self, one: str, other: str) -> str | None:
        """The common ancestor that lacks the fewest commits of ``other``; ``None`` for unrelated histories."""
        status, out, err = self.git.attempt("merge-base", "--all", one, other)
        if status > 1:
            raise failure("merge-base", err)
        return min(out.decode().split(), key=lambda base: (self.count(base, other), base), default=None)

    def version_tags(self, head: str) -> dict[str, str]:
        """Tags merged into ``head``, newest made first, and the commits that they name."""
        form = "--format=%(refname:strip=2)%00%(objectname)%00%(*objectname)"
        out = os.fsdecode(self.git.run("for-each-ref", form, "--merged", head, "--sort=-creatordate", "refs/tags"))
        rows = (line.split("\0") for line in out.splitlines())
        return {tag: peeled or named for tag, named, peeled in rows}

    def remote_url(self, name: str = "origin") -> str | None:
        """The fetch URL of a remote, or ``None``."""
        return self.setting(f"remote.{name}.url")

    def setting(self, key: str) -> str | None:
        """A value of the repository's configuration, or ``None``."""
        status, out, _ = self.git.attempt("config", "--get", key)
        return out.decode("utf-8", "replace").strip() or None if status == 0 else None

    @property
    def folder_name(self) -> str:
        """The name of the repository's folder: of its work tree, or of the bare repository without ``.git``."""
        common = os.fsdecode(self.git.run("rev-parse", "--path-format=absolute", "--git-common-dir")).rstrip("\n")
        folder = Path(common)
        return folder.parent.name if folder.name == ".git" else folder.name.removesuffix(".git")

    # -- the window -----------------------------------------------------------------------------------------

    def window(self, base: str, head: str, *, most: int | None = None) -> CommitWindow:
        """The commits of base..head by ancestry, newest first, each with its changed files. Two processes, however many commits.

        Of a window of more than ``most`` commits none is read: they are counted. Raises NotAnAncestor when base does not lead to
        head, ShallowClone when a cut history may be the reason.
        """
        self.check_window(base, head)
        if most is not None and (size := self.count(base, head)) > most:
            return CommitWindow(base, head, (), unlisted=size)
        return CommitWindow(base, head, self.commits(base, head))

    def commits(self, base: str, head: str) -> tuple[Commit, ...]:
        """The commits that lead to head and not to base (which need not be an ancestor), newest first, as in ``window``."""
        return read_commits(self.git.run("log", *_COMMIT_OPTIONS, f"{base}..{head}", "--", config=self._mailmap(head)))

    def commits_named(self, shas: Iterable[str], head: str) -> tuple[Commit, ...]:
        """These commits, in this order, with names as head's mailmap has them. One process."""
        names = "".join(f"{sha}\n" for sha in shas).encode()
        if not names:
            return ()
        options = ("--no-walk=unsorted", "--stdin", *_COMMIT_OPTIONS)
        return read_commits(self.git.run("log", *options, "--", stdin=names, config=self._mailmap(head)))

    def check_window(self, base: str, head: str) -> None:
        """Raise unless ``base`` is an ancestor of ``head``."""
        if self.is_ancestor(base, head):
            return
        if self.is_shallow():
            raise ShallowClone(
                f"this clone is shallow and does not show how {base[:10]} leads to {head[:10]}",
                hint="fetch the history: git fetch --unshallow (GitHub Actions: actions/checkout with fetch-depth: 0)",
            )
        raise NotAnAncestor(
            f"{base[:10]} is not an ancestor of {head[:10]}, so there is no window between them",
            hint="give the commit that was deployed before as --base; after a rebase or a rollback, "
            "`git merge-base BASE HEAD` names the nearest one",
        )

    def count(self, base: str, head: str) -> int:
        """The number of commits in base..head."""
        return self._only_one_has(base, head)[1]

    def order(self, window: CommitWindow) -> dict[str, int]:
        """The place of each commit of the window, newest first, from 0."""
        if not window.unlisted:
            return {commit.sha: place for place, commit in enumerate(window.commits)}
        out = self.git.run("rev-list", "--topo-order", f"{window.base}..{window.head}", "--")
        return {sha: place for place, sha in enumerate(out.decode().split())}

    def _mailmap(self, head: str) -> tuple[str, ...]:
        return ("log.mailmap=true", f"mailmap.blob={head}:.mailmap")

    # -- what changed ---------------------------------------------------------------------------------------

    def diffs(self, window: CommitWindow, paths: Iterable[str] | None = None) -> tuple[FileDiff, ...]:
        """What each commit of the window changed in ``paths`` (names at head; earlier names in the window are followed).

        Newest commit first. ``None`` asks for every path. Merges count with what they changed beyond a clean merge only.
        """
        names = () if paths is None else names_in_window(paths, window.commits)
        if paths is not None and not names:
            return ()
        merges = ("--diff-merges=remerge",) if any(commit.is_merge for commit in window.commits) else ()
        span = f"{window.base}..{window.head}"
        return self._patches(*merges, span, "--", *names)

    def changes(self, window: CommitWindow, names: Sequence[str]) -> Changes:
        """What the window changed in files of these names, one name a file at a time, and the history that these commits make."""
        if not names:
            return Changes(window.head, b"")
        options = (*_DIFF_OPTIONS, "--parents", "--format=%x01%H %P", "--diff-merges=remerge")
        out = self.git.run("log", *options, f"{window.base}..{window.head}", "--", *names, config=DRIVERS)
        return Changes(window.head, out)

    def diffs_of(self, sha: str) -> tuple[FileDiff, ...]:
        """What one commit changed against its first parent, a merge like any other."""
        return self._patches("-1", "--diff-merges=first-parent", sha, "--")

    def _patches(self, *arguments: str) -> tuple[FileDiff, ...]:
        return read_diffs(self.git.run("log", *_DIFF_OPTIONS, *arguments, config=DRIVERS))

    def origins(
        self,
        window: CommitWindow,
        path: str,
        lines: Iterable[int] | None = None,
        *,
        ignored: Iterable[str] = (),
        lineage: str | None = None,
    ) -> Origins:
        """Which commit of the window last touched each line of ``path`` at head; see ``Origins``. One process.

        Blame looks through ``ignored`` commits (of the window) to whoever wrote the line before. ``lineage`` names a file with
        the commits that blame need look at (``Changes.lineage``).
        """
        through = (f"--ignore-rev={sha}" for sha in ignored)
        known = ("-S", lineage) if lineage else ()
        span = f"{window.base}..{window.head}"
        status, out, _ = self.git.attempt("blame", *known, *blame_options(lines), *through, span, "--", path)
        return read_blame(out) if status == 0 else Origins({})

    def ignored_revisions(self, window: CommitWindow) -> tuple[str, ...]:
        """The commits of the window that the repository's ``.git-blame-ignore-revs`` at head lists."""
        return self.within(window, listed_revisions(self.read(IGNORE_REVS_FILE, window.head)))

    def within(self, window: CommitWindow, listed: Sequence[str]) -> tuple[str, ...]:
        """Those of the listed names that are commits of the window; none listed, nothing is walked."""
        inside = self.order(window) if listed else {}
        return tuple(sha for sha in listed if sha in inside)

    # -- files ----------------------------------------------------------------------------------------------

    def paths(self, rev: str) -> tuple[str, ...]:
        """Every file of the tree at ``rev``, in git's order; submodules are left out."""
        out = self.git.run("ls-tree", "-r", "-z", "--full-tree", rev)
        entries = (entry.partition(b"\t") for entry in out.split(b"\0") if entry)
        return tuple(os.fsdecode(path) for meta, _, path in entries if b" blob " in meta)

    def read(self, path: str, rev: str) -> str | None:
        """The text of a file at ``rev`` (undecodable bytes replaced), or ``None`` where there is no such file."""
        return self.read_many([path], rev)[path]

    def read_many(self, paths: Iterable[str], rev: str) -> dict[str, str | None]:
        """The texts of several files at ``rev`` with one process."""
        asked = list(dict.fromkeys(paths))
        safe = [p for p in asked if "\n" not in p]
        question = b"".join(rev.encode() + b":" + os.fsencode(p) + b"\n" for p in safe)
        out = self.git.run("cat-file", "--batch", stdin=question) if safe else b""
        found = dict(zip(safe, batch_texts(out), strict=True))
        return {path: found.get(path) for path in asked}

    def texts(self, names: Iterable[str]) -> list[str | None]:
        """The texts of files named as ``REV:PATH`` (no line ends in them), in this order, ``None`` for what is no file."""
        asked = list(names)
        return batch_texts(self.git.run("cat-file", "--batch", stdin=os.fsencode("\n".join(asked) + "\n"))) if asked else []


def batch_texts(out: bytes) -> list[str | None]:
    """The texts that ``cat-file --batch`` answers, in order; ``None`` for what is missing or no file.

    An answer is a header line, the object and a newline, or one line for a missing object.
    """
    texts: list[str | None] = []
    at = 0
    while at < len(out):
        end = out.index(b"\n", at)
        header = out[at:end].rsplit(b" ", 2)
        line, at = at, end + 1
        if len(header) < 3 or not header[-1].isdigit() or out.endswith(b" missing", line, end):
            texts.append(None)
            continue
        size = int(header[-1])
        texts.append(out[at : at + size].decode("utf-8", "replace") if header[-2] == b"blob" else None)
        at += size + 1
    return texts


def _owned(stderr: str, path: Path) -> Path:
    """The folder that git says belongs to somebody else."""
    found = re.search(r"dubious ownership in repository at '(.+)'", stderr)
    return Path(found[1]) if found else path.absolute()
