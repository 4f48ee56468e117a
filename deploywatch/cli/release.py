"""``deploywatch release``: make the release known to Sentry, with its commits and its deploy."""

from __future__ import annotations

from typing import Any

import click

from deploywatch.cli import options
from deploywatch.cli.invocation import Invocation
from deploywatch.cli.output import answer_to
from deploywatch.requests import CodeRequest, PlaceRequest, ReleaseRequest

_EXAMPLES = """\b
Examples:
  deploywatch release --release shop@1.5.0 --environment production
  deploywatch release --base v1.4.0 --dry-run --format json"""


@click.command("release", epilog=_EXAMPLES)
@options.place
@options.code
@options.release
@options.dry_run
@options.reporting("text", "json", "markdown")
@click.pass_obj
def command(invocation: Invocation, /, **given: Any) -> None:
    """Create the Sentry release: its commits, its deploy, finalize.

    The commits are those reachable from head and not from base. Running it again changes nothing and repeats nothing.
    """
    from deploywatch import respond
    from deploywatch.report.render import render_release

    code, place = options.take(CodeRequest, given), options.take(PlaceRequest, given)
    request = options.take(ReleaseRequest, given | {"code": code, "place": place})
    setup = invocation.setup(code.repo)
    with answer_to(invocation.output) as write:
        write(render_release(respond.release(setup, request), invocation.format, invocation.look(setup.settings)))
