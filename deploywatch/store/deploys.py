"""What this deploywatch deployed, for servers that keep no deploys: the newest few of each line of deploys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, insert, select

from deploywatch.store.database import Database
from deploywatch.store.tables import DEPLOYS

KEPT: Final = 50
"""How many deploys of a line are remembered."""


@dataclass(frozen=True, slots=True)
class RememberedDeploy:
    """The release, its commit (a full object name) and when it was deployed (aware UTC)."""

    release: str
    sha: str
    at: datetime


class Deploys:
    """Deploys by repository, scope (the Sentry projects) and environment. All methods raise ``StateError``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def latest(self, repository: str, scope: str, environment: str) -> tuple[RememberedDeploy, ...]:
        """What was put, newest first."""
        here = _at(repository, scope, environment)
        query = select(DEPLOYS.c.release, DEPLOYS.c.sha, DEPLOYS.c.deployed_at).where(here).order_by(DEPLOYS.c.id.desc())
        with self._database.read() as connection:
            return tuple(RememberedDeploy(*row) for row in connection.execute(query))

    def put(self, repository: str, scope: str, environment: str, *, release: str, sha: str, at: datetime) -> None:
        """Remember a deploy. The last one again changes nothing."""
        here = _at(repository, scope, environment)
        newest = select(DEPLOYS.c.release, DEPLOYS.c.sha).where(here).order_by(DEPLOYS.c.id.desc())
        kept = select(DEPLOYS.c.id).where(here).order_by(DEPLOYS.c.id.desc()).limit(KEPT)
        with self._database.write() as connection:
            if connection.execute(newest).first() == (release, sha):
                return
            place = {"repository": repository, "scope": scope, "environment": environment}
            connection.execute(insert(DEPLOYS).values(place | {"release": release, "sha": sha, "deployed_at": at}))
            oldest = min(connection.execute(kept).scalars())
            connection.execute(delete(DEPLOYS).where(here & (DEPLOYS.c.id < oldest)))


def _at(repository: str, scope: str, environment: str) -> ColumnElement[bool]:
    return (DEPLOYS.c.repository == repository) & (DEPLOYS.c.scope == scope) & (DEPLOYS.c.environment == environment)
