"""``run``, killed at chosen steps and started again until it comes to its end; and what must be true whatever happened.

A step is the moment before or after a request to anybody, or a wait. Run as a program it tries many more schedules than the tests
do, and kills real processes too: ``python -m tests.e2e.killing [SCHEDULES] [PROCESSES]``.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from deploywatch import respond
from deploywatch.bootstrap import Setup
from deploywatch.http import HttpClient, Network
from deploywatch.model import WatchResult
from deploywatch.requests import CodeRequest, PlaceRequest, ReleaseRequest, RunOutcome, RunRequest, WatchRequest
from deploywatch.sandbox.sink import Sink
from deploywatch.sandbox.standin.server import StandIn
from tests.deliver.crashing import Fate, Killed, Mortal
from tests.gitrepo import GitRepo
from tests.steps.conftest import DEPLOYED, NEW, OLD, Stage, StageClock, make_stage

STORIES = ("broken", "innocent")
BETWEEN_LIVES = 5


@dataclass(frozen=True)
class Ending:
    """What came of it, and what others got to see: told hooks by their key, messages, comments, deploys."""

    verdict: str
    regressions: tuple[tuple[str, str], ...]
    hooks: int
    chats: int
    comments: int
    deploys: int


def repository(folder: Path) -> GitRepo:
    """Two commits, of which the second broke it."""
    made = GitRepo(folder)
    made.commit("start", {"conftest.py": "x = 1\n", "CODEOWNERS": "* @acme/shop\n"})
    made.commit("Be strict about prices", {"conftest.py": "x = 2\n"})
    return made


def request(repo: GitRepo) -> RunRequest:
    """The pipeline's step, for five minutes."""
    code = CodeRequest(repo=repo.folder, base="HEAD~1")
    place = PlaceRequest(release=NEW, environment="production", projects=("shop",))
    watch = WatchRequest(code=code, place=place, duration=timedelta(minutes=5), every=timedelta(seconds=20))
    return RunRequest(release=ReleaseRequest(code=code, place=place), watch=watch)


def begin(stage: Stage, story: str) -> None:
    """An hour of the old release's usual failures, and what will happen."""
    for minute in range(1, 61):
        receive(stage, OLD, "fork", DEPLOYED - timedelta(minutes=minute - 0.5))
    if story == "broken":
        for second in range(70, 90, 2):
            at = DEPLOYED + timedelta(seconds=second)
            stage.clock.plans.append((at, lambda at=at: receive(stage, NEW, "spoon", at)))


def receive(stage: Stage, release: str, what: str, at: datetime) -> None:
    """One failure, as an SDK sends it."""
    raised = {"values": [{"type": "KeyError", "value": repr(what), "mechanism": {"handled": False}}]}
    event = {
        "release": release,
        "environment": "production",
        "timestamp": at.isoformat(),
        "fingerprint": [what],
        "exception": raised,
    }
    stage.sentry.receive(event, project="shop")


def setup_of(stage: Stage, sink: Sink) -> Setup:
    """A hook that knows repetitions by their key, a chat that does not, and comments that are found again."""
    channels = [
        {"name": "hook", "type": "webhook", "url": sink.url("/hook"), "allow_private": True},
        {"name": "chat", "type": "slack", "url": sink.url("/chat"), "allow_private": True},
        {"name": "comments", "type": "sentry"},
    ]
    return stage.settings(channels=channels)


def live(setup: Setup, repo: GitRepo, fate: Fate) -> RunOutcome:
    """One life. Raises ``Killed`` where it ends early."""
    transport = Mortal(HttpClient(network=Network(), environ=setup.environ), fate)
    mortal = replace(setup, transport=transport, sleep=Mortal(setup, fate).sleep)
    return respond.run(mortal, request(repo), progress=lambda _: fate.step())


def told(stage: Stage, sink: Sink, result: WatchResult) -> Ending:
    """The ending as the world sees it."""
    notes = [entry for issue in stage.sentry.state.issues.values() for entry in issue.activity if entry.type == "note"]
    return Ending(
        verdict=result.verdict,
        regressions=tuple(sorted((one.kind, one.issue.title) for one in result.regressions)),
        hooks=len({message.key for message in sink.received("/hook")}),
        chats=len(sink.received("/chat")),
        comments=len(notes),
        deploys=len(stage.sentry.state.releases[NEW].deploys),
    )


def lives(stage: Stage, sink: Sink, repo: GitRepo, story: str, kills: tuple[int, ...]) -> tuple[Ending, int]:
    """As many lives as there are kills, each ended at that step, and one that may end by itself; and how many steps that took."""
    begin(stage, story)
    setup = setup_of(stage, sink)
    for kill_at in kills:
        try:
            live(setup, repo, Fate(kill_at))
        except Killed:
            stage.clock.sleep(BETWEEN_LIVES)
    fate = Fate(None)
    outcome = live(setup, repo, fate)
    return told(stage, sink, outcome.result), fate.steps


