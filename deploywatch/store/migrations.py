"""The schema's version, and the way from an older one to this one. It is checked on every opening."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy import Connection, insert, inspect, select, text, update

from deploywatch.errors import StateError
from deploywatch.store.tables import DEPLOYS, METADATA, SCHEMA

Step = Callable[[Connection], None]


def _with_deploys(connection: Connection) -> None:
    DEPLOYS.create(connection)


VERSION: Final = 2
"""The schema that this program reads and writes."""

STEPS: Final[Mapping[int, Step]] = MappingProxyType({1: _with_deploys})
"""Version n -> what turns it into n + 1. A released step never changes."""

# Any number will do that no other program takes for its own advisory lock; these are the letters of "dplw".
_MIGRATION_LOCK: Final = 0x64706C77


def is_current(connection: Connection) -> bool:
    """Whether nothing needs doing. Raises ``StateError`` for a schema newer than this program, or tables that are not ours."""
    found = _version(connection)
    if found is not None and found > VERSION:
        raise StateError(
            f"the state database has schema {found}, and this deploywatch knows schemas up to {VERSION}",
            hint="install the newer deploywatch that wrote it, or give this one a state of its own (state.folder, state.url)",
        )
    return found == VERSION


def migrate(connection: Connection, *, steps: Mapping[int, Step] = STEPS, target: int = VERSION) -> None:
    """Make the tables, or bring older ones up to ``target``. The caller's transaction must be one that writes."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})"))
    found = _version(connection)
    if found is None:
        METADATA.create_all(connection)
        connection.execute(insert(SCHEMA).values(version=target))
        return
    for version in range(found, target):
        steps[version](connection)
    connection.execute(update(SCHEMA).values(version=target))


def _version(connection: Connection) -> int | None:
    tables = inspect(connection).get_table_names()
    if SCHEMA.name in tables:
        return connection.execute(select(SCHEMA.c.version)).scalar()
    if tables and connection.dialect.name == "sqlite":
        raise StateError("the state database belongs to another program", hint="choose another file: state.folder or state.url")
    return None
