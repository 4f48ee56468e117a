"""Run the action for every kind of trigger, against the sandbox: ``python -m ci.runner``. Exits with 1 for a surprise."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ci.runner.composite import Outcome
from ci.runner.stage import NEW, Stage, stage
from ci.runner.triggers import TRIGGERS, UNFINISHED, Trigger

Play = Callable[[], tuple[Outcome, list[str]]]


def main() -> int:
    """Play every job, print a line for each, and everything of those that went wrong."""
    parser = argparse.ArgumentParser(prog="python -m ci.runner", description=__doc__)
    parser.add_argument("--show", action="store_true", help="print every log")
    show = parser.parse_args().show
    failed = 0
    with tempfile.TemporaryDirectory(prefix="deploywatch-runner-") as folder, stage(Path(folder)) as ready:
        for name, play in _jobs(ready).items():
            began = time.monotonic()
            outcome, complaints = play()
            failed += bool(complaints)
            print(f"{'FAILED' if complaints else 'ok':6} {name:<28} {time.monotonic() - began:5.1f} s", flush=True)
            for complaint in complaints:
                print(f"       {complaint}")
            if complaints or show:
                print(
                    "\n".join(
                        f"       | {line}" for line in (*outcome.reader.log, *map(str, outcome.reader.notes), outcome.summary)
                    )
                )
    return 1 if failed else 0


def _jobs(ready: Stage) -> dict[str, Play]:
    played: dict[str, Play] = {trigger.name: lambda trigger=trigger: _regression(ready, trigger) for trigger in TRIGGERS}  # type: ignore[misc]
    return played | {
        UNFINISHED.name: lambda: _unfinished(ready),
        "GitHub's token may not": lambda: _refused(ready),
        "cancelled": lambda: _cancelled(ready),
        "without a token": lambda: _without_a_token(ready),
    }


def _regression(ready: Stage, trigger: Trigger) -> tuple[Outcome, list[str]]:
    """The culprit is named everywhere that GitHub shows something, and no secret is."""
    outcome, secrets = ready.play(trigger)
    found, notes = outcome.outputs, outcome.reader.notes
    errors = [note for note in notes if note.level == "error"]
    shown = "\n".join((*outcome.reader.log, outcome.summary, *map(str, found.values()), *(note.message for note in notes)))
    wanted = {
        "the job fails": outcome.conclusion == "failure",
        "verdict": found["verdict"] == "regression",
        "release": found["release"] == NEW,
        "suspect": found["suspect"] == ready.story.culprit,
        "probability": float(found["probability"] or 0) > 0.5,
        "author": found["author"] == "Priya Nair",
        "owner": found["owner"] == "@acme/pricing",
        "pull request": found["pull_request"] == "41",
        "report": Path(found["report"]).is_file() and Path(found["report"]).with_name("report.json").is_file(),
        "exit code": found["exit_code"] == "3",
        "summary": ready.story.culprit[:10] in outcome.summary,
        "annotation": bool(errors) and errors[0].properties.get("file") == "shop/pricing/discounts.py",
        "surest first": [note.level for note in notes[:1]] == ["error"],
        "masked": set(secrets.values()) <= outcome.reader.masks,
        "no secret shows": not any(secret in shown for secret in secrets.values()),
        "no command of others": set(outcome.reader.obeyed) <= {"add-mask", "error", "warning", "notice"},
        "the pull request's comment": any(ready.story.culprit[:10] in str(said) for said in ready.github.said.values()),
        "the deployment's status": [status["state"] for status in ready.github.statuses] == ["failure"],
        "the check": [check["conclusion"] for check in ready.github.checks] == ["failure"],
        "the deploy leads to the run": "actions/runs/7261" in str(ready.deploy_urls()),
    }
    return outcome, [name for name, is_so in wanted.items() if not is_so]


def _unfinished(ready: Stage) -> tuple[Outcome, list[str]]:
    outcome, _ = ready.play(UNFINISHED)
    wanted = {
        "the job succeeds": outcome.conclusion == "success",
        "verdict": outcome.outputs["verdict"] == "skipped",
        "it says why": any("pending" in note.message for note in outcome.reader.notes),
    }
    return outcome, [name for name, is_so in wanted.items() if not is_so]


def _cancelled(ready: Stage) -> tuple[Outcome, list[str]]:
    """Cancelled at once, it still says what it saw, and does not call that healthy."""
    began = time.monotonic()
    outcome, _ = ready.play(TRIGGERS[1], cancel_after=3, release="shop@3.0.0", watch_for="10m", fail_on_inconclusive="true")
    wanted = {
        "it ends soon": time.monotonic() - began < 60,
        "verdict": outcome.outputs["verdict"] == "inconclusive",
        "exit code": outcome.outputs["exit_code"] == "4",
        "partial report": Path(outcome.outputs["report"]).is_file(),
        "summary": bool(outcome.summary),
    }
    return outcome, [name for name, is_so in wanted.items() if not is_so]


def _refused(ready: Stage) -> tuple[Outcome, list[str]]:
    """What the token may not do is said, with the permission that is missing, and nothing else suffers from it."""
    ready.github.mishaps += [403, 403, 403]
    outcome, _ = ready.play(TRIGGERS[1], release=NEW)
    ready.github.mishaps.clear()
    warnings = [note.message for note in outcome.reader.notes if note.level == "warning"]
    wanted = {
        "verdict": outcome.outputs["verdict"] == "regression",
        "suspect": outcome.outputs["suspect"] == ready.story.culprit,
        **{f"it says {each}": any(each in said for said in warnings) for each in ("pull-requests", "checks", "deployments")},
        "the summary, too": "checks: write" in outcome.summary,
    }
    return outcome, [name for name, is_so in wanted.items() if not is_so]


def _without_a_token(ready: Stage) -> tuple[Outcome, list[str]]:
    outcome, _ = ready.play(TRIGGERS[1], without=("SENTRY_AUTH_TOKEN",))
    wanted = {
        "the job fails": outcome.conclusion == "failure",
        "verdict": outcome.outputs["verdict"] == "error",
        "the summary says what to do": "SENTRY\\_AUTH\\_TOKEN" in outcome.summary or "SENTRY_AUTH_TOKEN" in outcome.summary,
        "an annotation, too": any(note.level == "error" and "SENTRY_AUTH_TOKEN" in note.message for note in outcome.reader.notes),
    }
    return outcome, [name for name, is_so in wanted.items() if not is_so]


if __name__ == "__main__":
    sys.exit(main())
