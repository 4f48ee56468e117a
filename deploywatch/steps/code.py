"""Which code is deployed: the repository, its head and the window since the deploy before."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from deploywatch.errors import DeployWatchError
from deploywatch.history.clone import Clone
from deploywatch.history.fetching import Fetcher, Fetching
from deploywatch.history.remote import repository_name
from deploywatch.history.repository import Repository
from deploywatch.model import Commit, CommitWindow
from deploywatch.pipeline.checkouts import whole_history
from deploywatch.requests import CodeRequest
from deploywatch.steps.base import Base, Deployment, find_base
from deploywatch.steps.earlier import EarlierDeploy, Line, commit_of, earlier_deploys, package_of

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.sentry.client import Client

_SUBJECTS: Final = 5
Before = Callable[[Repository, Deployment], Iterable[EarlierDeploy]]
"""What asks for the deploys before a deployment, newest first, and reads no further than it has to."""


def _nothing(_: Repository, __: Deployment) -> Iterable[EarlierDeploy]:
    return ()


def _unnamed(_: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Code:
    """The window of a deploy and how its base was found (a ``BaseRule``).

    ``rollback``: head lies behind what was deployed before, and the window is what was taken away: its base is the commit that is
    deployed now. ``brought`` is then what the deploy brings nevertheless, most often nothing. ``deploy`` is the one before.
    """

    repository: Repository
    window: CommitWindow
    base_found_by: str
    warnings: tuple[str, ...] = ()
    rollback: bool = False
    brought: CommitWindow | None = None
    deploy: EarlierDeploy | None = None

    @property
    def head(self) -> str:
        """The commit that is deployed now."""
        return self.window.base if self.rollback else self.window.head

    @property
    def base(self) -> str:
        """The commit that the deploy is compared with."""
        return self.window.head if self.rollback else self.window.base

    @property
    def new(self) -> CommitWindow:
        """The window of the commits that the deploy brings: they may be to blame, and are the release's."""
        return self.window if self.brought is None else self.brought


def find_code(
    request: CodeRequest,
    *,
    environ: Mapping[str, str] | None = None,
    before: Before = _nothing,
    release: Callable[[str], str | None] = _unnamed,
    fetching: Fetching | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Code:
    """The window of ``request``.

    Without a base it asks ``before`` for earlier deploys, then looks for a version tag; it never guesses. ``release`` gives the
    name of the release that head is deployed as. ``environ`` is what git is started with (``None``: that of this process). Raises
    GitError and its kinds, and UsageError where no base can be found.
    """
    repository = Repository.open(request.repo, environ=environ)
    unasked = Fetching(advice=whole_history(os.environ if environ is None else environ))
    clone = Clone(repository, Fetcher(repository.git, fetching or unasked, say=say))
    head = clone.resolve(request.head)
    deployment = Deployment(head, release(head))
    base = find_base(clone, request.base, deployment, before(repository, deployment))
    clone.fetch_files(base.sha, head)
    if base.rollback:
        return _rolled_back(repository, base, head)
    return Code(repository, repository.window(base.sha, head, most=request.most), base.rule, base.warnings, deploy=base.deploy)


def _rolled_back(repository: Repository, base: Base, head: str) -> Code:
    taken = repository.commits(head, base.sha)
    brought = CommitWindow(head, head, ())
    if not repository.is_ancestor(head, base.sha):
        brought = CommitWindow(base.sha, head, repository.commits(base.sha, head))
    return Code(
        repository,
        CommitWindow(head, base.sha, taken),
        base.rule,
        (*base.warnings, _goes_back(base, head, taken, brought)),
        rollback=True,
        brought=brought,
        deploy=base.deploy,
    )


def _goes_back(base: Base, head: str, taken: tuple[Commit, ...], brought: CommitWindow) -> str:
    before = f"{base.sha[:10]} ({base.deploy.release})" if base.deploy else base.sha[:10]
    subjects = "; ".join(f"{commit.short_sha} {commit.subject[:60]}" for commit in taken[:_SUBJECTS])
    more = f"; and {len(taken) - _SUBJECTS} more" if len(taken) > _SUBJECTS else ""
    again = f" It brings back {_counted(len(brought))} that {before} lacks." if brought.commits else ""
    return (
        f"this is a rollback: {head[:10]} lies behind {before}, which was deployed before. It takes away {_counted(len(taken))}: "
        f"{subjects}{more}.{again} What fails now may be what one of them had mended"
    )


def _counted(number: int) -> str:
    return "1 commit" if number == 1 else f"{number} commits"


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
    for sha in (commit_of(known), known.ref, known.last_commit):
        if sha and repository.has(sha):
            return replace(request, head=sha)
    return request


def deployed_before(setup: Setup, client: Client, environment: str | None, *, existing: bool) -> Before:
    """The deploys to the environment, of Sentry and of the state.

    With ``existing`` the release is deployed already, and what came after it does not count.
    """

    def before(repository: Repository, deployment: Deployment) -> Iterator[EarlierDeploy]:
        line = line_of(setup, client, repository, environment, deployment.release)
        deploys = earlier_deploys(setup, client, line)
        return _since_its_own(deploys, deployment.release) if existing else deploys

    return before


def fetching_of(setup: Setup) -> Fetching:
    """What may be fetched for a cut check-out, as configured."""
    ours = setup.settings.repository
    return Fetching(ours.fetch, ours.fetch_for, ours.fetch_depth, ours.remote, whole_history(setup.environ))


def _since_its_own(deploys: Iterator[EarlierDeploy], release: str | None) -> Iterator[EarlierDeploy]:
    """The deploys from the release's own one on; all, where it has none."""
    later = []
    for deploy in deploys:
        if deploy.release == release:
            return chain([deploy], deploys)
        later.append(deploy)
    return iter(later)


def line_of(setup: Setup, client: Client, repository: Repository, environment: str | None, release: str | None) -> Line:
    """The line of deploys that this repository's deploys of the release's package to the environment are in."""
    return Line(name_of(setup, repository), client.connection.projects, environment, package_of(release))


def name_of(setup: Setup, repository: Repository) -> str:
    """``owner/name`` of the repository that is deployed: as configured, else of the remote's address, else the folder's name."""
    return setup.settings.repository.name or name_at_remote(setup, repository)


def name_at_remote(setup: Setup, repository: Repository) -> str:
    """``owner/name`` of the remote's address, else the folder's name."""
    return repository_name(repository.remote_url(setup.settings.repository.remote)) or repository.folder_name
