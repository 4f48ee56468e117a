"""Which code is deployed: the repository, its head and the window since the deploy before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from deploywatch.errors import DeployWatchError, SentryError, UnknownRevision, UsageError
from deploywatch.history.base import previous_version_tag
from deploywatch.history.repository import Repository
from deploywatch.model import CommitWindow, Release
from deploywatch.requests import CodeRequest

if TYPE_CHECKING:
    from deploywatch.sentry.client import Client

_RELEASES_LOOKED_AT: Final = 20
_NO_BASE: Final = (
    "say which commit was deployed before: --base REV. It is found by itself from the last release that was deployed to the "
    "environment, or from a version tag before head"
)


@dataclass(frozen=True, slots=True)
class Code:
    """A window and how its base was found: ``given``, ``last-deploy`` or ``version-tag``."""

    repository: Repository
    window: CommitWindow
    base_found_by: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeployedBefore:
    """What Sentry knows of the release that was deployed before: its name and its last commit."""

    release: str
    sha: str


def find_code(
    request: CodeRequest, *, environ: Mapping[str, str] | None = None, before: Callable[[], DeployedBefore | None] = lambda: None
) -> Code:
    """The window of ``request``.

    Without a base it asks ``before`` for the last deploy, then looks for a version tag; it never guesses. ``environ`` is what git
    is started with (``None``: that of this process). Raises GitError and its kinds, and UsageError where no base can be found.
    """
    repository = Repository.open(request.repo, environ=environ)
    head = repository.resolve(request.head)
    warnings: list[str] = []
    base, rule = _base(repository, request, head, before, warnings)
    return Code(repository, repository.window(base, head), rule, tuple(warnings))


def _base(
    repository: Repository,
    request: CodeRequest,
    head: str,
    before: Callable[[], DeployedBefore | None],
    warnings: list[str],
) -> tuple[str, str]:
    if request.base is not None:
        return repository.resolve(request.base), "given"
    deployed = before()
    if deployed and (sha := _usable(repository, deployed, head, warnings)):
        return sha, "last-deploy"
    tag = previous_version_tag(repository, head)
    if tag:
        return repository.resolve(f"refs/tags/{tag}"), "version-tag"
    raise UsageError("no base for the commit window was given, and none could be found", hint=_NO_BASE)


def _usable(repository: Repository, deployed: DeployedBefore, head: str, warnings: list[str]) -> str | None:
    """The commit of the last deploy, where it is here and leads to head; else a warning says why it was passed over."""
    try:
        sha = repository.resolve(deployed.sha)
    except UnknownRevision:
        warnings.append(
            f"the last deployed commit {deployed.sha[:10]} ({deployed.release}) is not in this repository: "
            "it was rewritten, or never pushed"
        )
        return None
    if repository.is_ancestor(sha, head):
        return sha
    warnings.append(
        f"the last deployed commit {sha[:10]} ({deployed.release}) is not an ancestor of {head[:10]}, so it cannot be the base"
    )
    return None


def at_release(client: Client, version: str | None, request: CodeRequest) -> CodeRequest:
    """The same request with the release's own commit as head, where no head was named, Sentry knows it and it is here.

    Lines of a failure belong to the code that was deployed, and what is checked out may have moved on since.
    """
    from deploywatch.sentry.releases import get_release

    if request.head != "HEAD" or not version:
        return request
    try:
        known = get_release(client, version)
        repository = Repository.open(request.repo)
    except DeployWatchError:
        return request
    for sha in (known.ref, known.last_commit):
        if sha and repository.has(sha):
            return replace(request, head=sha)
    return request


def deployed_before(client: Client, *, version: str | None, environment: str | None) -> DeployedBefore | None:
    """The newest other release that was deployed to the environment and has commits, or ``None``.

    Trouble with Sentry is not told here: whoever goes on with it meets it again.
    """
    from deploywatch.sentry.releases import recent_releases

    try:
        found = recent_releases(client, environment=environment, projects=client.connection.projects)
        for release in found[:_RELEASES_LOOKED_AT]:
            if release.version != version and release.last_commit and _was_deployed(client, release, environment):
                return DeployedBefore(release.version, release.last_commit)
    except SentryError:
        return None
    return None


def _was_deployed(client: Client, release: Release, environment: str | None) -> bool:
    """Whether it was ever deployed there: the last deploy that a release tells of may have been to another environment."""
    from deploywatch.sentry.deploys import deploys

    if release.last_deploy is None:
        return False
    if release.last_deploy.environment == environment:
        return True
    return any(deploy.environment == environment for deploy in deploys(client, release.version))
