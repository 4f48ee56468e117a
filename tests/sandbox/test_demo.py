"""The story is played for real up to the call of deploywatch, which is replaced here; see test_whole_road for all of it."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploywatch.errors import UsageError
from deploywatch.sandbox import demo, telling
from deploywatch.sandbox.demo import Pace, run_command, run_demo
from deploywatch.sandbox.gitcommand import git
from deploywatch.sandbox.outcome import Named, Outcome
from deploywatch.sandbox.sink import Message
from deploywatch.sandbox.story import CULPRIT

PACE = Pace(before=0.3, watch=20, every=2, per_second=200)
SUBJECT = "Name the discount on the receipt (#41)"


class Pipeline:
    """In place of deploywatch: waits for the failure to be in Sentry, tells everybody, writes a report and exits."""

    def __init__(self, folder: Path, *, exit_code: int = 3, subject: str = SUBJECT) -> None:
        self.folder = folder
        self.exit_code = exit_code
        self.subject = subject
        self.arguments: list[str] = []
        self.issues: list[dict[str, Any]] = []

    def __call__(self, arguments: list[str], environ: Mapping[str, str]) -> int:
        self.arguments = arguments
        headers = {"Authorization": f"Bearer {environ['SENTRY_AUTH_TOKEN']}"}
        with httpx.Client(base_url=f"{environ['SENTRY_URL']}/api/0/", headers=headers) as sentry:
            deadline = time.monotonic() + 20
            while not self.issues and time.monotonic() < deadline:
                self.issues = sentry.get("organizations/acme/issues/?query=firstRelease:shop@2.0.0").json()
            sentry.post(f"issues/{self.issues[0]['id']}/comments/", json={"text": "It was the receipt."})
        httpx.post(
            environ["SLACK_WEBHOOK_URL"], json={"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "*Broken*"}}]}
        )
        httpx.post(environ["INCIDENT_WEBHOOK_URL"], json={"schema": "x/1", "verdict": "regression", "findings": []})
        self._report()
        return self.exit_code

    def _report(self) -> None:
        repository = self.folder / "repository"
        sha = git(repository, "log", "--fixed-strings", f"--grep={self.subject}", "--format=%H", "v2")
        suspect = {"sha": sha, "subject": self.subject, "author": {"name": "Somebody", "email": "a@b"}, "probability": 0.93}
        (self.folder / "report").mkdir()
        (self.folder / "report" / "report.json").write_text(
            json.dumps({"schema": "deploywatch.report/1", "findings": [{"suspects": [suspect]}]})
        )
        (self.folder / "report" / "report.html").write_text("<html>")


def children() -> set[str]:
    """The shops that run as children of this process."""
    listed = subprocess.run(["ps", "-o", "args=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=False).stdout
    return {line for line in listed.splitlines() if "deploywatch.sandbox.serve" in line}


def test_the_story_when_deploywatch_is_right_and_is_called_as_a_pipeline_calls_it(tmp_path: Path) -> None:
    pipeline, told = Pipeline(tmp_path), []
    assert run_demo(tmp_path, out=told.append, run=pipeline, pace=PACE) == 0
    text = "\n".join(told)
    assert f"({SUBJECT}) by Somebody, 93% sure. That is the commit that broke the shop." in " ".join(text.split())
    assert "exit code 3: a regression was found" in text
    assert (tmp_path / "report" / "report.html").as_uri() in text
    assert "The stand-in for Slack received 1 message:\n     | *Broken*" in text
    assert "verdict: regression" in text
    assert "Sentry's issue SHOP-1 got a comment:\n     | It was the receipt." in text
    assert "x 500" in text[text.index("5. What came of it") :]
    assert "x 500" not in text[: text.index("3. The deploy")]
    assert [text.index(f"{number}. ") for number in range(1, 8)] == sorted(text.index(f"{number}. ") for number in range(1, 8))
    assert [issue["title"] for issue in pipeline.issues] == ["KeyError: 'SPRING24'"]
    assert children() == set()
    v1, v2 = git(tmp_path / "repository", "rev-parse", "v1", "v2").split()
    assert pipeline.arguments == shlex.split(
        f"{sys.executable} -m deploywatch run --release shop@2.0.0 --environment production --project shop --repo {tmp_path}/repository "
        f"--base {v1} --head {v2} --for 20s --every 2s --config {tmp_path}/deploywatch.toml"
    )


def test_a_wrong_answer_fails_the_demo(tmp_path: Path) -> None:
    told: list[str] = []
    wrong = Pipeline(tmp_path, subject="Gold customers get 8 per cent (#46)")
    assert run_demo(tmp_path, out=told.append, run=wrong, pace=PACE) == 1
    assert "The demo has failed." in told[-1]


def test_it_can_be_kept_running_and_an_interrupt_leaves_nothing_behind(tmp_path: Path) -> None:
    told: list[str] = []
    kept: list[int] = []
    before = set(threading.enumerate())

    def keep() -> None:
        exports = dict(line.strip().removeprefix("export ").split("=", 1) for line in told[-1].splitlines() if "export " in line)
        url, token = exports["SENTRY_URL"], exports["SENTRY_AUTH_TOKEN"]
        kept.append(httpx.get(f"{url}/api/0/issues/1/", headers={"Authorization": f"Bearer {token}"}).status_code)
        kept.append(len(children()))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_demo(tmp_path, out=told.append, run=Pipeline(tmp_path), keep=keep, pace=PACE)
    assert kept == [200, 1]
    assert "deploywatch suspects - --base" in told[-1]
    assert children() == set()
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize(
    "prepare", [lambda folder: (folder / "mine").write_text("x"), lambda folder: (folder.rmdir(), folder.write_text("x"))]
)
def test_a_folder_that_is_in_use_is_left_alone(tmp_path: Path, prepare: Callable[[Path], object]) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    prepare(folder)
    with pytest.raises(UsageError) as raised:
        run_demo(folder, out=lambda _: None, pace=PACE)
    assert "name a folder" in raised.value.hint


def test_without_the_extra_it_does_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise UsageError("no", hint="pip install")

    monkeypatch.setattr(demo, "require_demo_extra", missing)
    with pytest.raises(UsageError):
        run_demo(tmp_path / "demo", out=lambda _: None)
    assert not (tmp_path / "demo").exists()


def test_the_settings_are_valid(tmp_path: Path) -> None:
    from deploywatch.config import load_settings

    file = tmp_path / "deploywatch.toml"
    file.write_text(demo.SETTINGS)
    settings = load_settings(file, {})
    assert [channel.type for channel in settings.channels] == ["slack", "webhook", "sentry"]
    assert settings.report.folder == tmp_path / "report"


def test_run_command_gives_the_exit_code() -> None:
    assert run_command([sys.executable, "-c", "raise SystemExit(7)"], os.environ) == 7


def test_run_command_passes_an_interrupt_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note = tmp_path / "note"
    program = (
        "import sys, time, pathlib\nnote = pathlib.Path(sys.argv[1])\ntry:\n note.write_text('started'); time.sleep(60)\n"
        "except KeyboardInterrupt:\n note.write_text('interrupted')"
    )
    real = subprocess.Popen.wait
    waits: list[subprocess.Popen[bytes]] = []

    def wait(self: subprocess.Popen[bytes], timeout: float | None = None) -> int:
        waits.append(self)
        if len(waits) > 1:
            return real(self, timeout)
        while not note.exists() or note.read_text() != "started":
            time.sleep(0.005)
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "wait", wait)
    monkeypatch.setattr(demo, "PATIENCE", 0.3)
    with pytest.raises(KeyboardInterrupt):
        run_command([sys.executable, "-c", program, str(note)], os.environ)
    assert note.read_text() == "interrupted"


def test_until_interrupted_returns_on_ctrl_c() -> None:
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    demo.until_interrupted()
    timer.join()


@pytest.mark.parametrize("code", [0, 1, 2, 3, 4, -9])
def test_every_exit_code_is_explained(code: int) -> None:
    text = telling.result(Outcome(code, None, None, "c" * 40), {})
    assert f"exit code {code}: " in text
    assert "It wrote no report" in text


def test_what_was_posted_is_quoted_and_cut() -> None:
    long = {"blocks": [{"type": "divider"}, {"text": {"text": "x" * 999}}, *({"text": {"text": f"line {n}"}} for n in range(20))]}
    nested = {"type": "t", "nothing": None, "data": {"verdict": "regression", "findings": [1], "deeper": {"a": 1}}}
    posted = [
        ("/slack", [Message("/slack", long)]),
        ("/webhook", [Message("/webhook", nested), Message("/webhook", None)]),
        ("/x", []),
    ]
    text = telling.deliveries(posted, [])
    assert "     | " + "x" * telling.WIDTH + " ...\n     | line 0\n" in text
    assert "     | line 6\n     | (13 more lines)\n" in text
    assert (
        "The webhook received 2 messages:\n     | type: t\n     | data.verdict: regression\n     | None\n   /x received 0 messages."
        in text
    )


def test_commands_can_be_pasted_into_a_shell() -> None:
    words = ["deploywatch", "run", "--repo", "/tmp/a b/repository", *["--long-option-number"] * 9]
    pasted = telling.command(words).partition("$ ")[2]
    assert shlex.split(pasted.replace("\\\n", " ")) == words
    assert max(len(line) for line in pasted.splitlines()) <= telling.WIDTH


def test_the_truth_is_told_when_nobody_was_named() -> None:
    text = telling.verdict(Outcome(3, None, None, "c" * 40))
    assert "named no commit" in text
    assert "c" * 7 in text
    right = telling.verdict(Outcome(3, Named("c" * 40, "Change", "Ana", 0.5), None, "c" * 40))
    assert "That is the commit that broke the shop." in right
    assert CULPRIT not in right
