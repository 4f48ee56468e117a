"""An alert in Opsgenie (Alert API v2). At least once: its ``alias`` is the incident's, by which Opsgenie tells repetitions."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from deploywatch.deliver.channel import CannotTell, Parcel, Policy, Receipt
from deploywatch.deliver.channels.pagerduty import alert_key
from deploywatch.deliver.options import Tools, read_options
from deploywatch.deliver.rest import Api, ApiOptions, connect, segment
from deploywatch.model import Delivery, Report, Resolution, Severity
from deploywatch.report import resolved
from deploywatch.report.escaping import clip, plain
from deploywatch.report.outline import outline

POLICY: Final = Policy(repeatable=True, wakes=True)
MESSAGE_LIMIT: Final = 130
DESCRIPTION_LIMIT: Final = 15_000
NOTE_LIMIT: Final = 25_000
_PRIORITIES: Final[Mapping[Severity, str]] = MappingProxyType(
    {Severity.CRITICAL: "P1", Severity.HIGH: "P2", Severity.MEDIUM: "P3", Severity.LOW: "P5"}
)


class OpsgenieOptions(ApiOptions):
    """The keys of an Opsgenie team."""

    url: str = "https://api.opsgenie.com"
    """The API's address; https://api.eu.opsgenie.com for the European region."""
    tags: tuple[str, ...] = ()
    """Tags that every alert gets."""
    teams: tuple[str, ...] = ()
    """Names of the teams that respond, where the integration does not say."""


@dataclass(frozen=True, slots=True)
class Alerts:
    """The alerts of one integration."""

    name: str
    api: Api
    render: Callable[[Report, str], str]
    tags: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    policy: Policy = POLICY
    per_finding: bool = False

    def compose(self, report: Report, key: str) -> str | None:  # noqa: ARG002 - the alias stays the same for an incident's news
        """A "create alert" request; nothing where nothing broke."""
        if not report.findings:
            return None
        worst = report.findings[0].regression
        return json.dumps(
            {
                "message": clip(plain(outline(report).headline), MESSAGE_LIMIT),
                "alias": alert_key(report),
                "description": clip(self.render(report, "text"), DESCRIPTION_LIMIT),
                "responders": [{"name": team, "type": "team"} for team in self.teams],
                "tags": ["deploywatch", *self.tags],
                "details": {"release": report.release, "environment": report.environment or "", "issue": worst.issue.short_id},
                "entity": plain(worst.issue.project),
                "source": "deploywatch",
                "priority": _PRIORITIES[worst.severity],
            }
        )

    def resolve(self, resolution: Resolution, told: Delivery, key: str) -> str | None:  # noqa: ARG002
        """A "close alert" request, when nothing of the incident is left; closing twice is closing once."""
        if resolution.left:
            return None
        closing = {"source": "deploywatch", "note": clip(resolved.as_text(resolution), NOTE_LIMIT)}
        return json.dumps({"close": json.loads(told.payload)["alias"], "request": closing})

    def send(self, parcel: Parcel) -> Receipt:
        """Request the alert, or its end; Opsgenie does it a moment later."""
        alert = json.loads(parcel.payload)
        if alias := alert.get("close"):
            path = f"/v2/alerts/{segment(alias)}/close?identifierType=alias"
            return replace(self.api.write("POST", path, alert["request"]), reference=alias)
        return replace(self.api.write("POST", "/v2/alerts", alert), reference=alert["alias"])

    def find(self, parcel: Parcel) -> CannotTell:  # noqa: ARG002
        """Not needed: an alert is made later than its request is answered, so that its absence would prove nothing."""
        return CannotTell("Opsgenie tells repetitions by their alias")


def credentials(token: str) -> dict[str, str]:
    """An integration's API key."""
    return {"Authorization": f"GenieKey {token}"}


def make(name: str, config: Mapping[str, Any], tools: Tools) -> Alerts:
    """From ``token``, ``url``, ``tags`` and ``teams``. Raises ``ConfigError``."""
    options = read_options(OpsgenieOptions, name, config)
    return Alerts(name, connect(options, name, tools, credentials), tools.render, options.tags, options.teams)
