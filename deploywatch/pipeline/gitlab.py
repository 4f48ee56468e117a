"""GitLab CI. Source: "Predefined CI/CD variables reference" of GitLab's documentation."""

from __future__ import annotations

from typing import Any

from deploywatch.pipeline import facts
from deploywatch.pipeline.facts import Environ, Pipeline


def read(environ: Environ, _: Any) -> Pipeline:
    """The facts of a job. CI_COMMIT_BEFORE_SHA is all zeros in a branch's first pipeline and in merge requests'."""
    return Pipeline(
        system="gitlab",
        title="GitLab CI",
        commit=facts.sha(environ.get("CI_COMMIT_SHA")),
        before=facts.sha(environ.get("CI_COMMIT_BEFORE_SHA")),
        branch=facts.branch(environ.get("CI_COMMIT_REF_NAME")),
        run_url=facts.address(environ.get("CI_JOB_URL") or environ.get("CI_PIPELINE_URL")),
        actor=facts.name(environ.get("GITLAB_USER_LOGIN")),
        environment=facts.environment(environ.get("CI_ENVIRONMENT_NAME")),
        repository=facts.repository(environ.get("CI_PROJECT_PATH")),
        pull_request=facts.number(environ.get("CI_MERGE_REQUEST_IID")),
    )
