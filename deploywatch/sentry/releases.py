"""Releases: create, finalize, read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from deploywatch.errors import ConfigError, SentryError, SentryUnavailable
from deploywatch.model import Release
from deploywatch.sentry.addresses import with_projects
from deploywatch.sentry.client import PAGE_SIZE, Call, Client, Query
from deploywatch.sentry.retry import COMMITS
from deploywatch.sentry.versions import validate_version
from deploywatch.sentry.wire import ReleaseCommitWire, ReleaseWire, read, read_all, stamp

SCOPE: Final = "project:releases"
MAX_REF: Final = 200
_CREATED: Final = 201
_COMMIT_PAGES: Final = 5


def create_release(
    client: Client, version: str, projects: Sequence[str], *, url: str | None = None, ref: str | None = None
) -> tuple[Release, bool]:
    """Make sure that the release exists in ``projects`` (slugs) with this ``url`` and ``ref`` (the head's sha).

    Returns it and whether it is new, or new to one of the projects. Asking twice does no harm.
    """
    name = validate_version(version)
    if not projects:
        raise ConfigError(
            "there is no Sentry project for the release", hint="set SENTRY_PROJECT to the project's slug, or use --project"
        )
    wanted = {key: value for key, value in (("url", url), ("ref", ref[:MAX_REF] if ref else None)) if value}
    body = {"version": name, "projects": [_project(slug) for slug in projects], **wanted}
    found, created = _post(client, name, body)
    if any(getattr(found, key) != value for key, value in wanted.items()):
        # A POST never changes a release that was there already.
        found = _put(client, name, wanted)
    return found.noun(), created


def finalize(client: Client, version: str, at: datetime) -> Release:
    """Mark the release as released at ``at``. It can be moved, but never be taken back."""
    return _put(client, validate_version(version), {"dateReleased": stamp(at)}).noun()


def get_release(client: Client, version: str) -> Release:
    """The release. Raises ``SentryNotFound``, also where the token lacks access to just one of its projects."""
    where = release_path(client, validate_version(version))
    return read(ReleaseWire, client.get(where, scope=SCOPE), where).noun()


def recent_releases(
    client: Client, *, environment: str | None = None, projects: Sequence[str] = (), limit: int = 100
) -> tuple[Release, ...]:
    """Up to ``limit`` releases, newest *created* first; with an environment only those with a deploy or an event in it.

    Servers that do not know the filters ignore them: look at ``projects`` and ``last_deploy`` of what comes.
    """
    query = [("per_page", str(min(limit, PAGE_SIZE)))]
    query += [("environment", environment)] if environment else []
    where = client.path("releases")

    def ask(named: Query) -> tuple[ReleaseWire, ...]:
        return read_all(ReleaseWire, client.pages(where, [*query, *named], scope=SCOPE, limit=-(-limit // PAGE_SIZE)), where)

    return tuple(wire.noun() for wire in with_projects(client, projects, ask)[:limit])


def last_commit_in(client: Client, version: str, repository: str) -> str | None:
    """The newest of the release's commits that are of this repository (its name in Sentry), among the newest few hundred."""
    where = client.path("releases", validate_version(version), "commits")
    found = (read(ReleaseCommitWire, item, where) for item in client.pages(where, scope=SCOPE, limit=_COMMIT_PAGES))
    return next((one.id for one in found if one.repository and one.repository.name == repository), None)


def release_path(client: Client, version: str) -> str:
    """Where the release is; ``version`` is a valid one."""
    return client.path("releases", version)


def _project(slug: str) -> str | int:
    """Servers take text for a slug even if it is all digits, so a numeric id goes as a number (as sentry-cli does it)."""
    return int(slug) if slug.isascii() and slug.isdigit() else slug


def _post(client: Client, version: str, body: dict[str, Any]) -> tuple[ReleaseWire, bool]:
    where = client.path("releases")
    try:
        answer = client.call(Call("POST", where, body=body, scope=SCOPE, repeat=COMMITS))
    except SentryUnavailable as error:
        if error.status != 500:
            raise
        return _existing(client, version, error), False
    return read(ReleaseWire, answer.json, where), answer.status == _CREATED


def _existing(client: Client, version: str, trouble: SentryUnavailable) -> ReleaseWire:
    """The release behind an answer 500: GlitchTip gives that for a release that exists, where Sentry answers 208."""
    where = release_path(client, version)
    try:
        return read(ReleaseWire, client.get(where, scope=SCOPE), where)
    except SentryError:
        raise trouble from None


def _put(client: Client, version: str, body: dict[str, Any]) -> ReleaseWire:
    where = release_path(client, version)
    return read(ReleaseWire, client.call(Call("PUT", where, body=body, scope=SCOPE)).json, where)
