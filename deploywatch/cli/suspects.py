"""``deploywatch suspects``: rank the commits of a window for tracebacks and events. It needs git alone."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from deploywatch.cli import options
from deploywatch.cli.invocation import Invocation
from deploywatch.cli.output import Write, answer_to
from deploywatch.errors import InputError, UsageError
from deploywatch.requests import CodeRequest

if TYPE_CHECKING:
    from deploywatch.model import Event, Ranking

STDIN = Path("-")
_OBJECTS = 50_000
_EXAMPLES = """\b
Examples:
  python app.py 2>&1 | deploywatch suspects --base v1.4.0
  deploywatch suspects crash.txt --base v1.4.0 --head v1.5.0 --code-root /srv/app=apps/shop
  deploywatch suspects events.jsonl --base v1.4.0 --format json"""


@click.command("suspects", epilog=_EXAMPLES)
@click.argument("inputs", nargs=-1, metavar="[INPUT]...", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@options.code
@options.option("--limit", type=click.IntRange(min=1), default=5, show_default=True, help="Name at most so many suspects.")
@options.reporting("text", "json", "markdown")
@click.pass_obj
def command(invocation: Invocation, /, inputs: tuple[Path, ...], limit: int, **given: Any) -> None:
    """Rank the commits of base..head by how likely they caused a failure.

    INPUT is a file, or - for stdin: a traceback as the program printed it, a Sentry event as JSON, or JSON Lines of events (with
    --format json one line of JSON each, the history read once for all). Nothing leaves this machine.
    """
    from deploywatch import respond

    # Nearly all that is made here lives to the end: looking for garbage after every 700 objects takes a tenth of the time.
    gc.set_threshold(_OBJECTS)
    code = options.take(CodeRequest, given)
    rankings = respond.suspects(
        _events(inputs or (STDIN,)),
        repo=code.repo,
        base=code.base,
        head=code.head,
        code_roots=code.code_roots + _configured_roots(invocation, code.repo),
        limit=limit,
    )
    with answer_to(invocation.output) as write:
        _answer(rankings, invocation, write)


def _answer(rankings: Iterator[Ranking], invocation: Invocation, write: Write) -> None:
    if invocation.format == "json":
        from deploywatch.report.as_json import dumps, ranking_json

        for ranking in rankings:
            write(dumps(ranking_json(ranking), indent=None))
        return
    from deploywatch.report.render import render_ranking

    look = invocation.look()
    for number, ranking in enumerate(rankings):
        write(("\n" if number else "") + render_ranking(ranking, invocation.format, look))


def _events(inputs: tuple[Path, ...]) -> Iterator[Event]:
    from deploywatch.stacktraces.inputs import iter_inputs

    for path in inputs:
        name = "stdin" if path == STDIN else str(path)
        try:
            with _lines(path) as lines:
                yield from iter_inputs(lines)
        except InputError as error:
            raise InputError(f"{name}: {error.message}", hint=error.hint) from error
        except OSError as error:
            raise InputError(f"{name} cannot be read: {error.strerror}", hint="check the path and its permissions") from error


def _lines(path: Path) -> Any:
    if path != STDIN:
        return path.open(encoding="utf-8-sig", errors="replace")
    if sys.stdin.isatty():
        raise UsageError(
            "there is nothing to read", hint="name a file, or pipe a traceback into it: python app.py 2>&1 | deploywatch suspects"
        )
    return click.open_file("-", encoding="utf-8", errors="replace")


def _configured_roots(invocation: Invocation, repo: Path) -> tuple[tuple[str, str], ...]:
    if not invocation.has_settings(repo):
        return ()
    return tuple((root.from_, root.to) for root in invocation.settings(repo).repository.code_roots)
