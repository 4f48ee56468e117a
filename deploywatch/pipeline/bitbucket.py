"""Bitbucket Pipelines. Source: "Variables and secrets" of Bitbucket Cloud's documentation ("Default variables")."""

from __future__ import annotations

from typing import Any

from deploywatch.pipeline import facts
from deploywatch.pipeline.facts import Environ, Pipeline


def read(environ: Environ, _: Any) -> Pipeline:
    """The facts of a step. Of who started it only a number is told, which says nothing to people."""
    repository = facts.repository(environ.get("BITBUCKET_REPO_FULL_NAME"))
    build = facts.number(environ.get("BITBUCKET_BUILD_NUMBER"))
    return Pipeline(
        system="bitbucket",
        title="Bitbucket Pipelines",
        commit=facts.sha(environ.get("BITBUCKET_COMMIT")),
        branch=facts.branch(environ.get("BITBUCKET_BRANCH") or environ.get("BITBUCKET_TAG")),
        run_url=f"https://bitbucket.org/{repository}/pipelines/results/{build}" if repository and build else None,
        environment=facts.environment(environ.get("BITBUCKET_DEPLOYMENT_ENVIRONMENT")),
        repository=repository,
        pull_request=facts.number(environ.get("BITBUCKET_PR_ID")),
    )
