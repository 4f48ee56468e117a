"""The whole road on one machine: a real application breaks after a real deploy, and ``deploywatch run`` names the change.

Nothing here is played: the shop runs as a process of its own and reports through the real Sentry SDK, its history is a real git
repository, deploywatch runs as its users run it. Only Sentry, Slack and the webhook's receiver are stand-ins on loopback.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deploywatch.errors import UsageError
from deploywatch.sandbox import telling
from deploywatch.sandbox.application import Application, export, python_environ
from deploywatch.sandbox.extra import require_demo_extra
from deploywatch.sandbox.outcome import read_outcome
from deploywatch.sandbox.sink import Sink
from deploywatch.sandbox.story import Story, build
from deploywatch.sandbox.traffic import Traffic

if TYPE_CHECKING:
    from deploywatch.sandbox.standin.server import StandIn

Run = Callable[[list[str], Mapping[str, str]], int]
Out = Callable[[str], None]

PROJECT = "shop"
ENVIRONMENT = "production"
OLD, NEW = "shop@1.0.0", "shop@2.0.0"
# A sandbox that is kept running stops bothering the machine after an hour or two.
MOST_REQUESTS = 100_000
PATIENCE = 3.0
CHANNELS = ("/slack", "/webhook")

SETTINGS = """\
# The configuration of the demo: who is told, where reports go, and who owns what nobody owns.
# allow_private, because these receivers are on this machine; without it nothing is sent to private addresses.

[owners]
default = ["@acme/on-call"]

[[channels]]
name = "team-chat"
type = "slack"
url = "env:SLACK_WEBHOOK_URL"
allow_private = true

[[channels]]
name = "incidents"
type = "webhook"
url = "env:INCIDENT_WEBHOOK_URL"
allow_private = true

[[channels]]
name = "issue"
type = "sentry"

[[routes]]
channels = ["team-chat", "incidents", "issue"]

[report]
folder = "report"
formats = ["html", "json"]

[state]
folder = "state"
"""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long things take: seconds before the deploy and of the watch, and the visitors' requests per second."""

    before: float = 6
    watch: int = 20
    every: int = 2
    per_second: float = 24


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demo plays: its folder, how it speaks, and its pace."""

    folder: Path
    out: Out
    pace: Pace


def run_demo(
    folder: Path, *, out: Out, run: Run | None = None, keep: Callable[[], None] | None = None, pace: Pace | None = None
) -> int:
    """Play the story in ``folder`` (empty or absent) and tell it, line by line, to ``out``.

    ``run`` runs deploywatch with an argument list and an environment and returns its exit code. ``keep`` is called at the end,
    while everything still runs, and returns when it may stop (see ``until_interrupted``). Returns 0 when the first commit that
    deploywatch named is the one that broke the shop, else 1. Nothing it started is left behind, however it ends; the folder is.
    Raises ``UsageError`` where the extra ``demo`` is missing or the folder is not empty, and other ``DeployWatchError``.
    """
    require_demo_extra()
    from deploywatch.sandbox.standin.server import StandIn

    stage = Stage(folder.resolve(), out, pace or Pace())
    _claim(stage.folder)
    with ExitStack() as stack:
        sentry = stack.enter_context(StandIn(organization="acme", projects=(PROJECT,)))
        sink = stack.enter_context(Sink())
        out(telling.opening(sentry.url, sink.url("/")))
        story = build(stage.folder / "repository")
        out(telling.history(story))
        _play_before(stage, story, sentry.environ(PROJECT))
        shop = stack.enter_context(_deploy(stage, story.v2, NEW, sentry.environ(PROJECT)))
        traffic = stack.enter_context(Traffic(shop.url, per_second=stage.pace.per_second, at_most=MOST_REQUESTS))
        out(telling.deployed(NEW))
        code = _watch(stage, story, {**sentry.environ(PROJECT), **_addresses(sink)}, run or run_command)
        outcome = read_outcome(stage.folder / "report", story, exit_code=code)
        out(telling.result(outcome, traffic.tally))
        out(telling.deliveries([(path, sink.received(path)) for path in CHANNELS], _comments(sentry)))
        out(telling.verdict(outcome))
        if keep:
            out(telling.invitation(story, stage.folder, sentry.environ(PROJECT)))
            keep()
    return 0 if outcome.is_right else 1


def run_command(arguments: list[str], environ: Mapping[str, str]) -> int:
    """Run a command with this program's standard streams. An interrupt is passed on, and waited for."""
    process = subprocess.Popen(arguments, env=dict(environ))
    try:
        return process.wait()
    except BaseException:
        _end(process)
        raise


def _end(process: subprocess.Popen[bytes]) -> None:
    # A terminal's Ctrl-C went to both, and a second one would disturb how the child ends. Of anything else it was not told.
    for told in (None, signal.SIGINT, signal.SIGKILL):
        if told:
            process.send_signal(told)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            continue
        return


def until_interrupted() -> None:
    """Wait for Ctrl-C, which is then done with."""
    try:
        signal.pause()
    except KeyboardInterrupt:
        return


def _claim(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_empty = not any(folder.iterdir())
    except OSError as error:
        raise UsageError(f"{folder} cannot be used: {error.strerror}", hint="name a folder that you may write to") from error
    if not is_empty:
        raise UsageError(f"{folder} is not empty", hint="name a folder that is empty or does not exist yet")


def _play_before(stage: Stage, story: Story, sentry: Mapping[str, str]) -> None:
    with (
        _deploy(stage, story.v1, OLD, sentry) as shop,
        Traffic(shop.url, per_second=stage.pace.per_second, at_most=MOST_REQUESTS) as traffic,
    ):
        stage.out(telling.before(OLD, stage.pace.before))
        traffic.wait(stage.pace.before)
    stage.out(telling.tally(traffic.tally))


def _deploy(stage: Stage, revision: str, release: str, sentry: Mapping[str, str]) -> Application:
    """The real release's files in a folder of their own, and its process."""
    folder = export(stage.folder / "repository", revision, stage.folder / "deployed" / release)
    environ = {"SENTRY_DSN": sentry["SENTRY_DSN"], "SENTRY_RELEASE": release, "SENTRY_ENVIRONMENT": ENVIRONMENT}
    return Application(folder, environ=environ, log=stage.folder / f"{release}.log")


def _watch(stage: Stage, story: Story, environ: Mapping[str, str], run: Run) -> int:
    config = stage.folder / "deploywatch.toml"
    config.write_text(SETTINGS, encoding="utf-8")
    given = ["run", "--release", NEW, "--environment", ENVIRONMENT, "--project", PROJECT]
    given += ["--repo", str(story.repository), "--base", story.v1, "--head", story.v2]
    given += ["--for", f"{stage.pace.watch}s", "--every", f"{stage.pace.every}s", "--config", str(config)]
    stage.out(telling.command(["deploywatch", *given]))
    return run([sys.executable, "-m", "deploywatch", *given], {**python_environ(os.environ), **environ})


def _comments(sentry: StandIn) -> list[tuple[str, str]]:
    issues = sentry.state.issues.values()
    return [(issue.short_id, note.data["text"]) for issue in issues for note in issue.activity if note.type == "note"]


def _addresses(sink: Sink) -> dict[str, str]:
    return {"SLACK_WEBHOOK_URL": sink.url("/slack"), "INCIDENT_WEBHOOK_URL": sink.url("/webhook")}
