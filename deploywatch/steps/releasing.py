"""The release as Sentry is to know it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from deploywatch.errors import StateError
from deploywatch.model import ReleaseOutcome
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
            warnings.append(
                f"Sentry keeps {stored.commit_count} of the {planned.commits} commits (too many for it, or it keeps none); "
                "the suspects are ranked over all"
            )
    environment = setup.environment_or_none(request.place.environment)
    deploy = create_deploy(client, version, _deploy(setup, request, environment, code)) if environment else None
    if request.finalize and there.released_at is None:
        finalize(client, version, setup.now())
    try:
        remember(setup, line_of(setup, client, code.repository, environment), version, code.head)
    except StateError as trouble:
        warnings.append(f"this deploy is not remembered here: {trouble.message}")
    return replace(planned, created=created, deploy=deploy.id if deploy else None, warnings=tuple(warnings))


def _deploy(setup: Setup, request: ReleaseRequest, environment: str, code: Code) -> NewDeploy:
    """A deploy that another one has replaced since is an earlier one, and is not taken for this."""
    run = setup.pipeline.run_url if setup.pipeline else None
    return NewDeploy(environment, request.name, request.url or run, after=code.deploy.at if code.deploy else None)
