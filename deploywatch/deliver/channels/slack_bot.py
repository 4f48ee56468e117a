"""Slack with a bot's token: one message for an incident, which news change and say in its thread; owners are mentioned.

Effectively once: the key is in the message's metadata, by which it is looked for (needs the scope channels:history or
groups:history; without it a message whose answer was lost is not sent again). Methods: chat.postMessage, chat.update,
conversations.history, conversations.replies, users.lookupByEmail (scope users:read.email).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from deploywatch.deliver.channel import CannotTell, Outcome, Parcel, Policy, Receipt
from deploywatch.deliver.options import Tools, read_options
from deploywatch.deliver.rest import Api, ApiOptions, connect, document, segment, text_of
from deploywatch.model import Delivery, Report, Resolution
from deploywatch.report import resolved
from deploywatch.report.escaping import slack
from deploywatch.report.excerpt import named_suspect
from deploywatch.report.outline import outline

POLICY: Final = Policy(repeatable=False, pause=timedelta(seconds=1), updates=True, threads=True)
EVENT: Final = "deploywatch_report"
_MAX_BLOCKS: Final = 50
_MOST_PEOPLE: Final = 10
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_MEMBER: Final = re.compile(r"[UW][A-Z0-9]{6,}")
_PASSING: Final = ("ratelimited", "rate_limited", "service_unavailable", "request_timeout", "team_added_to_org")
_DOUBTFUL: Final = ("internal_error", "fatal_error")
_NO_THREAD: Final = ("thread_not_found", "message_not_found", "cannot_reply_to_message", "channel_not_found")
_GONE: Final = ("message_not_found", "cant_update_message", "edit_window_closed", "update_failed")


class SlackBotOptions(ApiOptions):
    """The keys of a Slack channel and its bot."""

    url: str = "https://slack.com/api"
    """The API's address."""
    channel: str
    """The channel's id (C0123456789), where the bot is a member."""
    mention: bool = True
    """Whether owners, and the author of the change that is named, are mentioned where Slack knows them."""