def check(ending: Ending, undisturbed: Ending) -> None:
    """The same verdict; everybody told once, but the chat, that cannot be asked, perhaps not at all: it is never told twice."""
    assert replace(ending, chats=0) == replace(undisturbed, chats=0), (ending, undisturbed)
    assert ending.chats <= undisturbed.chats


def schedule(source: random.Random, steps: int) -> tuple[int, ...]:
    """From one to three kills; the first may be anywhere in an undisturbed life."""
    return tuple(source.randrange(1, steps + 1) for _ in range(source.choice((1, 1, 2, 3))))


# --- real processes ---------------------------------------------------------------------------------------------------


def command(repo: GitRepo, *, seconds: int) -> list[str]:
    """The program itself, as a pipeline starts it."""
    given = ("--release", NEW, "--environment", "production", "--base", "HEAD~1", "--repo", str(repo.folder))
    return [sys.executable, "-m", "deploywatch", "run", *given, "--for", f"{seconds}s", "--every", "1s", "--format", "json"]


class Process:
    """``deploywatch run`` in a process of its own, whose first look is known by what it says."""

    def __init__(self, repo: GitRepo, environ: dict[str, str], *, seconds: int) -> None:
        self._process = subprocess.Popen(
            command(repo, seconds=seconds),
            env=environ,
            cwd=repo.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def until_it_watches(self) -> None:
        """Return when the first look was told of."""
        stderr = self._process.stderr
        assert stderr is not None
        for line in stderr:
            if "watching" in line:
                return
        raise AssertionError("it never watched")

    def end(self, number: signal.Signals | None = None) -> tuple[int, dict[str, Any]]:
        """Send it a signal (``None``: let it be); its exit code, and the report on stdout."""
        if number is not None:
            self._process.send_signal(number)
        out, _ = self._process.communicate(timeout=60)
        return self._process.returncode, json.loads(out) if out.strip() else {}


def environ_of(server: StandIn, sink: Sink, repo: GitRepo, home: Path) -> dict[str, str]:
    """The variables of the process; the configuration stands in the repository."""
    hook = f'[[channels]]\nname = "hook"\ntype = "webhook"\nurl = "{sink.url("/hook")}"\nallow_private = true\n'
    (repo.folder / "deploywatch.toml").write_text(hook)
    return {
        **server.environ("shop"),
        "HOME": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "PATH": "/usr/bin:/bin",
        "CI": "1",
    }


def breaks(server: StandIn) -> None:
    """The new release fails, now."""
    for number in range(9):
        raised = {"values": [{"type": "KeyError", "value": "'spoon'", "mechanism": {"handled": False}}]}
        user = {"id": str(number)}
        event = {"release": NEW, "environment": "production", "timestamp": datetime.now(UTC).isoformat(), "user": user}
        server.receive({**event, "fingerprint": ["spoon"], "exception": raised}, project="shop")


def process_killed(folder: Path, delay: float) -> None:
    """Killed for good so long after its start, while the release breaks; the next process finds it and tells of it once."""
    repo = repository(folder / "repo")
    with StandIn(organization="acme", projects=("shop",)) as server, Sink() as sink:
        environ = environ_of(server, sink, repo, folder)
        first = Process(repo, environ, seconds=6)
        timer = threading.Timer(1.5, lambda: breaks(server))
        timer.start()
        time.sleep(delay)
        first.end(signal.SIGKILL)
        timer.join()
        code, report = Process(repo, environ, seconds=6).end()
        assert (code, report["verdict"]) == (3, "regression"), (code, report)
        assert [finding["issue"]["title"] for finding in report["findings"]] == ["KeyError: 'spoon'"]
        assert len({message.key for message in sink.received("/hook")}) == 1
        assert len(server.state.releases[NEW].deploys) == 1


# --- many of them -----------------------------------------------------------------------------------------------------


def main(schedules: int, processes: int) -> None:
    """Try so many, and say what was killed how often."""
    source, counted = random.Random(1), Counter[str]()
    clock = StageClock()
    with StandIn(organization="acme", projects=("shop",), now=clock.now) as server:

        def staged(story: str, kills: tuple[int, ...]) -> tuple[Ending, int]:
            with tempfile.TemporaryDirectory() as name, Sink() as sink:
                folder = Path(name)
                return lives(make_stage(server, clock, folder), sink, repository(folder / "repo"), story, kills)

        for story in STORIES:
            undisturbed, steps = staged(story, ())
            for _ in range(schedules // len(STORIES)):
                kills = schedule(source, steps)
                check(staged(story, kills)[0], undisturbed)
                counted[f"{story}: killed"] += len(kills)
    for _ in range(processes):
        with tempfile.TemporaryDirectory() as name:
            process_killed(Path(name), source.uniform(0.2, 5.0))
            counted["processes killed"] += 1
    sys.stdout.write(f"{dict(counted)}: each time the same verdict, told once\n")


if __name__ == "__main__":
    main(*(int(number) for number in [*sys.argv[1:], *("300", "24")[len(sys.argv) - 1 :]]))
