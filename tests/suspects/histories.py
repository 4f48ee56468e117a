"""Small histories with a failure at their end, in a real repository."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploywatch.history.material import WindowHistory
from deploywatch.history.repository import Repository
from deploywatch.model import Commit, CommitWindow, Event, Frame, Raised, StackTrace
from deploywatch.stacktraces.mapping import PathIndex, map_frames
from deploywatch.suspects.registry import SIGNALS
from deploywatch.suspects.scene import Scene
from deploywatch.suspects.signals.base import Hit
from tests.gitrepo import GitRepo

Files = Mapping[str, str | bytes | None]
FILLER = "# .\n" * 8


@dataclass(frozen=True)
class At:
    """A frame at the one line of ``file`` that holds ``text`` at head."""

    file: str
    text: str
    function: str | None = None
    in_app: bool | None = True


class History:
    """What was deployed before (the tag ``v1``), the commits since, and failures of what is deployed now."""

    def __init__(self, folder: Path, deployed: Files) -> None:
        self.repo = GitRepo(folder)
        self.repo.commit("what was deployed before", deployed)
        self.repo.git("tag", "v1")

    def commit(self, message: str, files: Files) -> str:
        """One more commit; its name."""
        return self.repo.commit(message, files)

    def edit(self, message: str, path: str, *changes: tuple[str, str]) -> str:
        """A commit that replaces, in one file, each first text (which must be there once) by the second."""
        text = (self.repo.folder / path).read_text()
        for old, new in changes:
            assert text.count(old) == 1, (path, old)
            text = text.replace(old, new)
        return self.commit(message, {path: text})

    def window(self, base: str = "v1", head: str = "HEAD") -> tuple[Repository, CommitWindow]:
        """The window as the program reads it."""
        repository = Repository.open(self.repo.folder)
        return repository, repository.window(repository.resolve(base), repository.resolve(head))

    def frame(self, at: At) -> Frame:
        """The frame as an SDK would report it."""
        lines = (self.repo.folder / at.file).read_text().split("\n")
        (number,) = [number for number, line in enumerate(lines, 1) if at.text in line]
        return Frame(at.file, number, at.function, in_app=at.in_app)

    def raised(self, *stack: At, error: str = "ValueError", message: str | None = None) -> Raised:
        """One exception; ``stack`` has the raising frame first."""
        return Raised(error, message, tuple(self.frame(at) for at in reversed(stack)))

    def scene(
        self, *stack: At, error: str = "ValueError", message: str | None = None, base: str = "v1", causes: tuple[Raised, ...] = ()
    ) -> Scene:
        """The failure before the window ``base``..HEAD, made as the program makes it."""
        return self.scene_of(StackTrace((*causes, self.raised(*stack, error=error, message=message)), "python"), base)

    def scene_of(self, trace: StackTrace, base: str = "v1") -> Scene:
        """The same for a trace that was read from somewhere."""
        history = WindowHistory(*self.window(base))
        frames = map_frames(trace, PathIndex(history.paths))
        own = [frame.file for frame in frames if frame.in_app and frame.file]
        around = [frame.file for frame in frames if frame.file and not frame.in_app]
        return Scene(history.material(own, context=around), trace, frames)


def event_of(scene: Scene) -> Event:
    """An event with the scene's trace."""
    return Event("e", scene.trace)


def commit_of(scene: Scene, sha: str) -> Commit:
    """The window's commit of that name."""
    return next(commit for commit in scene.commits if commit.sha == sha)


def hit(scene: Scene, signal: str, sha: str) -> Hit | None:
    """What a signal of the registry says of a commit."""
    return SIGNALS[signal](scene, commit_of(scene, sha))


def value(scene: Scene, signal: str, sha: str) -> float:
    """How much of the evidence a commit has, 0 for none."""
    found = hit(scene, signal, sha)
    return found.value if found else 0.0


def said(scene: Scene, signal: str, sha: str) -> str:
    """The sentence that tells of it, empty for none."""
    found = hit(scene, signal, sha)
    return found.text if found else ""
