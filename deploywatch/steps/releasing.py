"""The release as Sentry is to know it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from deploywatch.errors import SentryEndpointMissing, StateError
from deploywatch.model import Deploy, ReleaseOutcome
from deploywatch.requests import ReleaseRequest
from deploywatch.sentry.deploys import NewDeploy, create_deploy
from deploywatch.sentry.releases import create_release, finalize, set_commits
from deploywatch.sentry.versions import validate_version
from deploywatch.steps.code import Code, line_of, name_of
from deploywatch.steps.earlier import remember

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.sentry.client import Client


def describe(version: str, code: Code) -> ReleaseOutcome:
    """What will be said to Sentry, as far as that is known before anything is written.

    Raises UsageError for a name that Sentry cannot store.
    """
    warnings = list(code.warnings)
    if not code.window.commits:
        warnings.append(f"the window is empty: {code.head[:10]} was deployed before, so no commit of it can be to blame")
    return ReleaseOutcome(
        release=validate_version(version),
        base=code.base,
        base_found_by=code.base_found_by,
        head=code.head,
        commits=len(code.window),
        created=False,
        rollback=code.rollback,
        warnings=tuple(warnings),
    )


def record(setup: Setup, client: Client, request: ReleaseRequest, code: Code, planned: ReleaseOutcome) -> ReleaseOutcome:
    """Write it: the release, its commits in one go, the deploy, and last the date of release.

    A rollback gets no commits: what a release that exists already has stays, and nothing that was taken away is called fixed.
    """
    version, warnings = planned.release, list(planned.warnings)
    there, created = create_release(client, version, client.connection.projects, ref=code.head)
    if not code.rollback:
        stored = set_commits(client, version, code.window, name_of(setup, code.repository))
        there = stored
        if stored.commit_count < planned.commits:
            warnings.append(_kept(stored.commit_count, planned.commits))
    environment = setup.environment_or_none(request.place.environment)
    deploy = _deployed(client, version, _deploy(setup, request, environment, code), warnings) if environment else None
    if request.finalize and there.released_at is None:
        finalize(client, version, setup.now())
    try:
        remember(setup, line_of(setup, client, code.repository, environment), version, code.head)
    except StateError as trouble:
        warnings.append(f"this deploy is not remembered here: {trouble.message}")
    return replace(planned, created=created, deploy=deploy.id if deploy else None, warnings=tuple(warnings))


def _kept(stored: int, sent: int) -> str:
    if not stored:
        return f"this server keeps no commits of a release; the suspects are ranked over all {sent} of them without it"
    return f"Sentry keeps {stored} of the {sent} commits (too many for it); the suspects are ranked over all of them"


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
