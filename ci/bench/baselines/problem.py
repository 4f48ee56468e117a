"""What a baseline may see, and what it answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from deploywatch.history.repository import Repository
from deploywatch.model import ChangeType, Commit, CommitWindow, FileDiff, Frame

_BLAMED: Final = re.compile(rb"^([0-9a-f]{40,64}) \d+ (\d+)(?: \d+)?$", re.MULTILINE)


@dataclass(frozen=True)
class Guess:
    """Commits, likeliest first; those of one group are equals. Empty: it names nobody.

    ``confidence`` is the probability (0 to 1) that it claims for the first, ``None`` where it claims none.
    """

    groups: tuple[tuple[str, ...], ...] = ()
    confidence: float | None = None


class Problem:
    """One failure before one window.

    ``frames`` are the application's of the exception that was raised last, nearest the failure first, each place once; all of its
    frames where none is the application's.
    """

    def __init__(self, repository: Repository, window: CommitWindow, frames: Sequence[Frame], message: str) -> None:
        self.repository = repository
        self.window = window
        self.frames = tuple({(frame.path, frame.line): frame for frame in frames}.values())
        self.message = message
        self._blamed: dict[str, dict[int, str]] = {}

    @classmethod
    def of(cls, repository: Repository, window: CommitWindow, event: Mapping[str, Any]) -> Problem:
        """The problem that an event (its exceptions' frames oldest call first) poses."""
        values = event["exception"]["values"]
        listed = [(value.get("stacktrace") or {}).get("frames", []) for value in values]
        own = [[frame for frame in frames if frame.get("in_app")] for frames in listed]
        chosen = next((frames for frames in reversed(own) if frames), listed[-1] if listed else [])
        frames = [Frame(f.get("filename"), f.get("lineno"), f.get("function")) for f in reversed(chosen) if f.get("filename")]
        message = "\n".join(f"{value.get('type') or ''} {value.get('value') or ''}" for value in values)
        return cls(repository, window, frames, message)

    @cached_property
    def commits(self) -> tuple[Commit, ...]:
        """The window's commits, newest first, without merges."""
        return tuple(commit for commit in self.window.commits if not commit.is_merge)

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The frames' files, nearest the failure first."""
        return tuple(dict.fromkeys(frame.path for frame in self.frames if frame.path))

    @cached_property
    def diffs(self) -> tuple[FileDiff, ...]:
        """Everything that the window changed, newest first."""
        return self.repository.diffs(self.window)

    def blamed(self, path: str | None, line: int | None) -> str | None:
        """The commit of the window that a line of head is from, by ``git blame -w``; ``None`` for an older line."""
        return self.blamed_lines(path).get(line or 0) if path else None

    def blamed_lines(self, path: str) -> Mapping[int, str]:
        """The same for every line of a file that is from the window."""
        if path not in self._blamed:
            span = f"{self.window.base}..{self.window.head}"
            _, out, _ = self.repository.git.attempt("blame", "-w", "--porcelain", span, "--", path)
            inside = {commit.sha for commit in self.commits}
            found = ((int(line), sha.decode()) for sha, line in _BLAMED.findall(out))
            self._blamed[path] = {line: sha for line, sha in found if sha in inside}
        return self._blamed[path]

    def newest_first(self, scores: Mapping[str, float], confidence: float | None = None) -> Guess:
        """The commits that have a score, by score; of equals the newer first."""
        order = sorted((c.sha for c in self.commits if c.sha in scores), key=lambda sha: -scores[sha])
        return Guess(tuple((sha,) for sha in order), confidence)


def touched(commit: Commit, *, deleted: bool = True) -> frozenset[str]:
    """The paths that a commit changed, with the old ones of what it renamed."""
    changes = (change for change in commit.files if deleted or change.type is not ChangeType.DELETED)
    return frozenset(
        path
        for change in changes
        for path in (change.path, change.old_path if change.type is ChangeType.RENAMED else None)
        if path
    )
