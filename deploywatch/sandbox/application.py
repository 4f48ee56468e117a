"""Deploys a version of the shop for real: its files in a folder, its process on a port."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import deploywatch
from deploywatch.errors import DeployWatchError
from deploywatch.sandbox.gitcommand import git

STOP_WITHIN = 5.0
LAST_LINES = 15
_FOREIGN: Final = ("SENTRY_", "DEPLOYWATCH_", "PYTHON", "GITHUB_TOKEN", "GITLAB_TOKEN")


def export(repository: Path, revision: str, into: Path) -> Path:
    """Write the files of one commit to ``into`` and return it. Raises ``GitError``."""
    archive = into.with_name(into.name + ".zip")
    into.mkdir(parents=True)
    git(repository, "archive", "--format=zip", f"--output={archive}", revision)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(into)
    archive.unlink()
    return into


def python_environ(environ: Mapping[str, str], *folders: Path) -> dict[str, str]:
    """An environment for a Python child that finds these folders and this very deploywatch.

    Nobody's Sentry settings are in it, and no token for a code host: the sandbox asks nobody outside.
    """
    foreign = {name: value for name, value in environ.items() if not name.startswith(_FOREIGN)}
    ours = Path(deploywatch.__file__).resolve().parent.parent
    path = os.pathsep.join(str(folder) for folder in (*folders, ours))
    return {**foreign, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}


class Application:
    """A running version of the shop. ``log`` collects what it prints, stack traces among it."""

    def __init__(self, folder: Path, *, environ: Mapping[str, str], log: Path) -> None:
        self.folder = folder
        self.log = log
        self.url = ""
        self._environ = environ
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        """Start, and return when it answers. Raises ``DeployWatchError`` when it ends instead."""
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "deploywatch.sandbox.serve"],
                cwd=self.folder,
                env={**python_environ(os.environ, self.folder), **self._environ},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                # Ctrl-C is for the demo, which then ends its children itself.
                start_new_session=True,
            )
        port = _pipe(self._process.stdout).readline().decode().strip()
        if not port:
            self.stop()
            raise DeployWatchError(f"the shop did not start:\n{self._end_of_log()}", hint=f"its whole log is {self.log}")
        self.url = f"http://127.0.0.1:{port}"
        return self

    def stop(self) -> None:
        """End it, and let it send what it still has to say. Stopping twice is no harm."""
        if self._process is None:
            return
        process, self._process = self._process, None
        _pipe(process.stdin).close()
        try:
            process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        _pipe(process.stdout).close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _end_of_log(self) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-LAST_LINES:])


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    assert stream is not None  # noqa: S101 - both were asked for
    return stream
