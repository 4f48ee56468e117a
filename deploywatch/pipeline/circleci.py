"""CircleCI. Source: "Project values and variables" of CircleCI's documentation ("Built-in environment variables")."""

from __future__ import annotations

from typing import Any

from deploywatch.pipeline import facts
from deploywatch.pipeline.facts import Environ, Pipeline


def read(environ: Environ, _: Any) -> Pipeline:
    """The facts of a job; CircleCI knows no environments."""
    owner, name = environ.get("CIRCLE_PROJECT_USERNAME"), environ.get("CIRCLE_PROJECT_REPONAME")
    return Pipeline(
        system="circleci",
        title="CircleCI",
        commit=facts.sha(environ.get("CIRCLE_SHA1")),
        branch=facts.branch(environ.get("CIRCLE_BRANCH") or environ.get("CIRCLE_TAG")),
        run_url=facts.address(environ.get("CIRCLE_BUILD_URL")),
        actor=facts.name(environ.get("CIRCLE_USERNAME")),
        repository=facts.repository(f"{owner}/{name}") if owner and name else None,
        pull_request=facts.number(environ.get("CIRCLE_PULL_REQUEST")),
    )
