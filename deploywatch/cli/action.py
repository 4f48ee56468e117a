"""What ``action.yml`` ends in: ``deploywatch run`` as a step of GitHub Actions, in one process, so that cancelling reaches it.

The inputs come as INPUT_ variables. What GitHub is told (masks, annotations, outputs, the summary) goes out here; what anybody
else wrote passes between ``stop-commands`` and its end, where the runner takes no commands from it.

Source: "Workflow commands for GitHub Actions" of GitHub's documentation.
"""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NoReturn, TextIO

from deploywatch.cli.exit_codes import ExitCode
from deploywatch.cli.invocation import Invocation

_OWN_INPUTS: Final = ("FAIL_ON_INCONCLUSIVE", "REPORT_DIRECTORY")
_OWNED_BY_ANYBODY: Final = ("safe.directory", "*")
_SHORTEST_SECRET: Final = 6
_REPORTS: Final = {
    "html": "report.html",
    "markdown": "report.md",
    "json": "report.json",
    "step-summary": "summary.md",
    "annotations": "annotations.txt",
    "variables": "variables.env",
}


def main() -> NoReturn:
    """Run the step, and end the process."""
    sys.exit(run_step(os.environ, sys.stdout))


def run_step(environ: MutableMapping[str, str], out: TextIO) -> int:
    """The whole step; ``environ`` is completed from the inputs. Returns the step's exit code."""
    for command in masks(environ):
        print(command, file=out, flush=True)
    environ.update(options_of(environ))
    environ.update(git_access(environ))
    if why := _unfinished(environ):
        _append(environ, "GITHUB_OUTPUT", f"verdict=skipped\nexit_code={ExitCode.DONE}\n")
        print(f"::notice title=deploywatch has nothing to do::{_data(why)}", file=out, flush=True)
        return ExitCode.DONE
    folder = _report_folder(environ)
    invocation = Invocation(environ=environ)
    with _no_commands(out):
        exit_code = _run(folder, invocation)
    _tell(environ, folder, invocation, exit_code=exit_code, out=out)
    wants_more = environ.get("INPUT_FAIL_ON_INCONCLUSIVE", "").strip().lower() == "true"
    return ExitCode.DONE if exit_code == ExitCode.INCONCLUSIVE and not wants_more else exit_code


def masks(environ: Mapping[str, str]) -> Iterator[str]:
    """The commands that keep every secret of ``environ`` out of the log, however it came there."""
    from deploywatch.report.sensitive import is_secret_variable

    for name, value in environ.items():
        if is_secret_variable(name) or name == "GITHUB_TOKEN":
            yield from (f"::add-mask::{_data(line)}" for line in value.splitlines() if len(line) >= _SHORTEST_SECRET)


def options_of(environ: Mapping[str, str]) -> dict[str, str]:
    """The inputs that are options of ``run``, as the variables that those options read."""
    given = {name.removeprefix("INPUT_"): value.strip() for name, value in environ.items() if name.startswith("INPUT_")}
    return {f"DEPLOYWATCH_{name}": value for name, value in given.items() if value and name not in _OWN_INPUTS}


def git_access(environ: Mapping[str, str]) -> dict[str, str]:
    """git's variables for the checkout: its owner may be another user (a container's), and it may have to be deepened.

    The token is given to git as actions/checkout gives it, and only where checkout did not leave its own: the server refuses two.
    """
    settings = [_OWNED_BY_ANYBODY]
    server, token = environ.get("GITHUB_SERVER_URL", "").rstrip("/"), environ.get("GITHUB_TOKEN", "").strip()
    if server and token and not _has_credentials(environ, server):
        from base64 import b64encode

        basic = b64encode(f"x-access-token:{token}".encode()).decode()
        settings.append((f"http.{server}/.extraheader", f"AUTHORIZATION: basic {basic}"))
    return _git_variables(environ, settings)


def _git_variables(environ: Mapping[str, str], settings: Sequence[tuple[str, str]]) -> dict[str, str]:
    """git's settings as variables, after those that ``environ`` has."""
    first = int(environ.get("GIT_CONFIG_COUNT") or 0)
    found = {"GIT_CONFIG_COUNT": str(first + len(settings))}
    for number, (key, value) in enumerate(settings, start=first):
        found |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return found


def _has_credentials(environ: Mapping[str, str], server: str) -> bool:
    from deploywatch.errors import GitError
    from deploywatch.history.repository import Repository

    try:
        readable = {**environ, **_git_variables(environ, [_OWNED_BY_ANYBODY])}
        return Repository.open(Path(), environ=readable).setting(f"http.{server}/.extraheader") is not None
    except GitError:
        return False


def _unfinished(environ: Mapping[str, str]) -> str | None:
    from deploywatch.bootstrap import pipeline_of

    pipeline = pipeline_of(environ)
    return pipeline.unfinished if pipeline else None


def _report_folder(environ: Mapping[str, str]) -> Path:
    if asked := environ.get("INPUT_REPORT_DIRECTORY", "").strip():
        folder = Path(asked)
        folder.mkdir(parents=True, exist_ok=True)
        return folder.absolute()
    return Path(tempfile.mkdtemp(prefix="deploywatch-report-", dir=environ.get("RUNNER_TEMP")))


@contextmanager
def _no_commands(out: TextIO) -> Iterator[None]:
    end = secrets.token_hex(16)
    print(f"::stop-commands::{end}", file=out, flush=True)
    try:
        yield
    finally:
        sys.stderr.flush()
        print(f"::{end}::", file=out, flush=True)


def _run(folder: Path, invocation: Invocation) -> int:
    from deploywatch.cli.main import program

    reports = [part for fmt, name in _REPORTS.items() for part in ("--report", f"{fmt}={folder / name}")]
    return program.run(["run", *reports], invocation)


def _tell(environ: Mapping[str, str], folder: Path, invocation: Invocation, *, exit_code: int, out: TextIO) -> None:
    told = {name: _read(folder / name) for name in ("annotations.txt", "summary.md", "variables.env")}
    found = dict(line.removeprefix("deploywatch_").split("=", 1) for line in told["variables.env"].splitlines())
    if not found:
        found = {"verdict": "error"}
    report = folder / "report.html"
    found |= {"exit_code": str(int(exit_code))} | ({"report": str(report)} if report.is_file() else {})
    _append(environ, "GITHUB_OUTPUT", "".join(f"{name}={value}\n" for name, value in found.items()))
    _append(environ, "GITHUB_STEP_SUMMARY", told["summary.md"] + _problems(invocation))
    out.write(told["annotations.txt"])
    for problem in invocation.problems:
        print(f"::warning title=deploywatch::{_data(problem)}", file=out)
    if invocation.trouble:
        print(f"::error title=deploywatch failed::{_data(chr(10).join(invocation.trouble))}", file=out)
    out.flush()


def _problems(invocation: Invocation) -> str:
    from deploywatch.report.escaping import markdown

    said = [markdown(problem) for problem in invocation.problems]
    if invocation.trouble:
        message, hint = invocation.trouble
        said = [f"**deploywatch failed.** {markdown(message)}", f"What to do: {markdown(hint)}", *said]
    return "".join(f"\n> {line}\n" for line in said)


def _read(file: Path) -> str:
    return file.read_text("utf-8") if file.is_file() else ""


def _append(environ: Mapping[str, str], variable: str, text: str) -> None:
    if (place := environ.get(variable, "").strip()) and text:
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(text)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
