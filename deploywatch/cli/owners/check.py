"""``deploywatch owners check``: whether the ownership rules are sound, for people, programs, code scanning and CI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from deploywatch.cli import options
from deploywatch.cli.exit_codes import ExitCode
from deploywatch.cli.invocation import Invocation
from deploywatch.cli.output import answer_to
from deploywatch.requests import CheckRequest, OwnersRequest

if TYPE_CHECKING:
    from deploywatch.owners.finding import Health

NEVER: Final = "never"
_EXAMPLES = """\b
Examples:
  deploywatch owners check
  deploywatch owners check --no-sentry --fail-at warning
  deploywatch owners check --project shop --format sarif -o owners.sarif"""


@click.command("check", epilog=_EXAMPLES)
@options.repository
@options.projects
@options.option("--sentry/--no-sentry", default=None, help="Compare with what Sentry holds.  [default: where it can be reached]")
@options.option(
    "--fail-at",
    type=click.Choice(["error", "warning", "note", NEVER]),
    default="error",
    show_default=True,
    help="Exit with 1 where a finding is at least so bad.",
)
@options.reporting("text", "json", "markdown", "sarif")
@click.pass_obj
def command(invocation: Invocation, /, fail_at: str, **given: Any) -> ExitCode:
    """Check the owner file of a commit against its files, and against Sentry.

    It finds files that nobody owns (with their share of the errors of the last 14 days), rules that match nothing or never
    decide, lines that are not in force, owners that do not exist, and what Sentry holds otherwise, drops or would not take.
    """
    from deploywatch import respond
    from deploywatch.owners.finding import Level, is_bad

    owners = options.take(OwnersRequest, given)
    with answer_to(invocation.output) as write:
        health = respond.owners_check(invocation.setup(owners.repo), CheckRequest(owners=owners, **given))
        write(_answer(health, invocation.format))
    is_failure = fail_at != NEVER and is_bad(health.findings, Level(fail_at))
    return ExitCode.FAILED if is_failure else ExitCode.DONE


def _answer(health: Health, fmt: str) -> str:
    from deploywatch import __version__
    from deploywatch.owners import check_output as written
    from deploywatch.report.as_json import dumps

    if fmt == "json":
        return dumps(written.as_json(health))
    if fmt == "sarif":
        return dumps(written.as_sarif(health, __version__))
    return written.as_markdown(health) if fmt == "markdown" else written.as_text(health)
