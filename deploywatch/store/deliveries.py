"""The outbox's memory. Each method is one transaction, so that a kill leaves a delivery in one of its states and never between.

    pending -> sending -> delivered                taken
                       -> failed -> sending ...    not taken, to be tried again when it is due
                       -> dead                     given up; ``record`` or ``reset`` brings it back
                       -> unknown                  sent, answer lost; somebody looks before it is sent again

Who works on a delivery holds it (``claim``): nobody else gets it until it is settled, or the holder is gone or too late. One that
is found ``sending`` without a holder was interrupted between request and answer, which makes it ``unknown``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Insert, RowMapping, Select, Table, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from deploywatch.model import Attempt, Delivery, DeliveryState
from deploywatch.store.database import Database
from deploywatch.store.rows import deliveries_of, delivery_of
from deploywatch.store.tables import ATTEMPTS, DELIVERIES, REPORTS

POLL: Final = timedelta(seconds=1)
"""How often to ask for a delivery that somebody else holds."""

INTERRUPTED: Final = "interrupted: the process ended before the answer was recorded"
_SENDABLE: Final = (DeliveryState.PENDING, DeliveryState.FAILED)
_SETTLED: Final = (DeliveryState.DELIVERED, DeliveryState.DEAD)


@dataclass(frozen=True, slots=True)
class Draft:
    """A delivery that is to be. ``report`` is the document from which it, or another channel's, can be composed again.

    ``error`` says why it could not be composed; then it is dead from its first day. Before ``due_at`` it is not to be sent.
    """

    key: str
    channel: str
    kind: str
    release: str
    environment: str | None
    incident: str
    payload: str
    report: str
    fallback_for: int | None = None
    error: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds a delivery and until when; ``gone`` tells of another holder whether it is certainly no more."""

    holder: str
    until: datetime
    gone: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Claim:
    """What came of asking for a delivery. ``held``: it is ours, ``sending`` or ``unknown``. Else ``again_at`` says when to ask.

    Neither: it is settled.
    """

    delivery: Delivery
    held: bool = False
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Settlement:
    """How an attempt (or a look) ended. ``fallbacks`` are recorded in the same transaction, or a kill might lose them."""

    state: DeliveryState
    attempt: Attempt
    reference: str | None = None
    due_at: datetime | None = None
    fallbacks: tuple[Draft, ...] = ()


