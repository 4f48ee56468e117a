"""AWS CodeBuild. Source: "Environment variables in build environments" of its user guide."""

from __future__ import annotations

from typing import Any

from deploywatch.pipeline import facts
from deploywatch.pipeline.facts import Environ, Pipeline


def read(environ: Environ, _: Any) -> Pipeline:
    """The facts of a build."""
    return Pipeline(
        system="codebuild",
        title="AWS CodeBuild",
        commit=facts.sha(environ.get("CODEBUILD_RESOLVED_SOURCE_VERSION")),
        before=facts.sha(environ.get("CODEBUILD_WEBHOOK_PREV_COMMIT")),
        branch=facts.branch(environ.get("CODEBUILD_WEBHOOK_HEAD_REF")),
        run_url=facts.address(environ.get("CODEBUILD_BUILD_URL")),
        actor=facts.name(environ.get("CODEBUILD_INITIATOR")),
    )
