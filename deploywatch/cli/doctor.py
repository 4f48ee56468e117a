"""``deploywatch doctor``: is everything there that a deploy will need, and what to do where it is not?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from deploywatch.cli import options
from deploywatch.cli.exit_codes import ExitCode
from deploywatch.cli.invocation import Invocation
from deploywatch.cli.output import answer_to
from deploywatch.requests import CodeRequest, DoctorRequest, PlaceRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from deploywatch.bootstrap import Setup
    from deploywatch.doctor.finding import DoctorFinding

_EXAMPLES = """\b
Examples:
  deploywatch doctor --environment production
  deploywatch doctor --format json -o doctor.json"""


@click.command("doctor", epilog=_EXAMPLES)
@options.place
@options.code
@options.reporting("text", "json", "markdown")
@click.pass_obj
def command(invocation: Invocation, /, **given: Any) -> ExitCode:
    """Check Sentry, the token and its scopes, the clone, path mapping, owners and channels; one line each, with what to do.

    Nothing is changed, fetched or sent, and no secret is shown. Exit code 0: nothing is wrong (there may be warnings); 1:
    something is; 2: the configuration is; 4: something could not be looked at, such as a Sentry that does not answer.
    """
    from deploywatch import respond
    from deploywatch.doctor.output import as_json, as_markdown, as_text
    from deploywatch.report.as_json import dumps

    code, place = options.take(CodeRequest, given), options.take(PlaceRequest, given)
    setup, request = _setup(invocation, DoctorRequest(code=code, place=place))
    with answer_to(invocation.output) as write:
        found = respond.doctor(setup, request)
        shown = {"json": lambda: dumps(as_json(found)), "markdown": lambda: as_markdown(found), "text": lambda: as_text(found)}
        write(shown[invocation.format]())
    return exit_code_of(found)


def exit_code_of(found: Sequence[DoctorFinding]) -> ExitCode:
    """What is wrong with the configuration goes before what is wrong elsewhere, and that before what could not be seen."""
    from deploywatch.doctor.finding import USAGE, Level, verdict

    if any(finding.code in USAGE for finding in found):
        return ExitCode.USAGE
    return {Level.ERROR: ExitCode.FAILED, Level.UNKNOWN: ExitCode.INCONCLUSIVE}.get(verdict(found), ExitCode.DONE)


def _setup(invocation: Invocation, request: DoctorRequest) -> tuple[Setup, DoctorRequest]:
    """The set-up as configured; where the configuration cannot be read, that is told, and the rest looked at without it."""
    from dataclasses import replace

    from deploywatch.bootstrap import production
    from deploywatch.config import find_config
    from deploywatch.errors import ConfigError
    from deploywatch.settings import Settings

    start = request.code.repo
    file = invocation.config or find_config(start, invocation.environ)
    try:
        return invocation.setup(start), replace(request, configuration=file)
    except ConfigError as error:
        setup = production(Settings(), environ=invocation.environ)
        return setup, replace(request, configuration=file, trouble=(error.message, error.hint))
