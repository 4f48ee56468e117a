"""``deploywatch verify``: did the fix work? Resolves the issue where it did, and says so where it did not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from deploywatch.cli import options
from deploywatch.cli.exit_codes import ExitCode
from deploywatch.cli.invocation import Invocation
from deploywatch.cli.output import answer_to, say
from deploywatch.cli.stopping import stoppable
from deploywatch.requests import CodeRequest, DeliveryRequest, PlaceRequest, VerifyRequest

_EXAMPLES = """\b
Examples:
  deploywatch verify SHOP-4F --environment production
  deploywatch verify SHOP-4F --fix 9c1e44ab --environment production --for 2h
  deploywatch verify SHOP-4F --dry-run --format json"""


@click.command("verify", epilog=_EXAMPLES)
@click.argument("issue")
@options.option("--fix", metavar="REV", help="The commit that fixes it.  [default: the one that names it, or a revert]")
@options.environment
@options.code
@options.timing
@options.delivery
@options.dry_run
@options.reporting("text", "json", "markdown")
@click.pass_obj
def command(invocation: Invocation, /, issue: str, **given: Any) -> ExitCode:
    """See whether ISSUE (an id, a short id or a link) has stopped in the releases that contain its fix.

    What a release contains is asked of git and not of the calendar: releases without the fix may go on failing. Where it worked,
    the issue is resolved in Sentry and those who were told of it hear that; where it did not, it is opened again and they hear
    that, too.

    Exit code 0: fixed; 3: it is back; 4: not known yet, or it could not be seen.
    """
    from deploywatch import respond
    from deploywatch.report.render import render_fix

    invocation.blind_exit = ExitCode.INCONCLUSIVE
    request = _request(issue, given)
    setup = invocation.setup(request.code.repo)
    with answer_to(invocation.output) as write:
        with stoppable() as stop:
            outcome = respond.verify(replace(setup, sleep=stop.sleep), request, stopped=stop.asked)
        write(render_fix(outcome.fix, invocation.format, invocation.look(setup.settings)))
    for delivery in outcome.deliveries:
        say(f"{delivery.channel}: {delivery.state}" + (f" ({delivery.reference})" if delivery.reference else ""))
    return {"fixed": ExitCode.DONE, "back": ExitCode.REGRESSION, "unsure": ExitCode.INCONCLUSIVE}[outcome.fix.verdict]


def _request(issue: str, given: dict[str, Any]) -> VerifyRequest:
    given["deliver"] = given["deliver"] is not False
    return VerifyRequest(
        issue=issue,
        code=options.take(CodeRequest, given),
        place=options.take(PlaceRequest, given),
        delivery=options.take(DeliveryRequest, given),
        **given,
    )
