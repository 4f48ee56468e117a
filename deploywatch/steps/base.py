"""Which commit the window begins at, and which rule says so. It is found or refused, never guessed.

The order: what was given; the last deploy to the environment (Sentry's word before the state's); a version tag before head. Where
the deployed commit does not lead to head, the way on is the nearest commit that does, and that is said aloud.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from deploywatch.errors import GitError, UsageError
from deploywatch.history.base import previous_version_tag
from deploywatch.model import BaseRule
from deploywatch.steps.earlier import EarlierDeploy

if TYPE_CHECKING:
    from deploywatch.history.repository import Repository

_NO_BASE: Final = (
    "say which commit was deployed before: --base REV. It is found by itself from the last release that was deployed to the "
    "environment, or from a version tag before head"
)


@dataclass(frozen=True, slots=True)
class Base:
    """The commit (a full name) and the rule. ``rollback``: it is newer than head, and head goes back behind it.

    ``deploy`` is what was deployed before, where that is known.
    """

    sha: str
    rule: BaseRule
    rollback: bool = False
    deploy: EarlierDeploy | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deployment:
    """What is deployed: the commit, and as which release where that is known by now."""

    head: str
    release: str | None = None

    def is_again(self, deploy: EarlierDeploy) -> bool:
        """Whether that deploy is this one, recorded by a run before: no other came in between."""
        return deploy.release == self.release and deploy.sha in (self.head, None)


def find_base(repository: Repository, given: str | None, deployment: Deployment, before: Iterable[EarlierDeploy]) -> Base:
    """The base of the window that ends at ``deployment.head``. ``before`` are earlier deploys, newest first.

    Raises GitError and its kinds for a base that is not here, and UsageError where none can be found.
    """
    head = deployment.head
    if given is not None:
        sha = repository.resolve(given)
        return Base(sha, BaseRule.GIVEN, rollback=sha != head and repository.is_ancestor(head, sha))
    warnings: list[str] = []
    deploys = _without_this_one(before, deployment)
    for number, deploy in enumerate(deploys):
        if found := _from_deploy(repository, deploy, head, deploys):
            late = number > 0 and found.rule is BaseRule.LAST_DEPLOY
            return replace(
                found, rule=BaseRule.EARLIER_DEPLOY if late else found.rule, warnings=(*warnings, *found.warnings), deploy=deploy
            )
        warnings.append(_passed_over(deploy))
    tag = previous_version_tag(repository, head, package=_package(deployment.release))
    if tag:
        return Base(repository.resolve(f"refs/tags/{tag}"), BaseRule.VERSION_TAG, warnings=tuple(warnings))
    raise UsageError("no base for the commit window was given, and none could be found", hint=_NO_BASE)


def _without_this_one(before: Iterable[EarlierDeploy], deployment: Deployment) -> Iterator[EarlierDeploy]:
    deploys = iter(before)
    for deploy in deploys:
        if not deployment.is_again(deploy):
            return chain([deploy], deploys)
    return iter(())


def _from_deploy(repository: Repository, deploy: EarlierDeploy, head: str, earlier: Iterator[EarlierDeploy]) -> Base | None:
    """The base that the deploy gives, or ``None`` where its commit is not known here or has nothing to do with head."""
    sha = _commit(repository, deploy)
    if sha is None:
        return None
    if repository.is_ancestor(sha, head):
        return Base(sha, deploy.known_by)
    if repository.is_ancestor(head, sha) or any(other.sha == head for other in earlier):
        return Base(sha, deploy.known_by, rollback=True)
    common = repository.nearest_common_ancestor(sha, head)
    if common is None:
        return None
    return Base(common, BaseRule.NEAREST_ANCESTOR, warnings=(_diverged(repository, deploy, common, head),))


def _commit(repository: Repository, deploy: EarlierDeploy) -> str | None:
    try:
        return repository.resolve(deploy.sha) if deploy.sha else None
    except GitError:
        return None


def _diverged(repository: Repository, deploy: EarlierDeploy, common: str, head: str) -> str:
    left = repository.count(head, deploy.sha or common)
    them = "1 commit that was deployed is" if left == 1 else f"{left} commits that were deployed are"
    return (
        f"the last deployed commit {_short(deploy)} does not lead to {head[:10]} (another branch, a squash or a rebase): {them} "
        f"not in this deploy. The window begins at {common[:10]}, the nearest commit that both have"
    )


def _passed_over(deploy: EarlierDeploy) -> str:
    if deploy.sha is None:
        return f"nobody knows the commit of the last deployed release {deploy.release}, so the window begins earlier"
    return (
        f"the last deployed commit {_short(deploy)} is not in this repository, or has nothing in common with what is deployed "
        "now: it was rewritten, never pushed, or is another repository's; the window begins earlier"
    )


def _short(deploy: EarlierDeploy) -> str:
    return f"{(deploy.sha or 'unknown')[:10]} ({deploy.release})"


def _package(release: str | None) -> str | None:
    """``shop`` of ``shop@1.2.3``: services of one repository have version tags of their own."""
    package, at, _ = (release or "").rpartition("@")
    return package if at and package else None
