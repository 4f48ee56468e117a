"""``deploywatch deliveries``: what was sent, to whom, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from deploywatch.cli import options
from deploywatch.cli.exit_codes import ExitCode
from deploywatch.cli.invocation import Invocation
from deploywatch.cli.output import answer_to
from deploywatch.model import Attempt, Delivery, DeliveryState
from deploywatch.report.escaping import code
from deploywatch.requests import DeliveriesRequest

_HEADER: Final = ("ID", "STATE", "CHANNEL", "RELEASE", "MADE (UTC)", "TRIES")


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
@options.reporting("text", "json")
@click.pass_obj
def list_deliveries(invocation: Invocation, /, **given: Any) -> None:
    """List deliveries, newest first."""
    from deploywatch import respond

    with answer_to(invocation.output) as write:
        found = respond.deliveries(invocation.setup(Path()), DeliveriesRequest(**given))
        write(_listed_as_json(found) if invocation.format == "json" else table(found))


@command.command("show")
@click.argument("delivery_id", metavar="ID", type=int)
@options.reporting("text", "json")
@click.pass_obj
def show(invocation: Invocation, /, delivery_id: int) -> None:
    """Show one delivery: its exact payload, and each attempt with its answer."""
    from deploywatch import respond

    with answer_to(invocation.output) as write:
        found = respond.delivery(invocation.setup(Path()), delivery_id)
        write(_listed_as_json((found,), payload=True) if invocation.format == "json" else page(found))


@command.command("retry")
@click.argument("delivery_ids", metavar="ID...", type=int, nargs=-1, required=True)
@options.reporting("text", "json")
@click.pass_obj
def retry(invocation: Invocation, /, delivery_ids: tuple[int, ...]) -> ExitCode:
    """Send again what did not arrive. What did arrive is not sent twice.

    Exit code 1 when one of them still has not arrived.
    """
    from deploywatch import respond

    with answer_to(invocation.output) as write:
        found = respond.retry(invocation.setup(Path()), delivery_ids)
        write(_listed_as_json(found) if invocation.format == "json" else table(found))
    arrived = all(delivery.state is DeliveryState.DELIVERED for delivery in found)
    return ExitCode.DONE if arrived else ExitCode.FAILED


def table(deliveries: Sequence[Delivery]) -> str:
    """One line each, in columns."""
    if not deliveries:
        return "no deliveries"
    rows = [_HEADER, *(_row(delivery) for delivery in deliveries)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADER))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def page(delivery: Delivery) -> str:
    """Everything about one delivery."""
    facts = {
        "delivery": str(delivery.id),
        "state": str(delivery.state),
        "channel": delivery.channel,
        "about": " ".join(filter(None, (delivery.kind, delivery.release, delivery.environment, delivery.incident))),
        "key": delivery.key,
        "reference": delivery.reference or "",
        "made": _time(delivery.created_at),
        "next try": _time(delivery.due_at),
        "stands in for": str(delivery.fallback_for or ""),
    }
    lines = [f"{name + ':':<15}{value}" for name, value in facts.items() if value]
    lines += [f"attempt {number}:     "[:15] + _attempt(each) for number, each in enumerate(delivery.attempts, start=1)]
    lines += ["payload:", *delivery.payload.splitlines()]
    return "\n".join(code(line, 4_000) for line in lines)


def _row(delivery: Delivery) -> tuple[str, ...]:
    cells = (str(delivery.id), str(delivery.state), delivery.channel, delivery.release, _time(delivery.created_at))
    return tuple(code(cell, 60) for cell in (*cells, str(len(delivery.attempts))))


def _attempt(attempt: Attempt) -> str:
    outcome = attempt.error or (str(attempt.status) if attempt.status else "no answer")
    return " ".join(filter(None, (_time(attempt.started_at), outcome, attempt.answer)))


def _time(value: datetime | None) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if value else ""


def _listed_as_json(deliveries: Sequence[Delivery], *, payload: bool = False) -> str:
    from deploywatch.report.as_json import dumps

    return dumps({"schema": "deploywatch.deliveries/1", "deliveries": [_as_json(each, payload=payload) for each in deliveries]})


def _as_json(delivery: Delivery, *, payload: bool) -> dict[str, Any]:
    answer = {
        "id": delivery.id,
        "key": delivery.key,
        "channel": delivery.channel,
        "state": str(delivery.state),
        "kind": delivery.kind,
        "release": delivery.release,
        "environment": delivery.environment,
        "incident": delivery.incident,
        "reference": delivery.reference,
        "created_at": _iso(delivery.created_at),
        "due_at": _iso(delivery.due_at),
        "fallback_for": delivery.fallback_for,
        "attempts": [_attempt_as_json(attempt) for attempt in delivery.attempts],
    }
    return answer | {"payload": delivery.payload} if payload else answer


def _attempt_as_json(attempt: Attempt) -> dict[str, Any]:
    return {
        "started_at": _iso(attempt.started_at),
        "ended_at": _iso(attempt.ended_at),
        "status": attempt.status,
        "headers": dict(attempt.headers),
        "answer": attempt.answer,
        "error": attempt.error,
    }


def _iso(value: datetime | None) -> str | None:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value else None
