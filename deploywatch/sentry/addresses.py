"""What differs between servers: issues below the organisation or not, projects by slug or by number, and what is not there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from deploywatch.errors import (
    SentryAuthError,
    SentryEndpointMissing,
    SentryError,
    SentryNotFound,
    SentryRejected,
    SentryUnavailable,
)
from deploywatch.sentry.client import Client, Query, api_path
from deploywatch.sentry.wire import ProjectWire, read

_Result = TypeVar("_Result")


def at_issue(client: Client, issue_id: str, *rest: str, ask: Callable[[str], _Result]) -> _Result:
    """``ask`` at the issue's address below the organisation; where the server lacks that one, at the older ``/issues/{id}/``."""
    try:
        return ask(client.path("issues", issue_id, *rest))
    except SentryEndpointMissing:
        return ask(api_path("issues", issue_id, *rest))


def with_projects(client: Client, slugs: Sequence[str], ask: Callable[[Query], _Result]) -> _Result:
    """``ask`` with the query parameters that name the projects: slugs, or numbers for a server that wants those.

    Sentry of 2023 refuses slugs with 400 and that of 2019 with 500; the numbers are then looked up once per client.
    """
    known = [client.project_numbers.get(slug, slug) for slug in slugs]
    try:
        return ask([("project", name) for name in known])
    except (SentryRejected, SentryUnavailable) as error:
        if error.status not in (400, 422, 500) or all(name.isdigit() for name in known):
            raise
        try:
            client.project_numbers.update({slug: _number(client, slug) for slug in slugs if slug not in client.project_numbers})
        except SentryError:
            raise error from None
    return ask([("project", client.project_numbers[slug]) for slug in slugs])


def tell(ask: Callable[[], _Result]) -> _Result | None:
    """The answer, or ``None`` where this server or this token cannot tell. That a server is down remains an error."""
    try:
        return ask()
    except (SentryEndpointMissing, SentryNotFound, SentryRejected, SentryAuthError):
        return None


def _number(client: Client, slug: str) -> str:
    if slug.isdigit():
        return slug
    where = api_path("projects", client.connection.org, slug)
    return read(ProjectWire, client.get(where, scope="project:read"), where).id
