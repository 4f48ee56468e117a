"""``deploywatch run``: the pipeline step. Release, watch, investigate, deliver, exit code."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from deploywatch.cli import options
from deploywatch.cli.exit_codes import ExitCode
from deploywatch.cli.gate import exit_code_of, is_on_trial
from deploywatch.cli.invocation import Invocation
from deploywatch.cli.output import answer_to, say
from deploywatch.cli.reports import write_reports
from deploywatch.cli.stopping import stoppable
from deploywatch.requests import (
    CodeRequest,
    DeliveryRequest,
    PlaceRequest,
    ReleaseRequest,
    RunOutcome,
    RunRequest,
    WatchRequest,
)

_EXAMPLES = """\b
Examples:
  deploywatch run --environment production
  deploywatch run --release shop@1.5.0 --environment production --for 10m --fail-on never
  deploywatch run --environment production --dry-run"""


@click.command("run", epilog=_EXAMPLES)
@options.place
@options.code
@options.release
@options.watch
@options.gate
@options.delivery
@options.dry_run
@options.reports
@click.pass_obj
def command(invocation: Invocation, /, **given: Any) -> ExitCode:
    """The step after a deploy: create the release, watch it, name the change that broke it, tell its owner.

    Exit code 0: watched long enough and healthy; 3: a regression was found; 4: it could not see enough to say healthy. Ctrl-C and
    SIGTERM end the watch early; the report of what was seen so far is still delivered.
    """
    from deploywatch import respond
    from deploywatch.report.render import render

    invocation.blind_exit = ExitCode.INCONCLUSIVE
    request = _request(given)
    setup = invocation.setup(request.release.code.repo)
    invocation.gate_on_trial = is_on_trial(setup.settings, asked=request.watch.dry_run_gate)
    with answer_to(invocation.output) as write:
        with stoppable() as stop, invocation.progress() as progress:
            outcome = respond.run(replace(setup, sleep=stop.sleep), request, progress=progress, stopped=stop.asked)
        write(render(outcome.report, invocation.format, invocation.look(setup.settings)))
    write_reports(invocation, setup.settings, outcome.report)
    _tell_where(outcome, invocation)
    return exit_code_of(outcome.gate)


def _request(given: dict[str, Any]) -> RunRequest:
    given["deliver"] = given["deliver"] is not False
    both = {"code": options.take(CodeRequest, given), "place": options.take(PlaceRequest, given)}
    dry_run = {"dry_run": given["dry_run"]}
    return RunRequest(
        release=options.take(ReleaseRequest, given | both),
        watch=options.take(WatchRequest, given | both),
        delivery=options.take(DeliveryRequest, given | dry_run),
    )


def _tell_where(outcome: RunOutcome, invocation: Invocation) -> None:
    from deploywatch.steps.code_host import problem_of

    for file in outcome.files:
        say(f"report: {file}")
    for delivery in outcome.deliveries:
        if problem := problem_of(delivery):
            invocation.problems.append(problem)
            say(f"warning: {problem}")
        else:
            say(f"{delivery.channel}: {delivery.state}" + (f" ({delivery.reference})" if delivery.reference else ""))
