"""Which commit is the fix of an issue, and which releases contain it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from deploywatch.errors import UsageError
from deploywatch.history.containment import Containment, fix_of, revert_of
from deploywatch.history.repository import Repository
from deploywatch.model import Issue, Release
from deploywatch.sentry.releases import recent_releases
from deploywatch.steps.deployed import first_deployed
from deploywatch.steps.earlier import commit_of

if TYPE_CHECKING:
    from deploywatch.sentry.client import Client

_SHA_IN_VERSION: Final = re.compile(r"(?:^|[@+])([0-9a-f]{7,64})$")


@dataclass(frozen=True, slots=True)
class Fix:
    """The commit, and the rule that found it: ``given``, ``message`` (it says "Fixes SHOP-4F") or ``revert`` (of the suspect)."""

    sha: str
    found_by: str


@dataclass(frozen=True, slots=True)
class Carrier:
    """A release with the fix, and since when it serves the environment."""

    version: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Carriers:
    """The releases with the fix, the first to serve first, and those of which nobody knows whether they have it."""

    with_fix: tuple[Carrier, ...]
    unknown: frozenset[str]


def find_fix(repository: Repository, issue: Issue, *, given: str | None, head: str, suspects: Iterable[str]) -> Fix:
    """The fix: what was given, else the newest commit that names the issue, else what takes back one of the ``suspects``.

    Raises ``UsageError`` where there is none, and GitError and its kinds.
    """
    if given is not None:
        return Fix(repository.resolve(given), "given")
    if named := fix_of(repository, issue.short_id, head):
        return Fix(named, "message")
    if taken_back := next(filter(None, (revert_of(repository, sha, head) for sha in suspects)), None):
        return Fix(taken_back, "revert")
    raise UsageError(
        f"no commit before {head[:10]} says that it fixes {issue.short_id}, and none takes back what was suspected",
        hint=f"name it: --fix REV; or write 'Fixes {issue.short_id}' into the message of the commit that fixes it",
    )


def find_carriers(client: Client, repository: Repository, fix: Fix, *, environment: str | None) -> Carriers:
    """Which recent releases contain the fix, by their commits, and serve the environment. Raises ``SentryError``."""
    containment = Containment(repository, fix.sha)
    found, unknown = [], set()
    for release in recent_releases(client, environment=environment, projects=client.connection.projects):
        sha = _commit(repository, release)
        if sha is None:
            unknown.add(release.version)
        elif containment.holds(sha) and (served := first_deployed(client, release.version, environment)):
            found.append(Carrier(release.version, served.at))
    return Carriers(tuple(sorted(found, key=lambda one: one.since)), frozenset(unknown))


def _commit(repository: Repository, release: Release) -> str | None:
    """The commit of the release, where this repository has it: as Sentry knows it, else as the version names it, or a tag."""
    return next((repository.resolve(name) for name in _names(release) if repository.has(name)), None)


def _names(release: Release) -> Iterator[str]:
    yield from filter(None, (commit_of(release), release.last_commit))
    if named := _SHA_IN_VERSION.search(release.version):
        yield named[1]
    bare = release.version.rpartition("@")[2]
    yield from (f"refs/tags/{tag}" for tag in dict.fromkeys((release.version, bare, f"v{bare}")))
