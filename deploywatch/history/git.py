"""The one place that starts git: fixed options, a scrubbed environment, typed errors."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from deploywatch.errors import GitError, NotARepository

# Variables that a caller's own git (a hook, a rebase) sets would point ours at another repository, so all of GIT_* goes
# but what is needed to reach a remote. The list is pre-commit's, learnt from its users' reports.
_KEPT: Final = frozenset(
    {
        "GIT_EXEC_PATH",
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GIT_SSH_VARIANT",
        "GIT_SSL_CAINFO",
        "GIT_SSL_CAPATH",
        "GIT_SSL_CERT",
        "GIT_SSL_KEY",
        "GIT_SSL_NO_VERIFY",
        "GIT_HTTP_PROXY_AUTHMETHOD",
        "GIT_ALLOW_PROTOCOL",
        "GIT_ASKPASS",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM",
        "GIT_CONFIG_NOSYSTEM",
    }
)
_KEPT_PREFIXES: Final = ("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")

# A user's configuration must not change what we parse, and a repository's must not run a program.
_CONFIG: Final = (
    "core.quotePath=false",
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "color.ui=false",
    "diff.noprefix=false",
    "diff.mnemonicPrefix=false",
    "diff.interHunkContext=0",
    "diff.orderFile=/dev/null",
    "diff.renameLimit=2000",
    "diff.ignoreSubmodules=none",
    "diff.relative=false",
    "i18n.logOutputEncoding=UTF-8",
    "log.showRoot=true",
    "log.showSignature=false",
    "log.follow=false",
    "blame.ignoreRevsFile=",
    "protocol.ext.allow=never",
)

_FIXED: Final = {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_PAGER": "cat", "LC_ALL": "C", "LANGUAGE": "C"}


def scrubbed_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment that git is started with: the caller's, less whatever would redirect git, in the C locale."""
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith("GIT_") or name in _KEPT or name.startswith(_KEPT_PREFIXES)
    }
    return {"SSH_ASKPASS_REQUIRE": "never", "GCM_INTERACTIVE": "never"} | kept | _FIXED


class Git:
    """Runs git commands on one repository.

    ``count`` is the number of processes started, which benchmarks read; ``fetches`` of those that may have brought history.
    """

    def __init__(self, git_dir: Path, *, environ: Mapping[str, str] | None = None) -> None:
        self.git_dir = git_dir
        self.count = self.fetches = 0
        self._environ = scrubbed_environment(os.environ if environ is None else environ)
        self._prefix = ["git", f"--git-dir={git_dir}", "--no-pager", "--literal-pathspecs"]
        for setting in _CONFIG:
            self._prefix += ["-c", setting]

    def beside(self, objects: Path) -> Git:
        """The same repository, whose new objects go to the folder ``objects``; nothing of it is touched."""
        ours = os.fsdecode(self.run("rev-parse", "--path-format=absolute", "--git-path", "objects").rstrip(b"\n"))
        alternates = objects / "info" / "alternates"
        alternates.parent.mkdir(parents=True)
        alternates.write_text(f"{ours}\n", "utf-8", "surrogateescape")
        other = Git(self.git_dir, environ=self._environ)
        other._environ |= {"GIT_OBJECT_DIRECTORY": str(objects)}
        return other

    def run(self, *arguments: str, stdin: bytes | None = None, config: Sequence[str] = (), seconds: float | None = None) -> bytes:
        """Standard output of ``git ARGUMENTS``. Raises GitError with git's own words when git fails, or takes too long."""
        status, out, err = self.attempt(*arguments, stdin=stdin, config=config, seconds=seconds)
        if status:
            raise failure(arguments[0], err)
        return out

    def attempt(
        self, *arguments: str, stdin: bytes | None = None, config: Sequence[str] = (), seconds: float | None = None
    ) -> tuple[int, bytes, str]:
        """Exit status, standard output and standard error, for questions where "no" is an answer."""
        command = [*self._prefix, *(part for setting in config for part in ("-c", setting)), *arguments]
        self.count += 1
        self.fetches += arguments[0] == "fetch"
        return launch(command, environ=self._environ, stdin=stdin, folder=self.git_dir, seconds=seconds)


def launch(
    command: Sequence[str], *, environ: Mapping[str, str], stdin: bytes | None, folder: Path, seconds: float | None = None
) -> tuple[int, bytes, str]:
    """Start a git process in ``folder`` and wait for it, ``seconds`` at most. It has no terminal, so nothing can prompt."""
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except FileNotFoundError as missing:
        if not folder.is_dir():
            raise NotARepository(f"{folder} is not a folder", hint="name the repository with --repo DIR") from missing
        raise GitError("git is not installed or not on PATH", hint="install git 2.31 or newer") from missing
    try:
        out, err = process.communicate(stdin or b"", timeout=seconds)
    except BaseException as stopped:
        # What git started (ssh, a helper) belongs to its session and must not outlive it.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if isinstance(stopped, subprocess.TimeoutExpired):
            raise GitError(f"git took longer than {seconds:.0f} s", hint="check the connection to the remote") from stopped
        raise
    return process.returncode, out, err.decode("utf-8", "replace").strip()


def failure(command: str, stderr: str, *, folder: Path | None = None) -> GitError:
    """The typed error for what git said."""
    words = _words(stderr)
    if "dubious ownership" in stderr:
        place = shlex.quote(str(folder)) if folder else "PATH_OF_THE_REPOSITORY"
        return GitError(
            "git refuses the repository because another user owns it (dubious ownership)",
            hint=f"run: git config --global --add safe.directory {place}",
        )
    return GitError(
        f"git {command} failed: {words[:400]}",
        hint="run the same command by hand to see more; `git fsck` tells whether the clone is whole",
    )


def _words(stderr: str) -> str:
    """The line that says what was wrong: the first of git's own complaints, for advice may follow it."""
    lines = stderr.splitlines() or ["no message"]
    return next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1])
