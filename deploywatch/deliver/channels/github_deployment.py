"""A status on GitHub's deployment of the release: failure after a regression, success when it looks healthy.

REST API 2022-11-28, "Deployment statuses". Effectively once: the key stands in the fragment of the status's log address.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from deploywatch.deliver.channel import CannotTell, Parcel, Policy, Receipt
from deploywatch.deliver.channels.github_comment import GitHubOptions, credentials
from deploywatch.deliver.options import Tools, read_options
from deploywatch.deliver.rest import Api, connect, document, segment, text_of
from deploywatch.model import Delivery, Report, Resolution, Verdict
from deploywatch.report.escaping import clip, plain, safe_url
from deploywatch.report.outline import outline

POLICY: Final = Policy(repeatable=False, attempts=5, every_deploy=True)
DESCRIPTION_LIMIT: Final = 140
_STATES: Final[Mapping[Verdict, str]] = MappingProxyType({Verdict.REGRESSION: "failure", Verdict.HEALTHY: "success"})


class DeploymentOptions(GitHubOptions):
    """The keys of a repository's deployments."""

    pages: str = "https://github.com"
    """Where the repository's web pages are, for the status's log address where the report has none."""


@dataclass(frozen=True, slots=True)
class DeploymentStatus:
    """The newest deployment of the report's head to its environment."""

    name: str
    api: Api
    repository: str
    commits: str
    policy: Policy = POLICY
    per_finding: bool = False

    def compose(self, report: Report, key: str) -> str | None:
        """The status and where it belongs; nothing for a report that is undecided or does not know its commit."""
        if report.verdict not in _STATES or not report.head or not report.environment:
            return None
        page = next((address for link in report.links if (address := safe_url(link.url))), f"{self.commits}/{report.head}")
        status = {
            "state": _STATES[report.verdict],
            "description": clip(plain(outline(report).headline), DESCRIPTION_LIMIT),
            "log_url": f"{page.partition('#')[0]}#deploywatch-{key}",
            "auto_inactive": False,
        }
        return json.dumps({"sha": report.head, "environment": report.environment, "status": status})

    def resolve(self, resolution: Resolution, told: Delivery, key: str) -> None:  # noqa: ARG002 - the deployment stays a bad one
        """Never."""
        return

    def send(self, parcel: Parcel) -> Receipt:
        """Add the status."""
        told = json.loads(parcel.payload)
        path = self._statuses(told)
        if isinstance(path, CannotTell):
            return path.receipt()
        receipt = self.api.write("POST", path, told["status"])
        return replace(receipt, reference=text_of(document(receipt), "url") or None)

    def find(self, parcel: Parcel) -> str | CannotTell | None:
        """The status whose log address ends in the key."""
        path = self._statuses(json.loads(parcel.payload))
        found = path if isinstance(path, CannotTell) else self.api.pages(path)
        if isinstance(found, CannotTell):
            return found
        ours = (text_of(item, "url") for item in found if text_of(item, "log_url").endswith(f"#deploywatch-{parcel.key}"))
        return next(ours, None)

    def _statuses(self, told: Mapping[str, Any]) -> str | CannotTell:
        where = f"sha={segment(told['sha'])}&environment={segment(told['environment'])}"
        found = self.api.read(f"{self.repository}/deployments?{where}&per_page=1")
        if isinstance(found, CannotTell):
            return found
        number = next((text_of(item, "id") for item in found or ()), "")
        if not number:
            return CannotTell(f"GitHub knows no deployment of {told['sha'][:10]} to {told['environment']}")
        return f"{self.repository}/deployments/{segment(number)}/statuses"


def make(name: str, config: Mapping[str, Any], tools: Tools) -> DeploymentStatus:
    """From ``repository``, ``token``, ``url`` and ``pages``. Raises ``ConfigError``."""
    options = read_options(DeploymentOptions, name, config)
    commits = f"{options.pages.rstrip('/')}/{options.repository}/commit"
    return DeploymentStatus(name, connect(options, name, tools, credentials), options.path(), commits)
