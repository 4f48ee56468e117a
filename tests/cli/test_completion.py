from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.conftest import ROOT


def complete(words: str, at: int) -> list[str]:
    """What the program offers for the word ``at`` of ``words``."""
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "_DEPLOYWATCH_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(at),
    }
    code = "from deploywatch.cli.main import main; main()"
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("words", "at", "offered"),
    [
        ("deploywatch su", 1, ["suspects"]),
        ("deploywatch deliveries ", 2, ["list", "prune", "replay", "retry", "send", "show"]),
        ("deploywatch run --fail-on ", 3, ["any", "new", "critical", "never"]),
        ("deploywatch watch --ev", 2, ["--every"]),
        ("deploywatch completion z", 2, ["zsh"]),
    ],
)
def test_commands_options_and_values(words: str, at: int, offered: list[str]) -> None:
    assert complete(words, at) == offered


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_that_the_shell_takes(run: Run, tmp_path: Path, shell: str) -> None:
    script = tmp_path / "script"
    script.write_text(run("completion", shell).stdout)
    assert "_DEPLOYWATCH_COMPLETE" in script.read_text()
    if shutil.which(shell):
        subprocess.run([shell, "-n", str(script)], check=True)


def test_an_unknown_shell(run: Run) -> None:
    assert run("completion", "tcsh").exit_code == 2
