"""The release as Sentry is to know it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from deploywatch.errors import SentryEndpointMissing, StateError
from deploywatch.model import Deploy, Release, ReleaseOutcome
from deploywatch.requests import ReleaseRequest
from deploywatch.sentry.commits import SKIPPED
from deploywatch.sentry.commits_write import are_there, set_commits
from deploywatch.sentry.deploys import NewDeploy, create_deploy
from deploywatch.sentry.releases import create_release, finalize
from deploywatch.sentry.resolutions import resolved_by
from deploywatch.sentry.versions import validate_version
from deploywatch.steps.code import Code
from deploywatch.steps.composing import Composition
from deploywatch.steps.earlier import Line, remember

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.sentry.client import Client


_MOST_NAMED: Final = 10


def describe(version: str, code: Code, composition: Composition) -> ReleaseOutcome:
    """What will be said to Sentry, as far as that is known before anything is written.

    Raises UsageError for a name that Sentry cannot store.
    """
    warnings = [*code.warnings, *composition.warnings]
    if not code.window.commits:
        warnings.append(f"the window is empty: {code.head[:10]} was deployed before, so no commit of it can be to blame")
    brought = sum(len(part.window) for part in composition.parts)
    return ReleaseOutcome(
        release=validate_version(version),
        base=code.base,
        base_found_by=code.base_found_by,
        head=code.head,
        commits=len(code.window) if code.rollback else brought,
        created=False,
        rollback=code.rollback,
        warnings=tuple(warnings),
        repository=composition.main.named.name,
        also=composition.also,
    )


def foretell(client: Client, composition: Composition, planned: ReleaseOutcome) -> ReleaseOutcome:
    """The same with the issues that Sentry resolves once it is told of the commits."""
    found = resolved_by(client, (payload["message"] for payload in composition.payloads()))
    warnings = list(planned.warnings)
    if found.issues:
        warnings.append(f"Sentry resolves {_listed(found.issues)} in this release, because commits say that they fix them")
    if found.unsure:
        warnings.append(
            f"commits say that they fix {_listed(found.unsure)}: Sentry resolves those of them that are its issues (this token "
            "cannot look them up, which needs event:read)"
        )
    return replace(planned, resolves=found.issues, warnings=tuple(warnings))


def record(
    setup: Setup, client: Client, request: ReleaseRequest, composition: Composition, planned: ReleaseOutcome
) -> ReleaseOutcome:
    """Write it: the release, its commits in one go, the deploy, and last the date of release.

    A rollback gets no commits: what a release that exists already has stays, and nothing that was taken away is called fixed.
    """
    code, version = composition.main.code, planned.release
    there, created = create_release(client, version, client.connection.projects, ref=code.head)
    payloads = composition.payloads()
    if payloads and not are_there(there, payloads):
        planned = foretell(client, composition, planned)
        there = set_commits(client, version, payloads)
    warnings = [*planned.warnings, *_kept(there, payloads, 0 if planned.rollback else planned.commits)]
    environment = setup.environment_or_none(request.place.environment)
    deploy = _deployed(client, version, _deploy(setup, request, environment, code), warnings) if environment else None
    if request.finalize and there.released_at is None:
        finalize(client, version, setup.now())
    try:
        for part in composition.parts:
            remember(setup, Line(part.own_name, client.connection.projects, environment), version, part.code.head)
    except StateError as trouble:
        warnings.append(f"this deploy is not remembered here: {trouble.message}")
    return replace(planned, created=created, deploy=deploy.id if deploy else None, warnings=tuple(warnings))


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _kept(there: Release, payloads: Sequence[Mapping[str, Any]], all_commits: int) -> Iterator[str]:
    stored, skipped = there.commit_count, sum(SKIPPED in payload["message"] for payload in payloads)
    if stored + skipped >= all_commits:
        return
    if not stored:
        yield "this server keeps no commits of a release; the suspects are ranked from git, as everywhere"
    else:
        yield f"Sentry keeps {stored} of the {all_commits} commits (too many for it); the suspects are ranked over all of them"


def _deployed(client: Client, version: str, deploy: NewDeploy, warnings: list[str]) -> Deploy | None:
    """The recorded deploy; a server that has no such thing (GlitchTip) is told of in a warning."""
    try:
        return create_deploy(client, version, deploy)
    except SentryEndpointMissing:
        warnings.append(
            "this server keeps no deploys: the next window begins at this one only where the state folder is kept until then, "
            "or with --base"
        )
        return None


def _deploy(setup: Setup, request: ReleaseRequest, environment: str, code: Code) -> NewDeploy:
    """A deploy that another one has replaced since is an earlier one, and is not taken for this."""
    run = setup.pipeline.run_url if setup.pipeline else None
    return NewDeploy(environment, request.name, request.url or run, after=code.deploy.at if code.deploy else None)