@dataclass(frozen=True, slots=True)
class SlackBot:
    """Messages of a bot in one channel. A reference is ``channel/ts``, of the message that heads the thread."""

    name: str
    api: Api
    channel: str
    render: Callable[[Report, str], str]
    mention: bool = True
    known_as: Callable[[str], tuple[str, ...]] = lambda _name: ()
    policy: Policy = POLICY
    per_finding: bool = False

    def compose(self, report: Report, key: str) -> str:
        """The message in Block Kit, and in ``news`` what is said in the thread where it takes the place of an earlier one."""
        message = json.loads(self.render(report, "slack"))
        people = " ".join(self._mentions(report)) if self.mention else ""
        if people:
            block = {"type": "context", "elements": [{"type": "mrkdwn", "text": people}]}
            message["blocks"] = [*message["blocks"][: _MAX_BLOCKS - 1], block]
        news = {"text": f"*Update:* {slack(outline(report).headline)} {people}".strip(), "metadata": _metadata(key=key)}
        return json.dumps({"channel": self.channel, **message, "metadata": _metadata(key=key), "news": news})

    def resolve(self, resolution: Resolution, told: Delivery, key: str) -> str:
        """An answer in the thread, which the channel sees too."""
        message = {"channel": self.channel, **resolved.as_slack(resolution), "metadata": _metadata(key=key)}
        channel, _, stamp = (told.reference or "").partition("/")
        return json.dumps({**message, "channel": channel, "thread_ts": stamp, "reply_broadcast": True} if stamp else message)

    def send(self, parcel: Parcel) -> Receipt:
        """Change the earlier message and say so in its thread; or post a message, in the thread of an incident that is back."""
        message = json.loads(parcel.payload)
        news = message.pop("news", None)
        if news and parcel.earlier and (receipt := self._update(message, news, parcel)):
            return receipt
        if news and parcel.thread and (receipt := self._reply(message, parcel.thread)):
            return receipt
        return self._call("chat.postMessage", message)

    def _reply(self, message: Mapping[str, Any], thread: str) -> Receipt | None:
        """In the thread, where the whole channel sees it, too; ``None`` where the thread is gone."""
        channel, _, stamp = thread.partition("/")
        said = self._call("chat.postMessage", {**message, "channel": channel, "thread_ts": stamp, "reply_broadcast": True})
        if said.outcome is not Outcome.TAKEN and text_of(document(said), "error") in _NO_THREAD:
            return None
        return replace(said, reference=thread if said.outcome is Outcome.TAKEN else None)

    def _update(self, message: Mapping[str, Any], news: Mapping[str, Any], parcel: Parcel) -> Receipt | None:
        """Changing is done first, because doing it twice does no harm; ``None`` where the earlier message is gone.

        The answer in the thread, which notifies people as a change does not, has the key and proves that both were done.
        """
        channel, _, stamp = (parcel.earlier or "").partition("/")
        changed = self._call(
            "chat.update", {**message, "channel": channel, "ts": stamp, "metadata": _metadata(updated=parcel.key)}
        )
        if text_of(document(changed), "error") in _GONE:
            return None
        if changed.outcome is not Outcome.TAKEN:
            return replace(changed, outcome=Outcome.LATER) if changed.outcome is Outcome.UNSURE else changed
        said = self._call("chat.postMessage", {**news, "channel": channel, "thread_ts": stamp})
        return replace(said, reference=parcel.earlier if said.outcome is Outcome.TAKEN else None)

    def find(self, parcel: Parcel) -> str | CannotTell | None:
        """In the thread that it belongs to, then among the newest hundred messages of the channel."""
        message = json.loads(parcel.payload)
        channel, _, stamp = (parcel.earlier or parcel.thread or f"{message['channel']}/{message.get('thread_ts', '')}").partition(
            "/"
        )
        if stamp:
            there = self._look(f"conversations.replies?channel={segment(channel)}&ts={segment(stamp)}", parcel.key)
            if there is not None:
                return there if isinstance(there, CannotTell) else f"{channel}/{stamp}"
        there = self._look(f"conversations.history?channel={segment(self.channel)}", parcel.key)
        return f"{self.channel}/{there}" if isinstance(there, str) else there

    def _look(self, where: str, key: str) -> str | CannotTell | None:
        """The ``ts`` of the message with the key."""
        found = self.api.read(f"/{where}&limit=100&include_all_metadata=true")
        if isinstance(found, CannotTell):
            return found
        if not isinstance(found, Mapping) or not found.get("ok"):
            why = text_of(found, "error")
            if why == "thread_not_found":
                return None
            return CannotTell(f"Slack does not let the bot read the channel: {why}", for_now=why in (*_PASSING, *_DOUBTFUL))
        messages = found.get("messages") or ()
        return next((text_of(item, "ts") for item in messages if text_of(item, "metadata", "event_payload", "key") == key), None)

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
        found: list[str] = []
        for name in _people(report):
            user = self._user(self.known_as(name) or (name,))
            if isinstance(user, CannotTell):  # the message does not wait for a Slack that is down
                break
            found += [f"<@{user}>"] if user.isalnum() else []
        return list(dict.fromkeys(found))

    def _user(self, names: Sequence[str]) -> str | CannotTell:
        """The member that these names are of, ``""`` for nobody: by the member id if one is known, else by e-mail address."""
        if known := next((name for name in names if _MEMBER.fullmatch(name)), None):
            return known
        for address in (name for name in names if _ADDRESS.fullmatch(name)):
            answer = self.api.read(f"/users.lookupByEmail?email={segment(address)}")
            if isinstance(answer, CannotTell) or (user := text_of(answer, "user", "id")):
                return answer if isinstance(answer, CannotTell) else user
        return ""


def _metadata(**payload: str) -> dict[str, Any]:
    return {"event_type": EVENT, "event_payload": payload}


def _people(report: Report) -> list[str]:
    """The owners, and the authors of the changes that are named; at most ten."""
    found: list[str] = []
    for finding in report.findings:
        owner, named = finding.regression.owner, named_suspect(finding.regression.ranking)
        found += owner.names if owner else ()
        found += [named.commit.author.email] if named and not named.commit.author.is_bot else []
    return list(dict.fromkeys(found))[:_MOST_PEOPLE]


def credentials(token: str) -> dict[str, str]:
    """A bot's token."""
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json; charset=utf-8"}


def make(name: str, config: Mapping[str, Any], tools: Tools) -> SlackBot:
    """From ``token``, ``channel``, ``mention`` and ``url``. Raises ``ConfigError``."""
    options = read_options(SlackBotOptions, name, config)
    return SlackBot(
        name, connect(options, name, tools, credentials), options.channel, tools.render, options.mention, tools.known_as
    )
