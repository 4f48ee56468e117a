"""Azure Pipelines. Source: "Use predefined variables" of its documentation; a variable ``A.B`` is ``A_B`` in the environment."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from deploywatch.pipeline import facts
from deploywatch.pipeline.facts import Environ, Pipeline


def read(environ: Environ, _: Any) -> Pipeline:
    """The facts of a job; only deployment jobs have an environment."""
    return Pipeline(
        system="azure",
        title="Azure Pipelines",
        commit=facts.sha(environ.get("BUILD_SOURCEVERSION")),
        branch=facts.branch(environ.get("BUILD_SOURCEBRANCH")),
        run_url=_run_url(environ),
        actor=facts.name(environ.get("BUILD_REQUESTEDFOR")),
        environment=facts.environment(environ.get("ENVIRONMENT_NAME")),
        repository=facts.repository(environ.get("BUILD_REPOSITORY_NAME")),
        pull_request=facts.number(environ.get("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER")),
    )


def _run_url(environ: Environ) -> str | None:
    collection, project = environ.get("SYSTEM_COLLECTIONURI", ""), environ.get("SYSTEM_TEAMPROJECT", "")
    build = facts.number(environ.get("BUILD_BUILDID"))
    if not (collection and project and build):
        return None
    return facts.address(f"{collection.rstrip('/')}/{quote(project, safe='')}/_build/results?buildId={build}")
