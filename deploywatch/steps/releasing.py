"""The release as Sentry is to know it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from deploywatch.history.remote import repository_name
from deploywatch.model import ReleaseOutcome
from deploywatch.requests import ReleaseRequest
from deploywatch.sentry.deploys import NewDeploy, create_deploy
from deploywatch.sentry.releases import create_release, finalize, set_commits
from deploywatch.sentry.versions import validate_version
from deploywatch.steps.code import Code

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.sentry.client import Client


def describe(version: str, code: Code) -> ReleaseOutcome:
    """What will be said to Sentry, as far as that is known before anything is written.

    Raises UsageError for a name that Sentry cannot store.
    """
    warnings = list(code.warnings)
    if not code.window.commits:
        warnings.append(f"the window is empty: {code.window.head[:10]} was deployed before, so no commit of it can be to blame")
    return ReleaseOutcome(
        release=validate_version(version),
        base=code.window.base,
        base_found_by=code.base_found_by,
        head=code.window.head,
        commits=len(code.window),
        created=False,
        warnings=tuple(warnings),
    )


def record(setup: Setup, client: Client, request: ReleaseRequest, code: Code, planned: ReleaseOutcome) -> ReleaseOutcome:
    """Write it: the release, its commits in one go, the deploy, and last the date of release."""
    version, warnings = planned.release, list(planned.warnings)
    _, created = create_release(client, version, client.connection.projects, ref=code.window.head)
    stored = set_commits(client, version, code.window, _repository(setup, code))
    if stored.commit_count < planned.commits:
        warnings.append(
            f"Sentry keeps {stored.commit_count} of the {planned.commits} commits (too many for it, or the server keeps none); "
            "the suspects are ranked over all of them"
        )
    environment = setup.environment_or_none(request.place.environment)
    deploy = create_deploy(client, version, _deploy(setup, request, environment)) if environment else None
    if request.finalize and stored.released_at is None:
        finalize(client, version, setup.now())
    return replace(planned, created=created, deploy=deploy.id if deploy else None, warnings=tuple(warnings))


def _deploy(setup: Setup, request: ReleaseRequest, environment: str) -> NewDeploy:
    run = setup.pipeline.run_url if setup.pipeline else None
    return NewDeploy(environment, request.name, request.url or run)


def _repository(setup: Setup, code: Code) -> str:
    ours = setup.settings.repository
    return ours.name or repository_name(code.repository.remote_url(ours.remote)) or code.repository.git.git_dir.parent.name
