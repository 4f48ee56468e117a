"""What may be fetched for a clone that does not hold enough, and the fetches: without a prompt, without tags, within a time.

Nothing of the clone's own is touched: no branch, no tag, no FETCH_HEAD. What is fetched is history and trees; files follow when
they are needed (``--filter=blob:none``), where the server can do that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from deploywatch.errors import GitError
from deploywatch.history.git import Git

_QUIETLY: Final = (
    "--quiet",
    "--no-tags",
    "--no-write-fetch-head",
    "--no-recurse-submodules",
    "--no-auto-maintenance",
    "--filter=blob:none",
)
_ABSENT: Final = "not our ref"
"""What a server answers that gives every commit by its name, and does not have this one."""
# A connection that carries less than this many bytes a second for so many seconds is dead.
_STALLED: Final = ("http.lowSpeedLimit=100", "http.lowSpeedTime=30")


@dataclass(frozen=True, slots=True)
class Fetching:
    """What may be fetched from ``remote``: anything at all, for how long in all, and how many commits deep.

    ``advice`` is how to get the whole history where this runs.
    """

    allowed: bool = False
    within: timedelta = timedelta(minutes=2)
    deepest: int = 20_000
    remote: str = "origin"
    advice: str = "fetch the history before: git fetch --unshallow --tags"


class CannotFetchError(Exception):
    """Nothing more can be fetched; the text says why."""


def _silent(_: str) -> None:
    """Nobody waits."""


class Fetcher:
    """Fetches for one clone. The time runs from the first fetch on. ``say`` gets a sentence before each."""

    def __init__(
        self,
        git: Git,
        fetching: Fetching,
        *,
        say: Callable[[str], None] = _silent,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.fetching = fetching
        self._git = git
        self._say = say
        self._clock = clock
        self._until: float | None = None

    def deepen(self, commits: Sequence[str], depth: int) -> None:
        """The last ``depth`` commits before each of ``commits`` (full names), as far as the server gives these by name.

        Raises ``CannotFetchError``.
        """
        self._say(f"this clone is cut: fetching the last {depth:,} commits")
        asked = ("fetch", *_QUIETLY, f"--depth={depth}", self._remote())
        trouble = None
        for wanted in ([*commits], [*commits[:1]], []):
            try:
                self._run(*asked, *wanted)
            except GitError as error:
                trouble = error
            else:
                return
        raise CannotFetchError(trouble.message if trouble else "nothing to fetch")

    def commit(self, name: str, depth: int | None) -> str | None:
        """Fetch what ``name`` is at the remote: a full object name, a tag or a branch. Its object name; ``None``: not there.

        Raises ``CannotFetchError``.
        """
        self._say(f"fetching {name[:60]}")
        found = name if _is_sha(name) else self._named(name)
        if found is None:
            return None
        limit = () if depth is None else (f"--depth={depth}",)
        try:
            self._run("fetch", *_QUIETLY, *limit, self._remote(), found)
        except GitError as error:
            if _ABSENT in error.message:
                return None
            raise CannotFetchError(error.message) from error
        return found

    def tags(self) -> dict[str, str]:
        """The tags of the remote and the commits that they name. Raises ``CannotFetchError``."""
        return {ref.removeprefix("refs/tags/"): sha for ref, sha in self._listed("refs/tags/*").items()}

    def objects(self, names: Sequence[str]) -> None:
        """Fetch files by their object names, all at once. Raises ``CannotFetchError``."""
        self._say(f"fetching {len(names):,} files of the commit window")
        asked = ("fetch", *_QUIETLY, "--stdin", self._remote())
        try:
            self._run(*asked, config=("fetch.negotiationAlgorithm=noop",), stdin="\n".join(names).encode() + b"\n")
        except GitError as error:
            raise CannotFetchError(error.message) from error

    def _named(self, name: str) -> str | None:
        tag, branch = f"refs/tags/{name}", f"refs/heads/{name}"
        found = self._listed(tag, f"{tag}^{{}}", branch)
        return found.get(tag) or found.get(branch)

    def _listed(self, *patterns: str) -> dict[str, str]:
        """The remote's refs and the commits that they name; a tag's own object is listed before what it names."""
        try:
            out = self._run("ls-remote", "--quiet", self._remote(), *patterns).decode("utf-8", "replace")
        except GitError as error:
            raise CannotFetchError(error.message) from error
        rows = (line.partition("\t") for line in out.splitlines())
        return {ref.removesuffix("^{}"): sha for sha, _, ref in rows}

    def _remote(self) -> str:
        names = self._git.run("remote").decode("utf-8", "replace").split()
        if self.fetching.remote in names:
            return self.fetching.remote
        if len(names) == 1:
            return names[0]
        raise CannotFetchError(f"there is no remote {self.fetching.remote!r}")

    def _run(self, *arguments: str, config: tuple[str, ...] = (), stdin: bytes | None = None) -> bytes:
        if not self.fetching.allowed:
            raise CannotFetchError("fetching is switched off")
        now = self._clock()
        self._until = self._until or now + self.fetching.within.total_seconds()
        left = self._until - now
        if left <= 0:
            raise CannotFetchError(f"fetching took longer than {self.fetching.within.total_seconds():.0f} s")
        return self._git.run(*arguments, stdin=stdin, config=(*_STALLED, *config), seconds=left)


def _is_sha(name: str) -> bool:
    return len(name) in (40, 64) and all(digit in "0123456789abcdef" for digit in name)
