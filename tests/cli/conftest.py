"""The command line without the use cases: what it asks of them, and what it makes of their answers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

import deploywatch
from deploywatch.cli import completion, options
from deploywatch.cli.main import program

SCHEMAS = Path(deploywatch.__file__).parent / "schemas"
Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def _nothing_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without configuration, a home without .sentryclirc, an environment without CI."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("CI", "NO_COLOR", "TERM", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def run() -> Run:
    def call(*args: str, input: str | None = None, env: dict[str, str] | None = None) -> Result:  # noqa: A002 - as in click
        return CliRunner().invoke(program, [str(arg) for arg in args], input=input, env=env, prog_name="deploywatch")

    return call


@pytest.fixture
def use_cases(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Stands in for ``deploywatch.respond``; a test gives it the use cases that its command may call."""
    fake = SimpleNamespace()
    monkeypatch.setitem(sys.modules, "deploywatch.respond", fake)
    monkeypatch.setattr(deploywatch, "respond", fake, raising=False)
    return fake


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Make ``deploywatch completion bash`` end in an error, to see it leave by the door."""

    def prepare(error: BaseException) -> None:
        @click.command("completion")
        @click.argument("shell")
        @options.reporting("text", "json")
        def command(shell: str) -> None:
            raise error

        monkeypatch.setattr(completion, "command", command)

    return prepare


def schema(name: str) -> dict[str, Any]:
    """A shipped JSON Schema."""
    return json.loads((SCHEMAS / f"{name}.json").read_text())


def repository(folder: Path) -> Path:
    """A git repository of two commits; the second one breaks ``shop.py``."""
    folder.mkdir()
    git = partial(subprocess.run, cwd=folder, check=True, capture_output=True)
    git(["git", "init", "--quiet", "--initial-branch=main"])
    for name, source in (("ada", "price"), ("bob", "prize")):
        (folder / "shop.py").write_text(f"def total(basket):\n    return sum(item['{source}'] for item in basket)\n")
        git(["git", "add", "."])
        git(
            ["git", "-c", f"user.name={name}", "-c", f"user.email={name}@example.com", "commit", "--quiet", "-m", f"Use {source}"]
        )
    return folder
