"""The state of a project: what was delivered, how far the watches came, and what was deployed."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from deploywatch.store.checkpoints import Checkpoints
from deploywatch.store.database import Database, open_database
from deploywatch.store.deliveries import Deliveries
from deploywatch.store.deploys import Deploys


class Store:
    """One database with all memories. Several processes may have it open at once; a forked process opens its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.deliveries = Deliveries(database)
        self.checkpoints = Checkpoints(database)
        self.deploys = Deploys(database)

    @classmethod
    def open(cls, location: str | Path, *, sleep: Callable[[float], None] = time.sleep) -> Self:
        """Open a SQLite file (a path, or ``sqlite:///FILE``) or a ``postgresql://`` database; make or migrate its tables.

        Raises ``ConfigError`` for another address, and ``StateError`` where the place cannot be written, the file is damaged or
        foreign, the server does not answer, or a newer deploywatch has changed the schema.
        """
        return cls(open_database(location, sleep=sleep))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._database.close()
