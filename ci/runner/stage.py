"""What the action is run against: the sandbox's broken shop, a stand-in for Sentry, and one for GitHub's API."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ci.runner.composite import Machine, Outcome, run_action
from ci.runner.triggers import Trigger
from deploywatch.sandbox.application import Application, export, python_environ
from deploywatch.sandbox.gitcommand import git
from deploywatch.sandbox.standin.server import StandIn
from deploywatch.sandbox.story import Story, build
from deploywatch.sandbox.traffic import Traffic
from tests.fakes.trackers import GitHub

ROOT: Final = Path(__file__).resolve().parent.parent.parent
REMOTE: Final = "https://github.com/acme/shop.git"
OLD, NEW = "shop@1.0.0", "shop@2.0.0"
TOKEN: Final = "ghs_" + "0123456789abcdefghij" * 2


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything is there, and version 2 has been breaking for a moment."""

    folder: Path
    story: Story
    sentry: StandIn
    github: GitHub

    def play(
        self,
        trigger: Trigger,
        *,
        depth: int | None = 1,
        cancel_after: float | None = None,
        without: Sequence[str] = (),
        **given: str,
    ) -> tuple[Outcome, dict[str, str]]:
        """A job on a machine of its own that is started by ``trigger``. Returns its outcome and the secrets it was given."""
        for said in (self.github.said, self.github.statuses, self.github.checks):
            said.clear()
        machine = self._machine(trigger, depth)
        event = machine.temp / "event.json"
        event.write_text(json.dumps(trigger.payload(self.story.v1, self.story.v2)), "utf-8")
        secrets = {"SENTRY_AUTH_TOKEN": self.sentry.environ("shop")["SENTRY_AUTH_TOKEN"], "GITHUB_TOKEN": TOKEN}
        variables = {
            **{name: value for name, value in self.sentry.environ("shop").items() if name != "SENTRY_DSN"},
            "GITHUB_TOKEN_OF_THE_JOB": TOKEN,
            "GITHUB_EVENT_NAME": trigger.event,
            "GITHUB_EVENT_PATH": str(event),
            "GITHUB_SHA": self.story.v2,
            "GITHUB_REF_NAME": "main",
            "GITHUB_REPOSITORY": "acme/shop",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_API_URL": self.github.url,
            "GITHUB_RUN_ID": "7261",
            "GITHUB_ACTOR": "priya",
        }
        inputs = {
            "release": NEW,
            "tell": "comment check deployment",
            "watch_for": "20s",
            "every": "1s",
            **trigger.inputs,
            **given,
        }
        kept = {name: value for name, value in variables.items() if name not in without}
        return run_action(machine, inputs, kept, cancel_after=cancel_after), secrets

    def deploy_urls(self) -> list[str | None]:
        """Where the deploys that Sentry knows of lead to."""
        return [deploy.url for release in self.sentry.state.releases.values() for deploy in release.deploys]

    def _machine(self, trigger: Trigger, depth: int | None) -> Machine:
        """The checkout is what actions/checkout leaves: one commit, detached, without tags or branches."""
        place = self.folder / "jobs" / f"{len(list((self.folder / 'jobs').glob('*')))}-{trigger.name.partition(':')[0]}"
        machine = Machine(ROOT, place / "workspace", place / "temp", place / "home", self.folder / "caches")
        for each in (machine.workspace, machine.temp, machine.home):
            each.mkdir(parents=True)
        (machine.home / ".gitconfig").write_text(f'[url "file://{self.story.repository}"]\n\tinsteadOf = {REMOTE}\n', "utf-8")
        home = {"GIT_CONFIG_GLOBAL": str(machine.home / ".gitconfig")}
        git(machine.workspace, "init", "--quiet", ".")
        git(machine.workspace, "remote", "add", "origin", REMOTE)
        shallow = (f"--depth={depth}",) if depth else ()
        git(machine.workspace, "fetch", "--quiet", "--no-tags", *shallow, "origin", self.story.v2, environ=home)
        git(machine.workspace, "checkout", "--quiet", "--detach", "FETCH_HEAD")
        return machine


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """Build it in ``folder``; nothing runs on afterwards."""
    with ExitStack() as stack:
        sentry = stack.enter_context(StandIn(organization="acme", projects=("shop",)))
        github = stack.enter_context(GitHub())
        story = build(folder / "repository")
        for setting in ("uploadpack.allowAnySHA1InWant", "uploadpack.allowFilter"):
            git(story.repository, "config", setting, "true")
        github.deployments.append({"id": 145, "sha": story.v2, "environment": "production"})
        (folder / "jobs").mkdir()
        with _deployed(folder, story.v1, OLD, sentry) as shop, Traffic(shop.url, per_second=40, at_most=100) as traffic:
            traffic.wait(2)
        _released(story, sentry)
        shop = stack.enter_context(_deployed(folder, story.v2, NEW, sentry))
        stack.enter_context(Traffic(shop.url, per_second=20, at_most=100_000))
        yield Stage(folder, story, sentry, github)


def _deployed(folder: Path, revision: str, release: str, sentry: StandIn) -> Application:
    place = export(folder / "repository", revision, folder / "deployed" / release)
    environ = {"SENTRY_DSN": sentry.environ("shop")["SENTRY_DSN"], "SENTRY_RELEASE": release, "SENTRY_ENVIRONMENT": "production"}
    return Application(place, environ=environ, log=folder / f"{release}.log")


def _released(story: Story, sentry: StandIn) -> None:
    """Version 1 was deployed by deploywatch, so that the window of version 2 can be found."""
    first = git(story.repository, "rev-list", "--max-parents=0", story.v1)
    command = ["release", "--release", OLD, "--environment", "production", "--repo", str(story.repository)]
    command += ["--base", first, "--head", story.v1]
    environ = {**python_environ({"PATH": "/usr/bin:/bin", "HOME": str(story.repository)}), **sentry.environ("shop")}
    subprocess.run([sys.executable, "-m", "deploywatch", *command], env=environ, check=True, stdout=subprocess.DEVNULL)