class Deliveries:
    """Deliveries and their attempts. All methods raise ``StateError`` where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, drafts: Iterable[Draft], now: datetime) -> tuple[Delivery, ...]:
        """All of them or none, in this order: each is a new delivery, or the one that has its key.

        A dead one comes back to life with the new payload; any other keeps its own, because that may have been sent.
        """
        with self._database.write() as connection:
            return tuple(_recorded(connection, draft, now) for draft in drafts)

    def claim(self, delivery_id: int, lease: Lease, now: datetime) -> Claim:
        """Take the delivery if it is due and nobody has it; a pending or failed one is ``sending`` from then on."""
        with self._database.write() as connection:
            row = _locked(connection, delivery_id)
            if row["state"] in _SETTLED:
                return Claim(_loaded(connection, delivery_id))
            if row["holder"] and row["held_until"] > now and not lease.gone(row["holder"]):
                return Claim(_loaded(connection, delivery_id), again_at=min(row["held_until"], now + POLL))
            if row["due_at"] and row["due_at"] > now:
                return Claim(_loaded(connection, delivery_id), again_at=row["due_at"])
            return _taken(connection, row, lease, now)

    def begin(self, delivery_id: int, lease: Lease, now: datetime) -> Claim:
        """Send again a delivery that is held and ``unknown``. Not held any more where somebody else took it meanwhile."""
        with self._database.write() as connection:
            row = _locked(connection, delivery_id)
            if row["holder"] != lease.holder or row["state"] != DeliveryState.UNKNOWN:
                return Claim(_loaded(connection, delivery_id), again_at=now + POLL)
            return _begun(connection, row, lease, now)

    def settle(self, delivery_id: int, holder: str, end: Settlement, now: datetime) -> Delivery:
        """Record how it ended and let go. A holder who was too late still records a delivery that succeeded: that is certain."""
        with self._database.write() as connection:
            row = _locked(connection, delivery_id)
            _end_attempt(connection, delivery_id, holder, end.attempt)
            if row["holder"] == holder or end.state is DeliveryState.DELIVERED:
                _change(
                    connection,
                    delivery_id,
                    state=end.state,
                    reference=end.reference or row["reference"],
                    due_at=end.due_at,
                    holder=None,
                    held_until=None,
                )
                for draft in end.fallbacks:
                    _recorded(connection, draft, now)
            return _loaded(connection, delivery_id)

    def reset(self, delivery_id: int, now: datetime) -> Delivery:
        """Make a dead or failed one pending, to be sent as it was recorded; nothing happens to any other."""
        with self._database.write() as connection:
            if _locked(connection, delivery_id)["state"] in (DeliveryState.DEAD, DeliveryState.FAILED):
                _change(connection, delivery_id, state=DeliveryState.PENDING, due_at=now)
            return _loaded(connection, delivery_id)

    def get(self, delivery_id: int) -> Delivery | None:
        """One delivery with its attempts, oldest first."""
        with self._database.read() as connection:
            return delivery_of(connection, delivery_id)

    def list(
        self,
        *,
        states: Sequence[DeliveryState] = (),
        channels: Sequence[str] = (),
        release: str | None = None,
        limit: int | None = None,
    ) -> tuple[Delivery, ...]:
        """Deliveries, newest first; an empty filter lets everything through."""
        query = select(DELIVERIES).order_by(DELIVERIES.c.id.desc()).limit(limit)
        if states:
            query = query.where(DELIVERIES.c.state.in_(states))
        if channels:
            query = query.where(DELIVERIES.c.channel.in_(channels))
        if release is not None:
            query = query.where(DELIVERIES.c.release == release)
        return self._all(query)

    def unfinished(self, channels: Sequence[str]) -> tuple[Delivery, ...]:
        """What a run that was cut short left to be done, oldest first; not what it had to leave unknown."""
        open_ended = DELIVERIES.c.state.in_((*_SENDABLE, DeliveryState.SENDING))
        to_be_looked_for = (DELIVERIES.c.state == DeliveryState.UNKNOWN) & DELIVERIES.c.due_at.is_not(None)
        query = select(DELIVERIES).where(open_ended | to_be_looked_for, DELIVERIES.c.channel.in_(channels))
        return self._all(query.order_by(DELIVERIES.c.id))

    def fallbacks_of(self, ids: Sequence[int]) -> tuple[Delivery, ...]:
        """The deliveries that stand in for these, oldest first."""
        return self._all(select(DELIVERIES).where(DELIVERIES.c.fallback_for.in_(ids)).order_by(DELIVERIES.c.id))

    def earlier(self, delivery: Delivery, *, elsewhere: bool = False) -> str | None:
        """The reference of the last delivery before this one that told the same channel of the same incident.

        In the same release, or ``elsewhere``: in another one. What is about no issue has nothing to do with other releases.
        """
        if elsewhere and not delivery.incident:
            return None
        same = [getattr(DELIVERIES.c, name) == getattr(delivery, name) for name in ("channel", "kind", "incident")]
        is_same = DELIVERIES.c.release == delivery.release
        same.append(~is_same if elsewhere else is_same)
        environment = DELIVERIES.c.environment.is_not_distinct_from(delivery.environment)
        told = DELIVERIES.c.reference.is_not(None) & (DELIVERIES.c.state == DeliveryState.DELIVERED)
        query = select(DELIVERIES.c.reference).where(*same, environment, told, DELIVERIES.c.id < delivery.id)
        with self._database.read() as connection:
            return connection.execute(query.order_by(DELIVERIES.c.id.desc()).limit(1)).scalar()

    def about(self, issue_id: str, channels: Sequence[str], *, environment: str | None) -> tuple[Delivery, ...]:
        """What these channels took, or may have taken, of reports that name the issue, oldest first.

        ``environment`` leaves out those of another one; not those of reports that know none.
        """
        told = DELIVERIES.c.state.in_((DeliveryState.DELIVERED, DeliveryState.UNKNOWN)) & DELIVERIES.c.channel.in_(channels)
        named = REPORTS.c.document.contains(f'"id":{json.dumps(issue_id)}', autoescape=True)
        query = select(DELIVERIES).join(REPORTS, DELIVERIES.c.report_id == REPORTS.c.id).where(told, named)
        if environment is not None:
            query = query.where((DELIVERIES.c.environment == environment) | DELIVERIES.c.environment.is_(None))
        return self._all(query.order_by(DELIVERIES.c.id))

    def said_since(self, moment: datetime) -> tuple[tuple[Delivery, str], ...]:
        """What was recorded since, oldest first, with the reports; not what is dead, or stands in for another."""
        query = select(DELIVERIES.c.id).where(DELIVERIES.c.created_at >= moment, DELIVERIES.c.state != DeliveryState.DEAD)
        found = self._all(select(DELIVERIES).where(DELIVERIES.c.id.in_(query), DELIVERIES.c.fallback_for.is_(None)))
        return tuple((delivery, self.report_of(delivery.id) or "") for delivery in sorted(found, key=lambda one: one.id))

    def drop_held(self, draft: Draft, now: datetime) -> None:
        """Forget what waits to be said to the same channel about the same incident: ``draft`` says it all, and later."""
        waiting = (DELIVERIES.c.state == DeliveryState.PENDING) & (DELIVERIES.c.due_at > now) & (DELIVERIES.c.key != draft.key)
        same = (getattr(DELIVERIES.c, name) == getattr(draft, name) for name in ("channel", "kind", "release", "incident"))
        with self._database.write() as connection:
            connection.execute(delete(DELIVERIES).where(waiting, *same))

    def report_of(self, delivery_id: int) -> str | None:
        """The document that the delivery was composed from."""
        query = select(REPORTS.c.document).join(DELIVERIES, DELIVERIES.c.report_id == REPORTS.c.id)
        with self._database.read() as connection:
            return connection.execute(query.where(DELIVERIES.c.id == delivery_id)).scalar()

    def prune(self, before: datetime, *, states: Sequence[DeliveryState] = _SETTLED) -> int:
        """Forget deliveries made before a time, and how many those were. What is forgotten may be said again."""
        old = _made(before, states)
        with self._database.write() as connection:
            gone = connection.execute(delete(DELIVERIES).where(DELIVERIES.c.id.in_(old))).rowcount
            connection.execute(delete(REPORTS).where(REPORTS.c.id.not_in(select(DELIVERIES.c.report_id))))
        return gone

    def count(self, before: datetime, *, states: Sequence[DeliveryState] = _SETTLED) -> int:
        """How many ``prune`` would forget."""
        with self._database.read() as connection:
            return len(connection.execute(_made(before, states)).all())

    def _all(self, query: Select[Any]) -> tuple[Delivery, ...]:
        with self._database.read() as connection:
            return deliveries_of(connection, query)


def _made(before: datetime, states: Sequence[DeliveryState]) -> Select[tuple[int]]:
    return select(DELIVERIES.c.id).where(DELIVERIES.c.created_at < before, DELIVERIES.c.state.in_(states))


def _recorded(connection: Connection, draft: Draft, now: datetime) -> Delivery:
    query = select(DELIVERIES).where(DELIVERIES.c.key == draft.key).with_for_update()
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        _insert(connection, draft, now)
        row = connection.execute(query).mappings().one()
    elif row["state"] == DeliveryState.DEAD and not draft.error:
        report_id = _report_id(connection, draft.report)
        _change(connection, row["id"], state=DeliveryState.PENDING, due_at=None, payload=draft.payload, report_id=report_id)
    return _loaded(connection, row["id"])


def _insert(connection: Connection, draft: Draft, now: datetime) -> None:
    values = {
        "key": draft.key,
        "channel": draft.channel,
        "kind": draft.kind,
        "release": draft.release,
        "environment": draft.environment,
        "incident": draft.incident,
        "payload": draft.payload,
        "report_id": _report_id(connection, draft.report),
        "fallback_for": draft.fallback_for,
        "state": DeliveryState.DEAD if draft.error else DeliveryState.PENDING,
        "created_at": now,
        "due_at": draft.due_at,
    }
    # Somebody else may have recorded the same since it was looked for (PostgreSQL has no lock on what is not there).
    made = connection.execute(_insert_new(connection, DELIVERIES, "key").values(values).returning(DELIVERIES.c.id)).scalar()
    if made is not None and draft.error:
        failure = {"started_at": now, "ended_at": now, "error": draft.error}
        connection.execute(insert(ATTEMPTS).values(delivery_id=made, **failure))


def _report_id(connection: Connection, document: str) -> int:
    digest = hashlib.sha256(document.encode()).hexdigest()
    connection.execute(_insert_new(connection, REPORTS, "digest").values(digest=digest, document=document))
    return int(connection.execute(select(REPORTS.c.id).where(REPORTS.c.digest == digest)).scalar_one())


def _insert_new(connection: Connection, table: Table, unique: str) -> Insert:
    """An insert that does nothing where the unique column has the value already."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing(index_elements=[unique])
    return sqlite.insert(table).on_conflict_do_nothing(index_elements=[unique])


