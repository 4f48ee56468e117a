from __future__ import annotations

import os
import subprocess
import sys

import click
import pytest

from deploywatch import __version__
from deploywatch.cli.main import COMMANDS, program
from tests.cli.conftest import Run
from tests.conftest import ROOT

HEAVY = {"git", "httpx", "jinja2", "pydantic", "rich", "sentry_sdk", "sqlalchemy", "starlette", "unidiff"}


def python(*args: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run([sys.executable, *args], capture_output=True, text=True, check=False, env=environ)


def commands() -> list[tuple[str, ...]]:
    """Every command and sub-command as it is typed."""
    root = click.Context(program)
    found: list[tuple[str, ...]] = []
    for name in COMMANDS:
        command = program.get_command(root, name)
        found.append((name,))
        if isinstance(command, click.Group):
            found += [(name, inner) for inner in command.list_commands(root)]
    return found


def test_help_lists_every_command_with_its_summary(run: Run) -> None:
    result = run("--help")
    assert result.exit_code == 0
    said = " ".join(result.stdout.split())
    for name, entry in COMMANDS.items():
        assert f"{name} {entry.summary}" in said


def test_no_command_shows_the_help(run: Run) -> None:
    result = run()
    assert result.exit_code == 2
    assert "Commands:" in result.stderr


@pytest.mark.parametrize("path", commands(), ids=" ".join)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_command_explains_itself(run: Run, path: tuple[str, ...], flag: str) -> None:
    result = run(*path, flag)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"Usage: deploywatch {' '.join(path)}")


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_every_option_has_its_variable_and_its_explanation(path: tuple[str, ...]) -> None:
    command: click.Command = program
    for name in path:
        command = command.get_command(click.Context(program), name)
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            long = next(name for name in parameter.opts if name.startswith("--"))
            assert parameter.envvar[0] == "DEPLOYWATCH_" + long.removeprefix("--").upper().replace("-", "_")
            assert parameter.help
            assert parameter.help[0].isupper()


@pytest.mark.parametrize(("name", "meant"), [("wach", "watch"), ("suspect", "suspects"), ("invstigate", "investigate")])
def test_an_unknown_command_names_the_one_that_was_meant(run: Run, name: str, meant: str) -> None:
    result = run(name)
    assert result.exit_code == 2
    assert f"there is no command '{name}'. Did you mean '{meant}'?" in result.stderr
    assert not result.stdout


def test_an_unknown_command_without_a_like(run: Run) -> None:
    result = run("zzz")
    assert result.exit_code == 2
    assert "there is no command 'zzz'.\n" in result.stderr


def test_unknown_options_name_the_nearest(run: Run) -> None:
    result = run("release", "--enviroment", "production")
    assert result.exit_code == 2
    assert "--environment" in result.stderr


def test_the_module_is_the_program() -> None:
    result = python("-m", "deploywatch", "--version")
    assert (result.returncode, result.stdout) == (0, f"deploywatch, version {__version__}\n")


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom deploywatch.cli.main import main\ntry:\n    main()\nfinally:\n"
        "    print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    for args in (["--help"], ["run", "--help"], ["suspects", "--help"]):
        result = python("-c", code, *args)
        assert result.returncode == 0
        assert not HEAVY & set(result.stderr.split())


def test_a_locale_that_cannot_write_a_character_loses_no_answer() -> None:
    code = "from deploywatch.cli.output import answer_to\nfrom deploywatch.cli.main import _write_whatever_comes\n"
    code += "_write_whatever_comes()\nwith answer_to(None) as write: write('\\u2603 \\udcff')"
    result = python("-c", code, PYTHONIOENCODING="latin-1")
    assert result.stdout == "\\u2603 \\udcff\n"


def test_help_fits_a_terminal(run: Run) -> None:
    for path in commands():
        text, _, _examples = run(*path, "--help", env={"COLUMNS": "80"}).stdout.partition("Examples:")
        assert max(map(len, text.splitlines())) <= 92, path
