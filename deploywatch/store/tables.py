"""The tables, in SQLAlchemy Core. They begin with ``deploywatch_`` because a PostgreSQL database may be shared with others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Column, ForeignKey, Index, Integer, MetaData, PrimaryKeyConstraint, String, Table, Text, TypeDecorator


class UtcTime(TypeDecorator[datetime]):
    """An aware UTC time as ISO 8601 text of fixed width: it sorts as text, and reads the same in both databases."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Any) -> str | None:
        """To text, in UTC, with microseconds."""
        return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, _: Any) -> datetime | None:
        """From text."""
        return None if value is None else datetime.fromisoformat(value)


METADATA: Final = MetaData()

SCHEMA: Final = Table(
    "deploywatch_schema",
    METADATA,
    Column("version", Integer, nullable=False),
)

REPORTS: Final = Table(
    "deploywatch_reports",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("document", Text, nullable=False),
)

DELIVERIES: Final = Table(
    "deploywatch_deliveries",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("channel", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("release", Text, nullable=False),
    Column("environment", Text),
    Column("incident", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("report_id", ForeignKey("deploywatch_reports.id"), nullable=False),
    Column("fallback_for", ForeignKey("deploywatch_deliveries.id", ondelete="SET NULL")),
    Column("state", String(16), nullable=False),
    Column("reference", Text),
    Column("created_at", UtcTime, nullable=False),
    Column("due_at", UtcTime),
    Column("holder", Text),
    Column("held_until", UtcTime),
    Index("deploywatch_deliveries_by_state", "state", "channel"),
    sqlite_autoincrement=True,  # a pruned delivery's number must not come back as another's
)

ATTEMPTS: Final = Table(
    "deploywatch_attempts",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("delivery_id", ForeignKey("deploywatch_deliveries.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("holder", Text),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("status", Integer),
    Column("headers", Text, nullable=False, default="[]"),
    Column("answer", Text),
    Column("error", Text),
)

DEPLOYS: Final = Table(
    "deploywatch_deploys",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("repository", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("release", Text, nullable=False),
    Column("sha", String(64), nullable=False),
    Column("deployed_at", UtcTime, nullable=False),
    Index("deploywatch_deploys_by_line", "repository", "scope", "environment"),
)

CHECKPOINTS: Final = Table(
    "deploywatch_checkpoints",
    METADATA,
    Column("release", Text),
    Column("environment", Text),
    Column("document", Text, nullable=False),
    Column("saved_at", UtcTime, nullable=False),
    PrimaryKeyConstraint("release", "environment"),
)