def _locked(connection: Connection, delivery_id: int) -> RowMapping:
    """The row, locked until the transaction ends (SQLite has locked everything already)."""
    return connection.execute(select(DELIVERIES).where(DELIVERIES.c.id == delivery_id).with_for_update()).mappings().one()


def _taken(connection: Connection, row: RowMapping, lease: Lease, now: datetime) -> Claim:
    if row["state"] in _SENDABLE:
        return _begun(connection, row, lease, now)
    if row["state"] == DeliveryState.SENDING:
        open_attempts = update(ATTEMPTS).where(ATTEMPTS.c.delivery_id == row["id"], ATTEMPTS.c.ended_at.is_(None))
        connection.execute(open_attempts.values(ended_at=now, error=INTERRUPTED))
    _change(connection, row["id"], state=DeliveryState.UNKNOWN, holder=lease.holder, held_until=lease.until, due_at=now)
    return Claim(_loaded(connection, row["id"]), held=True)


def _begun(connection: Connection, row: RowMapping, lease: Lease, now: datetime) -> Claim:
    held = {"holder": lease.holder, "held_until": lease.until}
    _change(connection, row["id"], state=DeliveryState.SENDING, due_at=None, **held)
    connection.execute(insert(ATTEMPTS).values(delivery_id=row["id"], holder=lease.holder, started_at=now))
    return Claim(_loaded(connection, row["id"]), held=True)


def _end_attempt(connection: Connection, delivery_id: int, holder: str, attempt: Attempt) -> None:
    values = {
        "ended_at": attempt.ended_at,
        "status": attempt.status,
        "headers": json.dumps(attempt.headers),
        "answer": attempt.answer,
        "error": attempt.error,
    }
    ours = (ATTEMPTS.c.delivery_id == delivery_id) & (ATTEMPTS.c.holder == holder) & (ATTEMPTS.c.ended_at.is_(None))
    if not connection.execute(update(ATTEMPTS).where(ours).values(values)).rowcount:
        row = {"delivery_id": delivery_id, "holder": holder, "started_at": attempt.started_at}
        connection.execute(insert(ATTEMPTS).values(row | values))


def _change(connection: Connection, delivery_id: int, **values: Any) -> None:
    connection.execute(update(DELIVERIES).where(DELIVERIES.c.id == delivery_id).values(values))


def _loaded(connection: Connection, delivery_id: int) -> Delivery:
    delivery = delivery_of(connection, delivery_id)
    if delivery is None:  # it is locked by this transaction
        raise LookupError(delivery_id)
    return delivery
