"""git, run without anybody's configuration, for building the sandbox's repository and taking versions out of it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deploywatch.errors import GitError


def git(folder: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> str:
    """What ``git`` prints, stripped. Raises ``GitError`` when it is not installed or fails."""
    foreign = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    clean = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    command = ["git", "-c", "core.hooksPath=" + os.devnull, "-c", "core.autocrlf=false", "-c", "gc.auto=0", *arguments]
    try:
        done = subprocess.run(command, cwd=folder, env={**foreign, **clean, **(environ or {})}, capture_output=True, check=False)
    except OSError as error:
        raise GitError(f"git could not be started: {error}", hint="install git, and see that it is in PATH") from error
    if done.returncode:
        what = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise GitError(f"git {arguments[0]} failed in {folder}: {what}", hint="give the sandbox an empty folder of its own")
    return done.stdout.decode(errors="replace").strip()
