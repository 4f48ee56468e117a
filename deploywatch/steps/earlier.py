"""What was deployed to an environment, the newest deploy first: as Sentry knows it, then as this state remembers it."""

from __future__ import annotations

import heapq
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Final

from deploywatch.errors import SentryError, StateError
from deploywatch.model import BaseRule, Deploy, Release

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.sentry.client import Client

_MOST_QUESTIONS: Final = 20
_SHA: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class EarlierDeploy:
    """A deploy: of which release, of which commit (``None``: nobody wrote that down), when it was over, and who knows of it."""

    release: str
    sha: str | None
    at: datetime
    known_by: BaseRule = BaseRule.LAST_DEPLOY


@dataclass(frozen=True, slots=True)
class Line:
    """The line of deploys that a deploy stands in: a repository and Sentry projects to one environment (``None``: none named).

    ``package`` is that of the release: services that share a project are deployed each at its own pace. Where the package has
    no deploy yet, those of all count.
    """

    repository: str
    projects: tuple[str, ...]
    environment: str | None
    package: str | None = None

    @property
    def scope(self) -> str:
        """The projects as one text."""
        return ",".join(sorted(self.projects))


def commit_of(release: Release) -> str | None:
    """The commit that the release was built from: its ``ref`` where that is one (deploywatch writes it), else its last commit."""
    return release.ref if release.ref and _SHA.fullmatch(release.ref) else release.last_commit


def earlier_deploys(setup: Setup, client: Client, line: Line) -> Iterator[EarlierDeploy]:
    """The deploys of the line, newest first: those that Sentry knows, then those that only the state remembers.

    Nothing is asked before it is needed. Trouble with Sentry or with the state is not told here: whoever goes on with them meets
    it again.
    """
    if line.environment is None:
        return
    with suppress(SentryError):
        yield from sentry_deploys(client, line.environment, line.package)
    with suppress(StateError):
        yield from _remembered(setup, line)


def other_deploys(setup: Setup, client: Client, line: Line, name: str) -> Iterator[EarlierDeploy]:
    """The same for a further repository of the release, which Sentry calls ``name``: deploys that had commits of it."""
    from deploywatch.sentry.releases import last_commit_in

    if line.environment is None:
        return
    with suppress(SentryError):
        found = sentry_deploys(
            client, line.environment, line.package, commit=lambda release: last_commit_in(client, release.version, name)
        )
        yield from (deploy for deploy in found if deploy.sha)
    with suppress(StateError):
        yield from _remembered(setup, line)


def sentry_deploys(
    client: Client, environment: str, package: str | None = None, *, commit: Callable[[Release], str | None] = commit_of
) -> Iterator[EarlierDeploy]:
    """The last deploy of each recent release to the environment, newest first; of ``package`` alone, if it has any.

    Raises ``SentryError``.
    """
    from deploywatch.sentry.releases import recent_releases

    found = recent_releases(client, environment=environment, projects=client.connection.projects)
    ours = [release for release in found if package_of(release.version) == package]
    ordered = _in_order(client, ours, environment)
    first = next(ordered, None)
    if first is None:
        ordered = _in_order(client, [release for release in found if release not in ours], environment)
    for release, last in chain([first] if first else [], ordered):
        yield EarlierDeploy(release.version, commit(release), _moment(last))


def package_of(release: str | None) -> str | None:
    """``shop`` of ``shop@1.2.3``."""
    package, at, _ = (release or "").rpartition("@")
    return package if at and package else None


def _in_order(client: Client, found: Sequence[Release], environment: str) -> Iterator[tuple[Release, Deploy]]:
    """Releases with their last deploy to the environment, newest first."""
    # A release tells its last deploy to any environment: no earlier than the one that is looked for, which is asked for when
    # it could be the next.
    queue = [
        (-_moment(release.last_deploy).timestamp(), number, release, release.last_deploy)
        for number, release in enumerate(found)
        if release.last_deploy
    ]
    heapq.heapify(queue)
    questions = 0
    while queue:
        _, number, release, deploy = heapq.heappop(queue)
        if deploy.environment == environment:
            yield release, deploy
        elif questions < _MOST_QUESTIONS:
            questions += 1
            if last := _last(client, release, environment):
                heapq.heappush(queue, (-_moment(last).timestamp(), number, release, last))


def _last(client: Client, release: Release, environment: str) -> Deploy | None:
    from deploywatch.sentry.deploys import deploys

    there = (deploy for deploy in deploys(client, release.version) if deploy.environment == environment)
    return max(there, key=_moment, default=None)


def _moment(deploy: Deploy) -> datetime:
    return deploy.finished_at or deploy.started_at or _LONG_AGO


def _remembered(setup: Setup, line: Line) -> Iterator[EarlierDeploy]:
    if not line.environment:
        return
    from deploywatch.store.store import Store

    with Store.open(setup.state_url(), sleep=setup.sleep) as store:
        kept = store.deploys.latest(line.repository, line.scope, line.environment)
    ours = [one for one in kept if package_of(one.release) == line.package]
    for one in ours or kept:
        yield EarlierDeploy(one.release, one.sha, one.at, BaseRule.OWN_STATE)


def remember(setup: Setup, line: Line, release: str, sha: str) -> None:
    """Write a deploy into the state. Raises ``StateError``."""
    if line.environment is None:
        return
    from deploywatch.store.store import Store

    with Store.open(setup.state_url(), sleep=setup.sleep) as store:
        store.deploys.put(line.repository, line.scope, line.environment, release=release, sha=sha, at=setup.now())
