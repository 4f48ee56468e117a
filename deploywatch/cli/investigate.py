"""``deploywatch investigate``: name the suspects of one issue, or of everything new in a release, now."""

from __future__ import annotations

from typing import Any

import click

from deploywatch.cli import options
from deploywatch.cli.invocation import Invocation
from deploywatch.cli.output import answer_to
from deploywatch.cli.reports import write_reports
from deploywatch.requests import CodeRequest, DeliveryRequest, InvestigateRequest, PlaceRequest

_EXAMPLES = """\b
Examples:
  deploywatch investigate SHOP-4F
  deploywatch investigate https://acme.sentry.io/issues/4509877862268928/ --format html -o report.html
  deploywatch investigate --release shop@1.5.0 --environment production --deliver"""


@click.command("investigate", epilog=_EXAMPLES)
@click.argument("issue", required=False)
@options.place
@options.code
@options.delivery
@options.dry_run
@options.reports
@click.pass_obj
def command(invocation: Invocation, /, issue: str | None, **given: Any) -> None:
    """Name the suspects of ISSUE (an id, a short id or a link), or of all new issues of --release.

    It looks once and does not watch. Nothing is sent to anybody without --deliver.
    """
    from deploywatch import respond
    from deploywatch.report.render import render

    given["deliver"] = bool(given["deliver"])
    code, place = options.take(CodeRequest, given), options.take(PlaceRequest, given)
    request = InvestigateRequest(issue=issue, code=code, place=place, delivery=options.take(DeliveryRequest, given))
    setup = invocation.setup(code.repo)
    with answer_to(invocation.output) as write:
        report = respond.investigate(setup, request)
        write(render(report, invocation.format, invocation.look(setup.settings)))
    write_reports(invocation, setup.settings, report)
