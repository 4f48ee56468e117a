"""Buildkite. Source: "Environment variables" of Buildkite's documentation."""

from __future__ import annotations

from typing import Any

from deploywatch.pipeline import facts
from deploywatch.pipeline.facts import Environ, Pipeline


def read(environ: Environ, _: Any) -> Pipeline:
    """The facts of a job. BUILDKITE_COMMIT may be the word HEAD, and BUILDKITE_PULL_REQUEST the word false."""
    return Pipeline(
        system="buildkite",
        title="Buildkite",
        commit=facts.sha(environ.get("BUILDKITE_COMMIT")),
        branch=facts.branch(environ.get("BUILDKITE_BRANCH") or environ.get("BUILDKITE_TAG")),
        run_url=facts.address(environ.get("BUILDKITE_BUILD_URL")),
        actor=facts.name(environ.get("BUILDKITE_BUILD_CREATOR") or environ.get("BUILDKITE_UNBLOCKER")),
        pull_request=facts.number(environ.get("BUILDKITE_PULL_REQUEST")),
    )
