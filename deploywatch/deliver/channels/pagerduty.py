"""PagerDuty's Events API v2: an incident for a regression (``pagerduty``), a change event for a deploy (``pagerduty-change``).

Incidents: at least once; the ``dedup_key`` is the incident's, so that repetitions and news go to the same alert. Change events
have no key ("informational events"), so that they are sent at most once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from deploywatch.deliver.channel import CannotTell, Outcome, Parcel, Policy, Receipt
from deploywatch.deliver.message import digest, message_of
from deploywatch.deliver.options import Tools, WebOptions, read_options
from deploywatch.deliver.rest import Api, document, text_of
from deploywatch.model import Delivery, Finding, Report, Resolution, Severity
from deploywatch.report.escaping import clip, plain, safe_url
from deploywatch.report.outline import outline

SUMMARY_LIMIT: Final = 1024
INCIDENT_POLICY: Final = Policy(repeatable=True, wakes=True)
CHANGE_POLICY: Final = Policy(repeatable=False, every_deploy=True)
_SEVERITIES: Final[Mapping[Severity, str]] = MappingProxyType(
    {Severity.CRITICAL: "critical", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "info"}
)
_MOST_FINDINGS: Final = 10


class PagerDutyOptions(WebOptions):
    """The keys of a PagerDuty service."""

    url: str = "https://events.pagerduty.com"
    """The API's address; https://events.eu.pagerduty.com for the European region."""
    routing_key: str
    """The integration key, by reference."""


@dataclass(frozen=True, slots=True)
class Incidents:
    """Alerts of one service. The routing key is added when a message is sent; it is not part of the payload."""

    name: str
    api: Api
    routing_key: str = field(repr=False)
    policy: Policy = INCIDENT_POLICY
    per_finding: bool = False

    def compose(self, report: Report, key: str) -> str | None:  # noqa: ARG002 - the alert's own key stays the same for its news
        """A trigger event; nothing where nothing broke."""
        if not report.findings:
            return None
        worst = report.findings[0].regression
        page = outline(report)
        payload = {
            "summary": clip(plain(page.headline, SUMMARY_LIMIT), SUMMARY_LIMIT),
            "source": plain(f"{report.release} in {report.environment or 'any environment'}"),
            "severity": _SEVERITIES[worst.severity],
            "timestamp": _stamp(report.made_at),
            "component": plain(worst.issue.project),
            "group": plain(report.environment or report.release),
            "class": plain(worst.issue.error_type or worst.kind.value),
            "custom_details": _details(report),
        }
        event = {"event_action": "trigger", "dedup_key": alert_key(report), "client": "deploywatch", "payload": payload}
        return json.dumps({**event, "links": _links(report)})

    def resolve(self, resolution: Resolution, told: Delivery, key: str) -> str | None:  # noqa: ARG002
        """A resolve event for the alert, when nothing of its incident is left."""
        if resolution.left:
            return None
        return json.dumps({"event_action": "resolve", "dedup_key": json.loads(told.payload)["dedup_key"]})

    def send(self, parcel: Parcel) -> Receipt:
        """Enqueue it."""
        return _enqueue(self.api, "/v2/enqueue", self.routing_key, parcel)

    def find(self, parcel: Parcel) -> CannotTell:  # noqa: ARG002
        """Never possible, nor needed."""
        return CannotTell("the Events API cannot be read; PagerDuty tells repetitions by their dedup_key")


@dataclass(frozen=True, slots=True)
class Changes:
    """Change events of one service: shown beside its incidents, notifying nobody."""

    name: str
    api: Api
    routing_key: str = field(repr=False)
    policy: Policy = CHANGE_POLICY
    per_finding: bool = False

    def compose(self, report: Report, key: str) -> str:
        """What was deployed, and what came of it."""
        summary = f"{report.release} deployed to {report.environment or 'production'}: {outline(report).headline}"
        payload = {
            "summary": clip(plain(summary, SUMMARY_LIMIT), SUMMARY_LIMIT),
            "source": "deploywatch",
            "timestamp": _stamp(report.deployed_at or report.made_at),
            "custom_details": {"key": key, **_details(report)},
        }
        return json.dumps({"payload": payload, "links": _links(report)})

    def resolve(self, resolution: Resolution, told: Delivery, key: str) -> None:  # noqa: ARG002 - a change event has no end
        """Never."""
        return

    def send(self, parcel: Parcel) -> Receipt:
        """Enqueue it."""
        return _enqueue(self.api, "/v2/change/enqueue", self.routing_key, parcel)

    def find(self, parcel: Parcel) -> CannotTell:  # noqa: ARG002
        """Never possible."""
        return CannotTell("the Events API cannot be read; a change event has no key by which repetitions could be told")


def alert_key(report: Report) -> str:
    """The same for everything that is said about an incident in a release."""
    return digest([report.release, report.environment, message_of(report).incident])


def _enqueue(api: Api, path: str, routing_key: str, parcel: Parcel) -> Receipt:
    event = json.loads(parcel.payload)
    receipt = api.write("POST", path, {"routing_key": routing_key, **event})
    if receipt.outcome is Outcome.REFUSED and (errors := document(receipt)) is not None:
        said = errors.get("errors") if isinstance(errors, Mapping) else None
        return replace(receipt, error=f"{receipt.error}: {'; '.join(str(error) for error in said or ())}")
    return replace(receipt, reference=event.get("dedup_key") or text_of(document(receipt), "status") or None)


def _details(report: Report) -> dict[str, Any]:
    told = [_finding(finding) for finding in report.findings[:_MOST_FINDINGS]]
    return {"verdict": report.verdict.value, "why": plain(report.why), "commits": report.commits, "findings": told}


def _finding(finding: Finding) -> dict[str, Any]:
    regression = finding.regression
    suspect = regression.ranking.first if regression.ranking else None
    return {
        "issue": regression.issue.short_id,
        "title": plain(regression.issue.title),
        "suspect": plain(f"{suspect.commit.short_sha} {suspect.commit.subject}") if suspect else None,
        "probability": round(suspect.probability, 2) if suspect else None,
        "owners": list(regression.owner.names) if regression.owner else [],
        "undo": finding.revert_command,
    }


def _links(report: Report) -> list[dict[str, str]]:
    links = (*report.links, *(link for finding in report.findings[:1] for link in finding.links))
    return [{"href": address, "text": plain(link.label)} for link in links if (address := safe_url(link.url))]


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _parts(name: str, config: Mapping[str, Any], tools: Tools) -> tuple[Api, str]:
    options = read_options(PagerDutyOptions, name, config)
    routing_key = tools.vault.secret(options.routing_key, f"channels.{name}.routing_key")
    base = tools.vault.address(options.url, f"channels.{name}.url").rstrip("/")
    return Api(tools.connect(options.guard()), base, (), tools.now), routing_key


def make(name: str, config: Mapping[str, Any], tools: Tools) -> Incidents:
    """From ``routing_key`` and ``url``. Raises ``ConfigError``."""
    return Incidents(name, *_parts(name, config, tools))


def make_changes(name: str, config: Mapping[str, Any], tools: Tools) -> Changes:
    """From ``routing_key`` and ``url``. Raises ``ConfigError``."""
    return Changes(name, *_parts(name, config, tools))
