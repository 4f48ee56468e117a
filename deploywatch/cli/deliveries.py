"""``deploywatch deliveries``: what was sent, to whom, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from deploywatch.cli import options
from deploywatch.cli.delivery_output import as_json, page, pruned, pruned_as_json, table
from deploywatch.cli.exit_codes import ExitCode
from deploywatch.cli.invocation import Invocation
from deploywatch.cli.output import answer_to
from deploywatch.model import Delivery, DeliveryState
from deploywatch.requests import DeliveriesRequest, PruneRequest

_ANSWERS: Final = ("text", "json")
_FORGETTABLE: Final = (DeliveryState.DELIVERED, DeliveryState.DEAD, DeliveryState.UNKNOWN)


@click.group("deliveries", short_help="What was sent, to whom, and what became of it.")
def command() -> None:
    """What was sent, to whom, and what became of it. Every message is recorded before it is sent."""


@command.command("list")
@options.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([str(state) for state in DeliveryState]),
    callback=lambda _context, _parameter, value: tuple(map(DeliveryState, value)),
    help="Only those in this state; may be given several times.",
)
@options.option(
    "--channel", "channels", multiple=True, metavar="NAME", help="Only those to this channel; may be given several times."
)
@options.option("--release", metavar="VERSION", help="Only those about this release.")
@options.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="At most so many.")
@options.reporting(*_ANSWERS)
@click.pass_obj
def list_deliveries(invocation: Invocation, /, **given: Any) -> None:
    """List deliveries, newest first."""
    from deploywatch import respond

    with answer_to(invocation.output) as write:
        found = respond.deliveries(invocation.setup(Path()), DeliveriesRequest(**given))
        write(as_json(found) if invocation.format == "json" else table(found))


@command.command("show")
@click.argument("delivery_id", metavar="ID", type=int)
@options.reporting(*_ANSWERS)
@click.pass_obj
def show(invocation: Invocation, /, delivery_id: int) -> None:
    """Show one delivery: its exact payload, and each attempt with its answer."""
    from deploywatch import respond

    with answer_to(invocation.output) as write:
        found = respond.delivery(invocation.setup(Path()), delivery_id)
        write(as_json((found,), payload=True) if invocation.format == "json" else page(found))


@command.command("retry")
@click.argument("delivery_ids", metavar="ID...", type=int, nargs=-1, required=True)
@options.reporting(*_ANSWERS)
@click.pass_obj
def retry(invocation: Invocation, /, delivery_ids: tuple[int, ...]) -> ExitCode:
    """Send again what did not arrive. What did arrive is not sent twice.

    Exit code 1 when one of them still has not arrived.
    """
    from deploywatch import respond

    with answer_to(invocation.output) as write:
        found = respond.retry(invocation.setup(Path()), delivery_ids)
        write(as_json(found) if invocation.format == "json" else table(found))
    return _arrived(found)


@command.command("send")
@options.reporting(*_ANSWERS)
@click.pass_obj
def send(invocation: Invocation, /) -> ExitCode:
    """Send what is due: what was held back for quiet hours, a digest or a cool-down, and what a killed run left.

    Every `run` does so, too; this is for a scheduled job. Exit code 1 when something that is due has not arrived.
    """
    from deploywatch import respond

    with answer_to(invocation.output) as write:
        found = respond.send_due(invocation.setup(Path()))
        write(as_json(found) if invocation.format == "json" else table(found))
    return _arrived([delivery for delivery in found if delivery.state is not DeliveryState.PENDING])


@command.command("replay")
@click.argument("delivery_ids", metavar="ID...", type=int, nargs=-1, required=True)
@options.option("--to", "channel", required=True, metavar="CHANNEL", help="The channel to say it to.")
@options.reporting(*_ANSWERS)
@click.pass_obj
def replay(invocation: Invocation, /, delivery_ids: tuple[int, ...], channel: str) -> ExitCode:
    """Say what was said to one channel to another one too, once.

    Exit code 1 when it has not arrived.
    """
    from deploywatch import respond

    with answer_to(invocation.output) as write:
        found = respond.replay(invocation.setup(Path()), delivery_ids, to=channel)
        write(as_json(found) if invocation.format == "json" else table(found))
    return _arrived(found)


@command.command("prune")
@options.option(
    "--older-than", type=options.Duration(), metavar="DURATION", required=True, help="Those made longer ago, such as 90d."
)
@options.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([str(state) for state in _FORGETTABLE]),
    callback=lambda _context, _parameter, value: tuple(map(DeliveryState, value)) or _FORGETTABLE[:2],
    help="Only those in this state; may be given several times.  [default: delivered, dead]",
)
@options.option("--dry-run", is_flag=True, help="Only count them.")
@options.reporting(*_ANSWERS)
@click.pass_obj
def prune(invocation: Invocation, /, **given: Any) -> None:
    """Forget old deliveries. What is forgotten may be said again, and no fix is told to whom nothing was said.

    What is still to be sent is never forgotten.
    """
    from deploywatch import respond

    request = PruneRequest(**given)
    with answer_to(invocation.output) as write:
        count = respond.prune(invocation.setup(Path()), request)
        write(pruned_as_json(count, request) if invocation.format == "json" else pruned(count, request))


def _arrived(found: Sequence[Delivery]) -> ExitCode:
    arrived = all(delivery.state is DeliveryState.DELIVERED for delivery in found)
    return ExitCode.DONE if arrived else ExitCode.FAILED
