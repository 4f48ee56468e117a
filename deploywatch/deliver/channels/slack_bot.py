"""Slack with a bot's token: what is new about an incident takes the place of the message that told of it, owners are mentioned.

Effectively once: the key is in the message's metadata, by which it is looked for (needs the scope channels:history or
groups:history; without it a message whose answer was lost is not sent again). Methods: chat.postMessage, chat.update,
conversations.history, users.lookupByEmail (scope users:read.email).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import takewhile
from typing import Any, Final

from deploywatch.deliver.channel import CannotTell, Outcome, Parcel, Policy, Receipt
from deploywatch.deliver.options import Tools, read_options
from deploywatch.deliver.rest import Api, ApiOptions, connect, document, segment, text_of
from deploywatch.model import Report

POLICY: Final = Policy(repeatable=False, pause=timedelta(seconds=1), updates=True)
EVENT: Final = "deploywatch_report"
_MAX_BLOCKS: Final = 50
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PASSING: Final = ("ratelimited", "rate_limited", "service_unavailable", "request_timeout", "team_added_to_org")
_DOUBTFUL: Final = ("internal_error", "fatal_error")
_GONE: Final = ("message_not_found", "cant_update_message", "edit_window_closed", "update_failed")


class SlackBotOptions(ApiOptions):
    """The keys of a Slack channel and its bot."""

    url: str = "https://slack.com/api"
    """The API's address."""
    channel: str
    """The channel's id (C0123456789), where the bot is a member."""
    mention: bool = True
    """Whether owners with an e-mail address that Slack knows are mentioned."""


@dataclass(frozen=True, slots=True)
class SlackBot:
    """Messages of a bot in one channel. A reference is ``channel/ts``."""

    name: str
    api: Api
    channel: str
    render: Callable[[Report, str], str]
    mention: bool = True
    policy: Policy = POLICY
    per_finding: bool = False

    def compose(self, report: Report, key: str) -> str:
        """The message in Block Kit; the owners' e-mail addresses become mentions."""
        message = json.loads(self.render(report, "slack"))
        people = " ".join(self._mentions(report)) if self.mention else ""
        if people:
            block = {"type": "context", "elements": [{"type": "mrkdwn", "text": people}]}
            message["blocks"] = [*message["blocks"][: _MAX_BLOCKS - 1], block]
        message["metadata"] = {"event_type": EVENT, "event_payload": {"key": key}}
        return json.dumps({"channel": self.channel, **message})

    def send(self, parcel: Parcel) -> Receipt:
        """Change the earlier message, or post one."""
        message = json.loads(parcel.payload)
        channel, _, stamp = (parcel.earlier or "").partition("/")
        if stamp:
            changed = self._call("chat.update", {**message, "channel": channel, "ts": stamp})
            if text_of(document(changed), "error") not in _GONE:
                return changed
        return self._call("chat.postMessage", message)

    def find(self, parcel: Parcel) -> str | CannotTell | None:
        """Among the newest hundred messages of the channel."""
        found = self.api.read(f"/conversations.history?channel={segment(self.channel)}&limit=100&include_all_metadata=true")
        if isinstance(found, CannotTell):
            return found
        if not isinstance(found, Mapping) or not found.get("ok"):
            why = text_of(found, "error")
            return CannotTell(f"Slack does not let the bot read the channel: {why}", for_now=why in (*_PASSING, *_DOUBTFUL))
        stamps = (
            text_of(item, "ts")
            for item in found.get("messages") or ()
            if text_of(item, "metadata", "event_payload", "key") == parcel.key
        )
        return next((f"{self.channel}/{stamp}" for stamp in stamps), None)

    def _call(self, method: str, body: Mapping[str, Any]) -> Receipt:
        """Slack answers 200 and says in the body whether it was done."""
        receipt = self.api.write("POST", f"/{method}", body)
        answer = document(receipt)
        if receipt.outcome is not Outcome.TAKEN or text_of(answer, "ts"):
            stamp = text_of(answer, "ts")
            return replace(receipt, reference=f"{text_of(answer, 'channel') or self.channel}/{stamp}" if stamp else None)
        why = text_of(answer, "error")
        outcome = Outcome.LATER if why in _PASSING else Outcome.REFUSED
        doubtful = why in _DOUBTFUL or not why
        return replace(receipt, outcome=Outcome.UNSURE if doubtful else outcome, error=f"Slack: {why or 'no answer'}")

    def _mentions(self, report: Report) -> list[str]:
        owners = (finding.regression.owner for finding in report.findings)
        addresses = dict.fromkeys(name for owner in owners if owner for name in owner.names if _ADDRESS.fullmatch(name))
        found = (self.api.read(f"/users.lookupByEmail?email={segment(address)}") for address in addresses)
        answers = takewhile(
            lambda answer: not isinstance(answer, CannotTell), found
        )  # the message does not wait for a Slack that is down
        ids = (text_of(answer, "user", "id") for answer in answers)
        return [f"<@{user}>" for user in ids if user.isalnum()]


def credentials(token: str) -> dict[str, str]:
    """A bot's token."""
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json; charset=utf-8"}


def make(name: str, config: Mapping[str, Any], tools: Tools) -> SlackBot:
    """From ``token``, ``channel``, ``mention`` and ``url``. Raises ``ConfigError``."""
    options = read_options(SlackBotOptions, name, config)
    return SlackBot(name, connect(options, name, tools, credentials), options.channel, tools.render, options.mention)
