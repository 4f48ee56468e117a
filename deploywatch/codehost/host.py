"""The port: what owners ask of a code host. And its way there: one GET, whose failure is an answer, too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Protocol
from urllib.parse import quote

from deploywatch.http import FailureKind, Http, HttpFailure
from deploywatch.owners.people import Identity
from deploywatch.owners.rules import Problem

TIMEOUT: Final = timedelta(seconds=10)


class CodeHost(Protocol):
    """A repository on its code host. Nothing raises: what the host or the token does not tell is empty, or ``None``."""

    def people_of(self, sha: str) -> tuple[Identity, ...]:
        """Whom the host takes the author and the committer of a commit for; robots are left out."""
        ...

    def opened_by(self, sha: str) -> Identity | None:
        """Who opened the pull or merge request that brought a commit; ``None`` for a robot, or where there is none."""
        ...

    def owner_file_errors(self, rev: str) -> tuple[Problem, ...] | None:
        """What the host itself finds wrong in the owner file at a commit; ``None`` where it does not tell."""
        ...


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads JSON below ``base`` (no slash at its end). ``headers`` hold the token."""

    http: Http
    base: str
    headers: Mapping[str, str] = field(repr=False)

    def get(self, path: str) -> Any:
        """The JSON at ``path``; ``None`` for any answer but a good one. A connection that was lost is tried once more."""
        for _ in range(2):
            try:
                response = self.http.request("GET", self.base + path, headers=self.headers, timeout=TIMEOUT)
                return response.json() if response.status == 200 else None
            except HttpFailure as failure:
                if failure.kind is not FailureKind.RESET:
                    return None
            except ValueError:
                return None
        return None


def member(value: Any, *keys: str) -> Any:
    """What stands below ``keys``; ``None`` where something else is there."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def text(value: Any, *keys: str) -> str | None:
    """A text that stands below ``keys``, if it is one and not empty."""
    found = member(value, *keys)
    return found if isinstance(found, str) and found else None


def segment(value: str) -> str:
    """A value as one segment of a path."""
    return quote(value, safe="")
