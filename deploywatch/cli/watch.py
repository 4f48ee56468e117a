"""``deploywatch watch``: watch a release that exists, and say in the exit code what came of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from deploywatch.cli import options
from deploywatch.cli.exit_codes import ExitCode
from deploywatch.cli.gate import exit_code_of, is_on_trial
from deploywatch.cli.invocation import Invocation
from deploywatch.cli.output import answer_to
from deploywatch.cli.reports import write_reports
from deploywatch.cli.stopping import stoppable
from deploywatch.requests import CodeRequest, PlaceRequest, WatchRequest

_EXAMPLES = """\b
Examples:
  deploywatch watch --release shop@1.5.0 --environment production
  deploywatch watch --release shop@1.5.0 --environment production --for 30m --format json -o watch.json"""


@click.command("watch", epilog=_EXAMPLES)
@options.place
@options.code
@options.watch
@options.gate
@options.reports
@click.pass_obj
def command(invocation: Invocation, /, **given: Any) -> ExitCode:
    """Watch a release that exists, and name the suspects of what it breaks.

    Exit code 0: watched long enough and healthy; 3: a regression was found; 4: it could not see enough to say healthy. Ctrl-C and
    SIGTERM end it early, with a report of what was seen so far.
    """
    from deploywatch import respond
    from deploywatch.report.as_json import dumps, watch_json
    from deploywatch.report.render import render

    invocation.blind_exit = ExitCode.INCONCLUSIVE
    code, place = options.take(CodeRequest, given), options.take(PlaceRequest, given)
    request = options.take(WatchRequest, given | {"code": code, "place": place})
    setup = invocation.setup(code.repo)
    invocation.gate_on_trial = is_on_trial(setup.settings, asked=request.dry_run_gate)
    with answer_to(invocation.output) as write:
        with stoppable() as stop, invocation.progress() as progress:
            outcome = respond.watch(replace(setup, sleep=stop.sleep), request, progress=progress, stopped=stop.asked)
        if invocation.format == "json":
            write(dumps(watch_json(outcome.result, outcome.gate)))
        else:
            write(render(outcome.report, invocation.format, invocation.look(setup.settings)))
    write_reports(invocation, setup.settings, outcome.report)
    return exit_code_of(outcome.gate)
