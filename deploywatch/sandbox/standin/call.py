"""One request as the handlers see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from deploywatch.sandbox.standin.answers import Refusal, forbidden, not_found
from deploywatch.sandbox.standin.auth import Token
from deploywatch.sandbox.standin.records import Project
from deploywatch.sandbox.standin.state import State


@dataclass(frozen=True, slots=True)
class Call:
    """A request that got past the door: its token is valid and has the scope.

    ``base`` is scheme and host; ``url`` is the address without its query.
    """

    state: State
    token: Token
    path: Mapping[str, str]
    query: QueryParams
    body: object
    base: str
    url: str
    user_agent: str | None

    def json(self) -> dict[str, Any]:
        """The body as an object. Answers 400 when it is none."""
        if not isinstance(self.body, dict):
            raise Refusal(400, {"non_field_errors": ["Invalid data. Expected a dictionary."]})
        return self.body

    def project(self) -> Project:
        """The project of the address. Answers 404 when there is none."""
        found = self.state.find_project(self.path["project"])
        if found is None:
            raise not_found()
        return found

    def projects(self) -> list[Project]:
        """The projects of the address or of the ``project`` parameters; all of them where none is named.

        Answers 403 for one that does not exist, as real Sentry does.
        """
        if "project" in self.path:
            return [self.project()]
        names = [name for name in (*self.query.getlist("project"), *self.query.getlist("projectSlug")) if name]
        if not names or "-1" in names:
            return list(self.state.projects)
        found = [self.state.find_project(name) for name in names]
        if None in found:
            raise forbidden()
        return [project for project in found if project is not None]

    def environments(self) -> list[str]:
        """The ``environment`` parameters. Answers 404 for one in which nothing ever happened."""
        names = [name for name in self.query.getlist("environment") if name]
        if any(name not in self.state.environments for name in names):
            raise not_found()
        return names
