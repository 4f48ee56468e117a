"""Microsoft Teams by a Workflows webhook ("When a Teams webhook request is received"), with an Adaptive Card.

At most once: the webhook cannot be read back and knows no key. It answers 202 when the workflow was started, which posts the card
a moment later; a message is limited to 28 kB, which is the renderer's concern. The old connectors' webhooks, which Microsoft
switches off, answer 200 with an error in the text. Throttling: four requests a second ("Create Incoming Webhooks").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from deploywatch.deliver.answers import Post, send
from deploywatch.deliver.channel import CannotTell, Outcome, Parcel, Policy, Receipt
from deploywatch.deliver.options import Tools, WebOptions, read_options
from deploywatch.http import Http
from deploywatch.model import Delivery, Report, Resolution
from deploywatch.report import resolved

POLICY: Final = Policy(repeatable=False, pause=timedelta(seconds=1))
_HEADERS: Final = MappingProxyType({"Content-Type": "application/json; charset=utf-8"})
_HINTS: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: "the workflow does not take the card; make it from the template that posts to a channel when a request is received",
        401: "the address lacks its signature (sig=...), or it was made anew; copy the whole address from the workflow",
        403: "the workflow only lets members of the organisation call it; set its trigger to anyone",
        404: "the workflow is gone, or switched off; make a new one and configure its address",
    }
)
_CONNECTOR_FAILED: Final = "Webhook message delivery failed"
_CONNECTOR_THROTTLED: Final = "HTTP error 429"


@dataclass(frozen=True, slots=True)
class TeamsWebhook:
    """A channel or chat of Teams, by the secret address of its workflow."""

    name: str
    http: Http
    url: str = field(repr=False)
    render: Callable[[Report, str], str]
    now: Callable[[], datetime]
    policy: Policy = POLICY
    per_finding: bool = False

    def compose(self, report: Report, key: str) -> str:  # noqa: ARG002 - a webhook's message cannot carry a key
        """The message with its card."""
        return self.render(report, "teams")

    def resolve(self, resolution: Resolution, told: Delivery, key: str) -> str:  # noqa: ARG002
        """A message of its own: a webhook cannot answer in a thread."""
        return resolved.as_form(resolution, "teams")

    def send(self, parcel: Parcel) -> Receipt:
        """Post it."""
        receipt = send(self.http, Post(self.url, parcel.payload, _HEADERS, self.policy.timeout), self.now())
        if receipt.outcome is Outcome.TAKEN and _CONNECTOR_FAILED in receipt.answer:
            outcome = Outcome.LATER if _CONNECTOR_THROTTLED in receipt.answer else Outcome.REFUSED
            return replace(receipt, outcome=outcome, error=f"Teams: {receipt.answer.strip()}")
        hint = _HINTS.get(receipt.status or 0)
        return replace(receipt, error=f"{receipt.error}: {hint}") if hint and receipt.outcome is Outcome.REFUSED else receipt

    def find(self, parcel: Parcel) -> CannotTell:  # noqa: ARG002
        """Never possible."""
        return CannotTell("a Teams webhook cannot be read; it is not sent again because it might then be there twice")


def make(name: str, config: Mapping[str, Any], tools: Tools) -> TeamsWebhook:
    """From ``url`` and ``allow_private``. Raises ``ConfigError``."""
    options = read_options(WebOptions, name, config)
    url = tools.vault.address(options.url, f"channels.{name}.url")
    return TeamsWebhook(name, tools.connect(options.guard()), url, tools.render, tools.now)
