"""Which commit the window begins at, and which rule says so. It is found or refused, never guessed.

The order: what was given; the last deploy to the environment (Sentry's word before the state's); a version tag before head. Where
the deployed commit does not lead to head, the way on is the nearest commit that does, and that is said aloud.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Final

from deploywatch.errors import NoBase, UnknownRevision
from deploywatch.history.base import newest_versions
from deploywatch.history.clone import Clone, Relation
from deploywatch.model import BaseRule
from deploywatch.steps.earlier import EarlierDeploy, package_of

_TAGS_TRIED: Final = 10
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


def find_base(clone: Clone, given: str | None, deployment: Deployment, before: Iterable[EarlierDeploy]) -> Base:
    """The base of the window that ends at ``deployment.head``. ``before`` are earlier deploys, newest first.

    Raises GitError and its kinds for a base that is not here, and NoBase where none can be found.
    """
    head = deployment.head
    if given is not None:
        sha = clone.resolve(given)
        return Base(sha, BaseRule.GIVEN, rollback=clone.relation(sha, head) is Relation.BACKWARD)
    warnings: list[str] = []
    deploys = _without_this_one(before, deployment)
    for number, deploy in enumerate(deploys):
        if found := _from_deploy(clone, deploy, head, deploys):
            late = number > 0 and found.rule is BaseRule.LAST_DEPLOY
            return replace(
                found, rule=BaseRule.EARLIER_DEPLOY if late else found.rule, warnings=(*warnings, *found.warnings), deploy=deploy
            )
        warnings.append(_passed_over(deploy))
    if version := _version_before(clone, head, package_of(deployment.release)):
        return Base(version, BaseRule.VERSION_TAG, warnings=tuple(warnings))
    raise NoBase("no base for the commit window was given, and none could be found", hint=_NO_BASE)


def _version_before(clone: Clone, head: str, package: str | None) -> str | None:
    """The commit of the newest version tag that leads to head and is not head itself."""
    tags = clone.version_tags(head)
    for tag in newest_versions(tags, package)[:_TAGS_TRIED]:
        try:
            sha = clone.resolve(tags[tag])
        except UnknownRevision:
            continue
        if sha != head and clone.relation(sha, head) is Relation.FORWARD:
            return sha
    return None


def _without_this_one(before: Iterable[EarlierDeploy], deployment: Deployment) -> Iterator[EarlierDeploy]:
    deploys = iter(before)
    for deploy in deploys:
        if not deployment.is_again(deploy):
            return chain([deploy], deploys)
    return iter(())


def _from_deploy(clone: Clone, deploy: EarlierDeploy, head: str, earlier: Iterator[EarlierDeploy]) -> Base | None:
    """The base that the deploy gives, or ``None`` where its commit is not known here or has nothing to do with head."""
    sha = _commit(clone, deploy)
    relation = clone.relation(sha, head) if sha else Relation.UNRELATED
    if sha is None or relation is Relation.UNRELATED:
        return None
    if relation is Relation.FORWARD:
        return Base(sha, deploy.known_by)
    if relation is Relation.BACKWARD or any(other.sha == head for other in earlier):
        return Base(sha, deploy.known_by, rollback=True)
    common = clone.repository.nearest_common_ancestor(sha, head) or sha
    return Base(common, BaseRule.NEAREST_ANCESTOR, warnings=(_diverged(clone, deploy, common, head),))


def _commit(clone: Clone, deploy: EarlierDeploy) -> str | None:
    """Its commit, if the repository has it. That the clone is cut is no reason to look elsewhere."""
    try:
        return clone.resolve(deploy.sha) if deploy.sha else None
    except UnknownRevision:
        return None


def _diverged(clone: Clone, deploy: EarlierDeploy, common: str, head: str) -> str:
    left = clone.repository.count(head, deploy.sha or common)
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
