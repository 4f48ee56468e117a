"""What a release is made of: the commits of its repositories, narrowed to its paths, under the names that Sentry knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deploywatch.errors import UsageError
from deploywatch.history.touching import touching
from deploywatch.model import CommitWindow, ReleasedRepository
from deploywatch.requests import CodeRequest, ReleaseRequest
from deploywatch.sentry.commits import commit_payloads
from deploywatch.sentry.repositories import NamedRepository, name_in_sentry
from deploywatch.settings import OtherRepository
from deploywatch.steps.base import Deployment
from deploywatch.steps.code import Code, fetching_of, find_code, name_at_remote, name_of
from deploywatch.steps.earlier import EarlierDeploy, Line, other_deploys, package_of

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.history.repository import Repository
    from deploywatch.sentry.client import Client


@dataclass(frozen=True, slots=True)
class Part:
    """One repository of a release: its code, those of its commits that are the release's, and its names, ours and Sentry's."""

    code: Code
    window: CommitWindow
    own_name: str
    named: NamedRepository


@dataclass(frozen=True, slots=True)
class Composition:
    """All repositories of a release; the first is the one that is deployed. ``warnings`` tell of what is odd about them."""

    parts: tuple[Part, ...]
    warnings: tuple[str, ...] = ()

    @property
    def main(self) -> Part:
        """The repository that is deployed."""
        return self.parts[0]

    @property
    def also(self) -> tuple[ReleasedRepository, ...]:
        """The others."""
        return tuple(
            ReleasedRepository(part.named.name, part.code.base, part.code.base_found_by, part.code.head, len(part.window))
            for part in self.parts[1:]
        )

    def payloads(self) -> list[dict[str, Any]]:
        """The commits as Sentry is told of them, newest first."""
        first, *others = ((part.window, part.named.name) for part in self.parts)
        return commit_payloads(*first, also=others)


def compose(setup: Setup, client: Client, request: ReleaseRequest, code: Code, version: str) -> Composition:
    """What the release ``version`` is made of. Raises GitError, and UsageError where a further repository's base is not found.

    A rollback is made of nothing: what it takes away must not count as the release's.
    """
    paths = _paths(setup, client, request)
    parts = [_part(setup, client, code, paths, name_of(setup, code.repository))]
    warnings = [] if parts[0].window.commits or not code.new.commits else [_nothing_touches(code, paths)]
    for other in _others(setup, request):
        found = _other_code(setup, client, other, request, version)
        parts.append(_part(setup, client, found, other[0].paths, _own_name(setup, found.repository, other[0])))
        warnings += [f"{parts[-1].own_name}: {warning}" for warning in found.warnings]
    return Composition(tuple(parts), (*warnings, *(part.named.warning for part in parts if part.named.warning)))


def _part(setup: Setup, client: Client, code: Code, paths: tuple[str, ...], name: str) -> Part:
    nothing = CommitWindow(code.head, code.head, ())
    window = nothing if code.rollback else _narrowed(code, paths)
    address = code.repository.remote_url(setup.settings.repository.remote)
    return Part(code, window, name, name_in_sentry(client, name, address))


def _narrowed(code: Code, paths: tuple[str, ...]) -> CommitWindow:
    window = code.window
    if not paths or not window.commits:
        return window
    chosen = touching(code.repository.git, [commit.sha for commit in window.commits], paths)
    return CommitWindow(window.base, window.head, tuple(commit for commit in window.commits if commit.sha in chosen))


def _paths(setup: Setup, client: Client, request: ReleaseRequest) -> tuple[str, ...]:
    """The command line's, else those of the release's projects, where each has its own, else those of the repository."""
    if request.paths:
        return request.paths
    ours = setup.settings.repository
    projects = client.connection.projects
    if projects and all(project in ours.project_paths for project in projects):
        return tuple(dict.fromkeys(path for project in projects for path in ours.project_paths[project]))
    return ours.paths


def _nothing_touches(code: Code, paths: tuple[str, ...]) -> str:
    return f"none of the {len(code.new)} commits since {code.base[:10]} touches {', '.join(paths)}: the release has no commits"


def _others(setup: Setup, request: ReleaseRequest) -> Iterator[tuple[OtherRepository, str | None]]:
    """The further repositories, each with the base that was given: those of the configuration, then those of the command line."""
    given = {folder.absolute(): base for folder, base in request.also}
    for other in setup.settings.repositories:
        yield other, given.pop(other.path.absolute(), None)
    for folder, base in given.items():
        yield OtherRepository(path=folder), base


def _other_code(
    setup: Setup, client: Client, other: tuple[OtherRepository, str | None], request: ReleaseRequest, version: str
) -> Code:
    settings, base = other
    environment = setup.environment_or_none(request.place.environment)

    def before(repository: Repository, _: Deployment) -> Iterator[EarlierDeploy]:
        name = _own_name(setup, repository, settings)
        known = name_in_sentry(client, name, repository.remote_url(setup.settings.repository.remote)).name
        return other_deploys(setup, client, Line(name, client.connection.projects, environment, package_of(version)), known)

    try:
        return find_code(
            CodeRequest(repo=settings.path, base=base),
            environ=setup.environ,
            before=before,
            release=lambda _: version,
            fetching=fetching_of(setup),
            say=setup.say,
        )
    except UsageError as trouble:
        raise UsageError(
            f"{settings.path}: {trouble.message}",
            hint=f"say which commit of it was deployed before: --also {settings.path}=REV",
        ) from trouble


def _own_name(setup: Setup, repository: Repository, other: OtherRepository) -> str:
    return other.name or name_at_remote(setup, repository)
