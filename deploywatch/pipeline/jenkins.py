"""Jenkins, with its git plugin. Sources: "Using environment variables" of the Jenkins handbook; the git plugin's own page."""

from __future__ import annotations

from typing import Any

from deploywatch.pipeline import facts
from deploywatch.pipeline.facts import Environ, Pipeline


def read(environ: Environ, _: Any) -> Pipeline:
    """The facts of a build. What was built well before is taken for what was deployed before; the actor needs a plugin."""
    return Pipeline(
        system="jenkins",
        title="Jenkins",
        commit=facts.sha(environ.get("GIT_COMMIT")),
        before=facts.sha(environ.get("GIT_PREVIOUS_SUCCESSFUL_COMMIT")),
        branch=facts.branch(environ.get("BRANCH_NAME") or environ.get("GIT_BRANCH")),
        run_url=facts.address(environ.get("BUILD_URL")),
        actor=facts.name(environ.get("BUILD_USER_ID") or environ.get("CHANGE_AUTHOR")),
        pull_request=facts.number(environ.get("CHANGE_ID")),
    )
