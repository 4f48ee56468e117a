"""TeamCity. Source: "List of predefined build parameters" of its documentation ("Server build properties")."""

from __future__ import annotations

from typing import Any

from deploywatch.pipeline import facts
from deploywatch.pipeline.facts import Environ, Pipeline


def read(environ: Environ, _: Any) -> Pipeline:
    """The facts of a build, as far as its environment has them."""
    return Pipeline(
        system="teamcity",
        title="TeamCity",
        commit=facts.sha(environ.get("BUILD_VCS_NUMBER")),
        run_url=facts.address(environ.get("BUILD_URL")),
    )
