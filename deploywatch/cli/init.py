"""``deploywatch init``: a first deploywatch.toml from what is there."""

from __future__ import annotations

import shlex
import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from deploywatch.cli import options
from deploywatch.cli.invocation import Invocation
from deploywatch.cli.output import answer_to, say, write_to
from deploywatch.errors import UsageError

if TYPE_CHECKING:
    from deploywatch.steps.first_settings import Question
    from deploywatch.steps.surroundings import Surroundings

_EXAMPLES: Final = """\b
Examples:
  deploywatch init
  deploywatch init --print-schema > deploywatch.schema.json"""
_FILE: Final = "deploywatch.toml"


@click.command("init", epilog=_EXAMPLES)
@options.option("--repo", type=click.Path(path_type=Path), default=Path(), help="The git repository.  [default: here]")
@options.option("--force", is_flag=True, help="Write over a deploywatch.toml that is there.")
@options.option("--print-schema", is_flag=True, help="Only print the JSON Schema of deploywatch.toml, for editors.")
@options.general
@click.pass_obj
def command(invocation: Invocation, repo: Path, *, force: bool, print_schema: bool) -> None:
    """Write a commented deploywatch.toml from what the repository and the environment say.

    On a terminal it asks at most three questions, for what it did not find; elsewhere none.
    """
    if print_schema:
        with answer_to(None) as write:
            write(files("deploywatch").joinpath("schemas", "config.json").read_text("utf-8"))
        return
    from deploywatch.steps.first_settings import answered, first_settings, questions_for
    from deploywatch.steps.surroundings import look_around

    home = Path(invocation.environ.get("HOME") or Path("~").expanduser())
    found = look_around(repo, environ=invocation.environ, home=home)
    file = found.folder / _FILE
    if file.exists() and not force:
        raise UsageError(f"{file} is there already", hint="edit it, or say --force to write over it")
    is_asking = sys.stdin.isatty() and sys.stderr.isatty() and not invocation.environ.get("CI")
    answers = {each.key: _ask(each) for each in questions_for(found)} if is_asking else {}
    found = answered(found, answers)
    _tell_found(found)
    _write(file, first_settings(found), invocation)
    say(f"wrote {file}")
    with answer_to(None) as write:
        write(next_command(found))


def _ask(question: Question) -> str:
    answer: str = click.prompt(question.text, default=question.default, show_default=bool(question.default), err=True)
    return answer


def _tell_found(found: Surroundings) -> None:
    seen = {
        "repository": found.repository or "no remote that names it",
        "languages": ", ".join(found.languages) or "none that stack traces name",
        "owner file": found.owner_file or "none",
        "CI system": found.ci.title if found.ci else "none",
        "Sentry": " ".join((found.org or "organisation unknown,", *(found.projects or ("project unknown",)))),
        "token": "SENTRY_AUTH_TOKEN is there" if found.has_token else "none",
    }
    for what, value in seen.items():
        say(f"{what:<11} {value}")


def _write(file: Path, text: str, invocation: Invocation) -> None:
    """What is written must be readable, and an answer may be no slug."""
    from deploywatch.config import load_settings
    from deploywatch.errors import ConfigError

    draft = file.with_name(f".{file.name}.draft")
    write_to(draft, text)
    try:
        load_settings(draft, invocation.environ)
        draft.replace(file)
    except ConfigError as error:
        raise ConfigError(f"not written: {error.message}", hint="answer with short names, as in Sentry's addresses") from error
    finally:
        draft.unlink(missing_ok=True)


def next_command(found: Surroundings) -> str:
    """What to type next, to be copied: nothing that it does is seen by anybody."""
    from deploywatch.steps.first_settings import ENVIRONMENT

    lines = [] if found.has_token else ["export SENTRY_AUTH_TOKEN=...   # scopes: project:releases, event:read, org:read"]
    lines.append(shlex.join(["deploywatch", "doctor", "--environment", found.environment or ENVIRONMENT]))
    return "\n".join(lines) + "\n"
