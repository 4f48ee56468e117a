"""Which CI system it is: one line in ``SYSTEMS`` for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from deploywatch.pipeline import azure, bitbucket, buildkite, circleci, codebuild, github, gitlab, jenkins, teamcity
from deploywatch.pipeline.facts import Environ, Pipeline

Read = Callable[[Environ, Any], Pipeline]

SYSTEMS: Final[tuple[tuple[str, Read], ...]] = (
    ("GITHUB_ACTIONS", github.read),
    ("GITLAB_CI", gitlab.read),
    ("CIRCLECI", circleci.read),
    ("BUILDKITE", buildkite.read),
    ("TF_BUILD", azure.read),
    ("BITBUCKET_BUILD_NUMBER", bitbucket.read),
    ("CODEBUILD_BUILD_ID", codebuild.read),
    ("TEAMCITY_VERSION", teamcity.read),
    ("JENKINS_URL", jenkins.read),
)
"""The variable that gives each system away. Jenkins is last: its agents may run inside of another one's."""

EVENT_VARIABLE: Final = "GITHUB_EVENT_PATH"
"""The variable that leads to the event's payload, a JSON file."""


def detect(environ: Environ, event: Any = None) -> Pipeline | None:
    """The pipeline that this runs in; ``None`` where it seems to be none. ``event`` is the parsed payload, if there is one."""
    found = (read for variable, read in SYSTEMS if environ.get(variable, "").strip().lower() not in ("", "false", "0"))
    read = next(found, None)
    return read(environ, event) if read else None
