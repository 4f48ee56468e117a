"""Slack's incoming webhooks (and what speaks like them: Mattermost, Rocket.Chat), with a Block Kit message.

At most once: an incoming webhook cannot be read back and knows no key, so a message whose answer was lost is not sent again.
Errors and limits: Slack's "Sending messages using incoming webhooks" and "Rate limits" (one message per second).
"""

from __future__ import annotations

import json
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
_NEW_WEBHOOK: Final = "add a new incoming webhook in Slack and configure its address"
_HINTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "no_service": f"the webhook was removed or switched off; {_NEW_WEBHOOK}",
        "no_team": f"the workspace is gone; {_NEW_WEBHOOK}",
        "invalid_token": f"the address is not (any more) a webhook's; {_NEW_WEBHOOK}",
        "channel_not_found": f"the Slack channel is gone; {_NEW_WEBHOOK}",
        "channel_is_archived": f"the Slack channel is archived; unarchive it, or {_NEW_WEBHOOK}",
        "action_prohibited": "an administrator restricts who may post there; ask them, or use another Slack channel",
        "posting_to_general_channel_denied": "the administrator restricts who may post there; use another Slack channel",
    }
)


@dataclass(frozen=True, slots=True)
class SlackWebhook:
    """A channel of Slack's, by the secret address of its incoming webhook."""

    name: str
    http: Http
    url: str = field(repr=False)
    render: Callable[[Report, str], str]
    now: Callable[[], datetime]
    policy: Policy = POLICY
    per_finding: bool = False

    def compose(self, report: Report, key: str) -> str:  # noqa: ARG002 - a webhook's message cannot carry a key
        """The message in Block Kit."""
        return self.render(report, "slack")

    def resolve(self, resolution: Resolution, told: Delivery, key: str) -> str:  # noqa: ARG002
        """A message of its own: a webhook cannot answer in a thread."""
        return json.dumps(resolved.as_slack(resolution))

    def send(self, parcel: Parcel) -> Receipt:
        """Post it."""
        receipt = send(self.http, Post(self.url, parcel.payload, _HEADERS, self.policy.timeout), self.now())
        if receipt.outcome is Outcome.TAKEN and _is_page(receipt):
            return replace(receipt, outcome=Outcome.REFUSED, error="a web page answered, not Slack; check the channel's address")
        hint = _HINTS.get(receipt.answer.strip())
        return replace(receipt, error=f"{receipt.answer.strip()}: {hint}") if hint else receipt

    def find(self, parcel: Parcel) -> CannotTell:  # noqa: ARG002
        """Never possible."""
        return CannotTell("an incoming webhook cannot be read; it is not sent again because it might then be there twice")


def _is_page(receipt: Receipt) -> bool:
    return dict(receipt.headers).get("content-type", "").lower().startswith("text/html")


def make(name: str, config: Mapping[str, Any], tools: Tools) -> SlackWebhook:
    """From ``url`` and ``allow_private``. Raises ``ConfigError``."""
    options = read_options(WebOptions, name, config)
    url = tools.vault.address(options.url, f"channels.{name}.url")
    return SlackWebhook(name, tools.connect(options.guard()), url, tools.render, tools.now)
