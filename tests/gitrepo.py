"""A real git repository, built in a few words."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path


class GitRepo:
    """A work tree whose commits are a minute apart, so that every run makes the same object names."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = 1_750_000_000
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, stdin: bytes | None = None) -> str:
        """Run git here; its output, decoded."""
        clean = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        stamp = f"{self.clock} +0000"
        env = clean | {
            "GIT_AUTHOR_DATE": stamp,
            "GIT_COMMITTER_DATE": stamp,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
        }
        command = ["git", "-c", "user.name=Ana", "-c", "user.email=ana@acme.test", "-c", "commit.gpgSign=false", *arguments]
        done = subprocess.run(command, cwd=self.folder, env=env, input=stdin, capture_output=True, check=True)
        return os.fsdecode(done.stdout).strip()

    def write(self, files: Mapping[str, str | bytes | None]) -> None:
        """Write (or with ``None`` delete) files of the work tree."""
        for name, content in files.items():
            path = self.folder / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, message: str, files: Mapping[str, str | bytes | None] | None = None, *, author: str | None = None) -> str:
        """Commit the files (an empty commit where none are given); the new commit's name."""
        self.clock += 60
        self.write(files or {})
        self.git("add", "-A")
        extra = [f"--author={author}"] if author else []
        self.git("commit", "-q", "--allow-empty", "-m", message, *extra)
        return self.head

    def merge(self, *branches: str, message: str = "Merge") -> str:
        """Merge branches into the current one with a merge commit."""
        self.clock += 60
        self.git("merge", "-q", "--no-ff", "-m", message, *branches)
        return self.head

    @property
    def head(self) -> str:
        """The current commit's name."""
        return self.git("rev-parse", "HEAD")
