"""What the commands of ``deliveries`` print: columns, one page, or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from deploywatch.durations import format_duration
from deploywatch.model import Attempt, Delivery
from deploywatch.report.escaping import code
from deploywatch.requests import PruneRequest

_HEADER: Final = ("ID", "STATE", "CHANNEL", "RELEASE", "MADE (UTC)", "TRIES")


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


def pruned(count: int, request: PruneRequest) -> str:
    """How many were forgotten."""
    which = f"{count} {'delivery' if count == 1 else 'deliveries'} made more than {format_duration(request.older_than)} ago"
    return f"dry run: {which} would be forgotten" if request.dry_run else f"{which} forgotten"


def pruned_as_json(count: int, request: PruneRequest) -> str:
    """The contract ``deploywatch.pruned/1``."""
    from deploywatch.report.as_json import dumps

    return dumps({"schema": "deploywatch.pruned/1", "count": count, "dry_run": request.dry_run})


def _row(delivery: Delivery) -> tuple[str, ...]:
    cells = (str(delivery.id), str(delivery.state), delivery.channel, delivery.release, _time(delivery.created_at))
    return tuple(code(cell, 60) for cell in (*cells, str(len(delivery.attempts))))


def _attempt(attempt: Attempt) -> str:
    outcome = attempt.error or (str(attempt.status) if attempt.status else "no answer")
    said = " ".join(f"[{name}: {value}]" for name, value in attempt.headers)
    return " ".join(filter(None, (_time(attempt.started_at), outcome, attempt.answer, said)))


def _time(value: datetime | None) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if value else ""


def as_json(deliveries: Sequence[Delivery], *, payload: bool = False) -> str:
    """The contract ``deploywatch.deliveries/1``; ``payload``: with what is sent, exactly."""
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
