"""Rows of the delivery tables -> the nouns of the model."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, select

from deploywatch.model import Attempt, Delivery, DeliveryState
from deploywatch.store.tables import ATTEMPTS, DELIVERIES


def deliveries_of(connection: Connection, query: Select[Any]) -> tuple[Delivery, ...]:
    """The deliveries that a query of their table selects, in its order, each with its attempts, oldest first."""
    rows = connection.execute(query).mappings().all()
    attempts = _attempts(connection, [row["id"] for row in rows])
    return tuple(_delivery(row, attempts[row["id"]]) for row in rows)


def delivery_of(connection: Connection, delivery_id: int) -> Delivery | None:
    """One delivery, or ``None``."""
    return next(iter(deliveries_of(connection, select(DELIVERIES).where(DELIVERIES.c.id == delivery_id))), None)


def _attempts(connection: Connection, ids: Sequence[int]) -> defaultdict[int, list[Attempt]]:
    found: defaultdict[int, list[Attempt]] = defaultdict(list)
    query = select(ATTEMPTS).where(ATTEMPTS.c.delivery_id.in_(ids)).order_by(ATTEMPTS.c.id)
    for row in connection.execute(query).mappings() if ids else ():
        headers = tuple((str(name), str(value)) for name, value in json.loads(row["headers"]))
        found[row["delivery_id"]].append(
            Attempt(row["started_at"], row["ended_at"], row["status"], row["answer"], row["error"], headers)
        )
    return found


def _delivery(row: RowMapping, attempts: Sequence[Attempt]) -> Delivery:
    return Delivery(
        id=row["id"],
        key=row["key"],
        channel=row["channel"],
        payload=row["payload"],
        state=DeliveryState(row["state"]),
        created_at=row["created_at"],
        attempts=tuple(attempts),
        reference=row["reference"],
        release=row["release"],
        environment=row["environment"],
        kind=row["kind"],
        incident=row["incident"],
        due_at=row["due_at"],
        fallback_for=row["fallback_for"],
    )
