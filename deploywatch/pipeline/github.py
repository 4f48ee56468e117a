"""GitHub Actions, and Gitea's and Forgejo's, which set the same variables.

Sources: "Variables reference" of GitHub Actions' documentation, and "Webhook events and payloads" for push, deployment,
deployment_status, workflow_dispatch and pull_request. A called workflow (workflow_call) sees the event of its caller.
"""

from __future__ import annotations

from typing import Any, Final

from deploywatch.pipeline import facts
from deploywatch.pipeline.facts import Environ, Pipeline

_DONE: Final = "success"


def read(environ: Environ, event: Any) -> Pipeline:
    """The facts of a run; ``event`` is what GITHUB_EVENT_PATH leads to."""
    on = environ.get("GITHUB_EVENT_NAME", "")
    gitea = "GITEA_ACTIONS" in environ
    return Pipeline(
        system="gitea" if gitea else "github",
        title="Gitea Actions" if gitea else "GitHub Actions",
        commit=facts.sha(environ.get("GITHUB_SHA")),
        before=facts.sha(facts.inside(event, "before")) if on == "push" else None,
        branch=facts.branch(environ.get("GITHUB_HEAD_REF") or environ.get("GITHUB_REF_NAME")),
        run_url=_run_url(environ, gitea=gitea),
        actor=facts.name(environ.get("GITHUB_TRIGGERING_ACTOR") or environ.get("GITHUB_ACTOR")),
        environment=_environment(on, event),
        repository=facts.repository(environ.get("GITHUB_REPOSITORY")),
        pull_request=facts.number(facts.inside(event, "pull_request", "number")),
        unfinished=_unfinished(on, event),
    )


def _environment(on: str, event: Any) -> str | None:
    """Where a deployment goes, or what was typed into the form of a workflow that is started by hand."""
    places = {
        "deployment": (("deployment", "environment"),),
        "deployment_status": (("deployment_status", "environment"), ("deployment", "environment")),
        "workflow_dispatch": (("inputs", "environment"),),
    }
    found = (facts.environment(facts.inside(event, *place)) for place in places.get(on, ()))
    return next((each for each in found if each), None)


def _unfinished(on: str, event: Any) -> str | None:
    state = facts.name(facts.inside(event, "deployment_status", "state"))
    if on != "deployment_status" or state in (None, _DONE):
        return None
    return f"the deployment's status is {state!r}, so nothing new serves yet"


def _run_url(environ: Environ, *, gitea: bool) -> str | None:
    server, repository = environ.get("GITHUB_SERVER_URL", "").rstrip("/"), facts.repository(environ.get("GITHUB_REPOSITORY"))
    run = facts.number(environ.get("GITHUB_RUN_NUMBER" if gitea else "GITHUB_RUN_ID"))
    if not (server and repository and run):
        return None
    attempt = facts.number(environ.get("GITHUB_RUN_ATTEMPT"))
    again = f"/attempts/{attempt}" if attempt and attempt > 1 and not gitea else ""
    return facts.address(f"{server}/{repository}/actions/runs/{run}{again}")
