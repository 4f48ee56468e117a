"""The steps of a composite action, one after another, with the contexts and files that GitHub's runner gives them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from ci.runner.commands import Reader
from ci.runner.expressions import fill, holds

_BASH: Final = ("bash", "--noprofile", "--norc", "-e", "-o", "pipefail")
_OURS: Final = ("PATH", "LANG", "TMPDIR", "SSL_CERT_FILE", "PIP_INDEX_URL", "PIP_CONFIG_FILE", "PIP_FIND_LINKS")
LONGEST: Final = 300.0


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a job runs: the action's checkout, the workspace, a temporary folder, a home, and the caches that outlive jobs."""

    action: Path
    workspace: Path
    temp: Path
    home: Path
    caches: Path


@dataclass(slots=True)
class Outcome:
    """What became of a job. ``conclusion`` is ``success`` or ``failure``; ``uses`` are the actions that were called."""

    conclusion: str = "success"
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    reader: Reader = field(default_factory=Reader)
    uses: list[str] = field(default_factory=list)


def run_action(
    machine: Machine, given: Mapping[str, str], variables: Mapping[str, str], *, cancel_after: float | None = None
) -> Outcome:
    """Run the action with the inputs ``given`` and the job's variables. ``cancel_after`` seconds, the last step is cancelled."""
    return _Job(machine, given, variables, cancel_after).run()


class _Job:
    def __init__(
        self, machine: Machine, given: Mapping[str, str], variables: Mapping[str, str], cancel_after: float | None
    ) -> None:
        self.machine, self.variables, self.cancel_after = machine, variables, cancel_after
        self.action: dict[str, Any] = yaml.safe_load((machine.action / "action.yml").read_text("utf-8"))
        self.outcome = Outcome()
        self.steps: dict[str, Any] = {}
        self.contexts: dict[str, Any] = {
            "github": {"token": variables.get("GITHUB_TOKEN_OF_THE_JOB", ""), "action_path": str(machine.action)},
            "runner": {"os": "Linux", "arch": "X64", "temp": str(machine.temp)},
            "steps": self.steps,
        }
        self.contexts["inputs"] = self._inputs(given)

    def _inputs(self, given: Mapping[str, str]) -> dict[str, str]:
        unknown = set(given) - set(self.action["inputs"])
        if unknown:
            raise ValueError(f"the action has no input {', '.join(sorted(unknown))}")
        defaults = {name: fill(str(spec.get("default", "")), self.contexts) for name, spec in self.action["inputs"].items()}
        return defaults | dict(given)

    def run(self) -> Outcome:
        for number, step in enumerate(self.action["runs"]["steps"]):
            if self.outcome.conclusion == "success" and holds(step.get("if"), self.contexts):
                self._step(step, number)
        self.outcome.outputs = {name: fill(spec["value"], self.contexts) for name, spec in self.action["outputs"].items()}
        self.outcome.summary = self._file("GITHUB_STEP_SUMMARY").read_text("utf-8")
        return self.outcome

    def _step(self, step: dict[str, Any], number: int) -> None:
        outputs = self._uses(step) if "uses" in step else self._runs(step, number)
        if name := step.get("id"):
            self.steps[name] = {"outputs": outputs}

    def _uses(self, step: dict[str, Any]) -> dict[str, str]:
        """The actions of others that ours calls, played here: what they do for it, and nothing else."""
        name, _, pin = step["uses"].partition("@")
        if len(pin) != 40:
            raise ValueError(f"{step['uses']} is not pinned to a commit")
        self.outcome.uses.append(name)
        inputs = {key: fill(str(value), self.contexts) for key, value in step.get("with", {}).items()}
        if name == "actions/setup-python":
            return {"python-path": sys.executable}
        if name == "actions/cache":
            return self._cache(Path(inputs["path"]), self.machine.caches / inputs["key"])
        raise ValueError(f"the runner does not play {name}")

    def _cache(self, folder: Path, kept: Path) -> dict[str, str]:
        if kept.is_dir():
            shutil.copytree(kept, folder)
            return {"cache-hit": "true"}
        self._save = (folder, kept)
        return {"cache-hit": "false"}

    def save_caches(self) -> None:
        folder, kept = self.__dict__.pop("_save", (None, None))
        if folder and folder.is_dir():
            shutil.copytree(folder, kept)

    def _runs(self, step: dict[str, Any], number: int) -> dict[str, str]:
        script = self.machine.temp / f"step-{number}.sh"
        script.write_text(fill(step["run"], self.contexts), "utf-8")
        output = self._file(f"GITHUB_OUTPUT.{number}")
        folder = self.machine.workspace / fill(step.get("working-directory", "."), self.contexts)
        environ = self._environ(step, output)
        is_last = step is self.action["runs"]["steps"][-1]
        status, text = self._shell(script, folder, environ, cancel_after=self.cancel_after if is_last else None)
        self.outcome.reader.read(text)
        self.save_caches()
        if status:
            self.outcome.conclusion = "failure"
        return dict(line.split("=", 1) for line in output.read_text("utf-8").splitlines())

    def _environ(self, step: dict[str, Any], output: Path) -> dict[str, str]:
        ours = {name: os.environ[name] for name in _OURS if name in os.environ}
        job = {name: value for name, value in self.variables.items() if name != "GITHUB_TOKEN_OF_THE_JOB"}
        own = {name: fill(str(value), self.contexts) for name, value in step.get("env", {}).items()}
        files = {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(self._file("GITHUB_STEP_SUMMARY"))}
        places = {
            "HOME": str(self.machine.home),
            "RUNNER_TEMP": str(self.machine.temp),
            "GITHUB_WORKSPACE": str(self.machine.workspace),
            "GITHUB_ACTION_PATH": str(self.machine.action),
        }
        return {**ours, "CI": "true", "GITHUB_ACTIONS": "true", **places, **job, **files, **own}

    def _shell(self, script: Path, folder: Path, environ: Mapping[str, str], *, cancel_after: float | None) -> tuple[int, str]:
        """As the runner starts and cancels a script: an interrupt to the process it started, and to no other."""
        process = subprocess.Popen(
            [*_BASH, str(script)],
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
            encoding="utf-8",
        )
        try:
            text, _ = process.communicate(timeout=cancel_after or LONGEST)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT if cancel_after else signal.SIGKILL)
            text, _ = process.communicate(timeout=LONGEST)
        return process.returncode, text

    def _file(self, name: str) -> Path:
        file = self.machine.temp / f"_{name}"
        file.touch()
        return file
