"""Where a watch was when it was last seen, so that a killed one goes on instead of beginning again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, insert, select, update

from deploywatch.errors import StateError
from deploywatch.store.database import Database
from deploywatch.store.tables import CHECKPOINTS

_ANY_ENVIRONMENT: Final = ""


class Checkpoints:
    """One JSON document per release and environment (``None``: any). All methods raise ``StateError`` if the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, release: str, environment: str | None) -> dict[str, Any] | None:
        """What was put last, or ``None``."""
        with self._database.read() as connection:
            text = connection.execute(select(CHECKPOINTS.c.document).where(_at(release, environment))).scalar()
        if text is None:
            return None
        try:
            return dict(json.loads(text))
        except (ValueError, TypeError) as error:
            raise StateError(
                f"what is remembered of the watch of {release} cannot be read", hint="watch it again from its start"
            ) from error

    def put(self, release: str, environment: str | None, document: Mapping[str, Any], now: datetime) -> None:
        """Remember ``document`` (JSON values) in place of what was there. Secrets must be taken out before."""
        values = {"document": json.dumps(document, allow_nan=False), "saved_at": now}
        where = {"release": release, "environment": environment or _ANY_ENVIRONMENT}
        with self._database.write() as connection:
            if not connection.execute(update(CHECKPOINTS).where(_at(release, environment)).values(values)).rowcount:
                connection.execute(insert(CHECKPOINTS).values(where | values))

    def drop(self, release: str, environment: str | None) -> None:
        """Forget it; nothing happens where there is none."""
        with self._database.write() as connection:
            connection.execute(delete(CHECKPOINTS).where(_at(release, environment)))


def _at(release: str, environment: str | None) -> ColumnElement[bool]:
    return (CHECKPOINTS.c.release == release) & (CHECKPOINTS.c.environment == (environment or _ANY_ENVIRONMENT))
