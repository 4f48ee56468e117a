"""The code host that a pipeline runs on as channels: what ``--tell`` adds to those of the configuration.

Addresses come from the system's own variables, and so may be private ones (GitHub Enterprise Server, a GitLab of one's own).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from deploywatch.errors import UsageError
from deploywatch.pipeline.facts import Environ, Pipeline
from deploywatch.requests import Tell

_WHERE: Final = "GitHub Actions and GitLab CI"


@dataclass(frozen=True, slots=True)
class Manner:
    """A kind of channel, and what the token must be allowed to."""

    type: str
    permission: str


GITHUB: Final[Mapping[Tell, Manner]] = MappingProxyType(
    {
        Tell.COMMENT: Manner("github-comment", "the job needs `permissions: pull-requests: write`"),
        Tell.CHECK: Manner("github-check", "the job needs `permissions: checks: write`"),
        Tell.DEPLOYMENT: Manner("github-deployment", "the job needs `permissions: deployments: write`"),
    }
)
GITLAB: Final[Mapping[Tell, Manner]] = MappingProxyType(
    {Tell.COMMENT: Manner("gitlab-comment", "GITLAB_TOKEN needs the scope api and the role Reporter")}
)


@dataclass(frozen=True, slots=True)
class Host:
    """What it can be told, and what every channel of it is made with; the token by reference."""

    title: str
    manners: Mapping[Tell, Manner]
    token: str
    common: Mapping[str, Any]


def host_of(pipeline: Pipeline | None, environ: Environ) -> Host:
    """The code host of a pipeline. Raises ``UsageError`` where there is none that can be told anything."""
    repository = pipeline.repository if pipeline else None
    if pipeline and repository and pipeline.system == "github":
        address = environ.get("GITHUB_API_URL", "").strip() or "https://api.github.com"
        pages = environ.get("GITHUB_SERVER_URL", "").strip() or "https://github.com"
        return Host("GitHub", GITHUB, "GITHUB_TOKEN", {"repository": repository, "url": address, "pages": pages})
    if pipeline and repository and pipeline.system == "gitlab":
        address = environ.get("CI_SERVER_URL", "").strip() or "https://gitlab.com"
        return Host("GitLab", GITLAB, "GITLAB_TOKEN", {"project": repository, "url": address})
    found = f"this is {pipeline.title}" if pipeline else "this is no pipeline that is known"
    raise UsageError(f"--tell works in {_WHERE}, and {found}", hint="leave --tell out, or make a channel in deploywatch.toml")


def channels_for(host: Host, wanted: Iterable[Tell]) -> tuple[dict[str, Any], ...]:
    """The configurations of the channels that tell ``wanted``. Raises ``UsageError`` for what the host cannot be told."""
    return tuple(_channel(host, each) for each in dict.fromkeys(wanted))


def permission_for(kind: str) -> str | None:
    """What to allow to the token, where a channel of this type was refused."""
    manners = (*GITHUB.values(), *GITLAB.values())
    return next((manner.permission for manner in manners if manner.type == kind), None)


def _channel(host: Host, wanted: Tell) -> dict[str, Any]:
    if wanted not in host.manners:
        known = ", ".join(host.manners)
        raise UsageError(f"{host.title} cannot be told of a {wanted}", hint=f"--tell takes {known} there")
    kind = host.manners[wanted].type
    common = {key: value for key, value in host.common.items() if key != "pages" or wanted is Tell.DEPLOYMENT}
    return {"name": kind, "type": kind, "token": f"env:{host.token}", "allow_private": True, **common}
