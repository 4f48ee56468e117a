from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from deploywatch.deliver.channel import CannotTell, Outcome, Parcel
from deploywatch.deliver.channels.slack_bot import SlackBot, make
from deploywatch.deliver.options import Tools
from deploywatch.model import Owner, RankingVerdict
from tests.deliver.support import resolution, told
from tests.fakes.api import Answer, Asked, FakeApi
from tests.report.samples import finding, ranking, regression, report

KEY, NEXT = "a" * 40, "b" * 40


class Slack(FakeApi):
    """The methods that a bot uses, in one channel. ``errors`` is what a method answers instead, by its name."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.errors: dict[str, str] = {}
        methods = {
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "conversations.history": lambda asked: {"messages": [m for m in self.messages[::-1] if "thread_ts" not in m]},
            "conversations.replies": self._replies,
            "users.lookupByEmail": self._lookup,
        }
        super().__init__(
            {(verb, f"/({re.escape(name)})"): self._route(act) for name, act in methods.items() for verb in ("GET", "POST")}
        )

    def _route(self, act):
        def answer(asked: Asked) -> Answer:
            error = self.errors.get(asked.found[0])
            said = {"ok": False, "error": error} if error else act(asked)
            return Answer(200, {"ok": True, **said})

        return answer

    def _post(self, asked: Asked) -> dict[str, Any]:
        if asked.body.get("thread_ts", "0") not in ("0", *(message["ts"] for message in self.messages)):
            return {"ok": False, "error": "thread_not_found"}
        self.messages.append(asked.body | {"ts": f"1763647500.{len(self.messages):06}"})
        return {"channel": asked.body["channel"], "ts": self.messages[-1]["ts"]}

    def _update(self, asked: Asked) -> dict[str, Any]:
        for message in self.messages:
            if message["ts"] == asked.body["ts"]:
                message.update(asked.body)
                return {"channel": asked.body["channel"], "ts": asked.body["ts"]}
        return {"ok": False, "error": "message_not_found"}

    def _replies(self, asked: Asked) -> dict[str, Any]:
        parent = asked.query["ts"]
        found = [message for message in self.messages if parent in (message["ts"], message.get("thread_ts"))]
        return {"messages": found} if found else {"ok": False, "error": "thread_not_found"}

    def _lookup(self, asked: Asked) -> dict[str, Any]:
        known = {"ana@acme.example": "U01ANA", "kim@acme.example": "U02KIM"}
        user = known.get(asked.query["email"])
        return {"user": {"id": user}} if user else {"ok": False, "error": "users_not_found"}


@pytest.fixture
def slack() -> Iterator[Slack]:
    with Slack() as server:
        yield server


@pytest.fixture
def bot(slack: Slack, tools: Tools, environ: dict[str, str]) -> SlackBot:
    environ["TOKEN"] = "xoxb-" + "sesame"
    return make("team", {"url": slack.url, "token": "env:TOKEN", "channel": "C01", "allow_private": True}, tools)


def parcel(bot: SlackBot, told=None, key: str = KEY, earlier: str | None = None) -> Parcel:
    return Parcel(bot.compose(told or report(), key), key, earlier)


def test_a_message_is_posted_and_found_again(bot: SlackBot, slack: Slack):
    told = parcel(bot)
    assert bot.find(told) is None
    receipt = bot.send(told)
    assert (receipt.outcome, receipt.reference) == (Outcome.TAKEN, "C01/1763647500.000000")
    assert bot.find(told) == receipt.reference
    assert {"channel", "text", "blocks", "metadata"} <= set(slack.messages[0])
    assert [asked.headers["authorization"] for asked in slack.requests][-1] == "Bearer xoxb-sesame"


def test_news_takes_the_place_of_the_message(bot: SlackBot, slack: Slack):
    first = bot.send(parcel(bot))
    news = parcel(bot, replace(report(), why="there is more"), NEXT, first.reference)
    assert bot.find(news) is None
    assert bot.send(news).reference == first.reference == bot.find(news)
    message, answer = slack.messages
    assert "There is more" in json.dumps(message["blocks"])
    assert (answer["thread_ts"], answer["metadata"]["event_payload"]) == (message["ts"], {"key": NEXT})
    assert answer["text"].startswith("*Update:* KeyError")


def test_news_whose_answer_in_the_thread_was_lost_is_looked_for_there(bot: SlackBot, slack: Slack):
    first = bot.send(parcel(bot))
    news = parcel(bot, key=NEXT, earlier=first.reference)
    slack.mishaps = ["works", "drop"]
    assert bot.send(news).outcome is Outcome.UNSURE
    assert bot.find(news) == first.reference


def test_a_change_whose_answer_was_lost_is_made_again(bot: SlackBot, slack: Slack):
    first = bot.send(parcel(bot))
    news = parcel(bot, key=NEXT, earlier=first.reference)
    slack.mishaps = ["drop"]
    assert bot.send(news).outcome is Outcome.LATER
    assert bot.find(news) is None
    assert bot.send(news).outcome is Outcome.TAKEN
    assert len(slack.messages) == 2


def test_an_incident_that_is_back_is_told_in_its_thread_where_the_channel_sees_it_and_found_there(bot: SlackBot, slack: Slack):
    first = bot.send(parcel(bot))
    back = replace(parcel(bot, replace(report(), release="shop@3", why="it is back"), NEXT), thread=first.reference)
    assert bot.find(back) is None
    assert bot.send(back).reference == first.reference == bot.find(back)
    head, answer = slack.messages
    assert (answer["thread_ts"], answer["reply_broadcast"]) == (head["ts"], True)
    assert ("It is back" in json.dumps(answer["blocks"]), "It is back" in json.dumps(head["blocks"])) == (True, False)


def test_an_incident_that_is_back_whose_thread_is_gone_is_a_new_message(bot: SlackBot, slack: Slack):
    receipt = bot.send(replace(parcel(bot), thread="C01/1.0"))
    assert (receipt.outcome, receipt.reference) == (Outcome.TAKEN, "C01/1763647500.000000")
    assert "thread_ts" not in slack.messages[0]


def test_an_incident_that_is_back_waits_where_slack_does_not_answer(bot: SlackBot, slack: Slack):
    first = bot.send(parcel(bot))
    slack.errors["chat.postMessage"] = "ratelimited"
    assert bot.send(replace(parcel(bot, key=NEXT), thread=first.reference)).outcome is Outcome.LATER
    assert len(slack.messages) == 1


def test_that_it_is_over_is_said_in_the_thread_and_found_there(bot: SlackBot, slack: Slack):
    first = bot.send(parcel(bot))
    over = Parcel(bot.resolve(resolution(), told("{}", first.reference), NEXT), NEXT)
    assert bot.find(over) is None
    assert bot.send(over).outcome is Outcome.TAKEN
    assert bot.find(over) == first.reference
    answer = slack.messages[-1]
    assert (answer["thread_ts"], answer["reply_broadcast"]) == (slack.messages[0]["ts"], True)
    assert "Fixed: KeyError" in answer["text"]


def test_that_it_is_over_is_a_message_of_its_own_where_the_thread_is_not_known(bot: SlackBot, slack: Slack):
    over = Parcel(bot.resolve(resolution(), told("{}"), NEXT), NEXT)
    assert bot.send(over).reference == bot.find(over) == "C01/1763647500.000000"
    assert "thread_ts" not in slack.messages[0]


@pytest.mark.parametrize("earlier", ["C01/1.0", "C01/2.0"])
def test_news_of_a_message_that_is_gone_is_a_new_message(bot: SlackBot, slack: Slack, earlier: str):
    assert bot.send(parcel(bot, key=NEXT, earlier=earlier)).outcome is Outcome.TAKEN
    assert len(slack.messages) == 1


def test_a_lost_answer_is_looked_for(bot: SlackBot, slack: Slack):
    slack.mishaps = ["drop"]
    told = parcel(bot)
    assert bot.send(told).outcome is Outcome.UNSURE
    assert bot.find(told) == "C01/1763647500.000000"


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        ("channel_not_found", Outcome.REFUSED),
        ("not_in_channel", Outcome.REFUSED),
        ("invalid_auth", Outcome.REFUSED),
        ("msg_too_long", Outcome.REFUSED),
        ("ratelimited", Outcome.LATER),
        ("service_unavailable", Outcome.LATER),
        ("internal_error", Outcome.UNSURE),
        ("fatal_error", Outcome.UNSURE),
    ],
)
def test_slacks_documented_errors(bot: SlackBot, slack: Slack, error: str, outcome: Outcome):
    slack.errors["chat.postMessage"] = error
    receipt = bot.send(parcel(bot))
    assert (receipt.outcome, receipt.error) == (outcome, f"Slack: {error}")


@pytest.mark.parametrize(("error", "for_now"), [("missing_scope", False), ("ratelimited", True), ("internal_error", True)])
def test_a_channel_that_cannot_be_read_cannot_tell(bot: SlackBot, slack: Slack, error: str, for_now: bool):
    slack.errors["conversations.history"] = error
    answer = bot.find(parcel(bot))
    assert isinstance(answer, CannotTell)
    assert answer.for_now is for_now


def with_owners(*names: str, verdict: RankingVerdict = RankingVerdict.SUSPECT):
    owned = regression(owner=Owner(names, "they own it"), ranking=ranking(verdict))
    return replace(report(), findings=(finding(regression=owned),))


@pytest.mark.parametrize(
    ("owners", "verdict", "mentions"),
    [
        (("kim@acme.example", "@acme/payments"), RankingVerdict.SUSPECT, "<@U02KIM> <@U01ANA>"),
        (("nobody@acme.example",), RankingVerdict.SUSPECT, "<@U01ANA>"),
        (("kim@acme.example",), RankingVerdict.UNSURE, "<@U02KIM>"),
        (("@acme/payments",), RankingVerdict.UNSURE, None),
    ],
)
def test_owners_and_the_author_of_the_named_change_are_mentioned_where_slack_knows_them(
    bot: SlackBot, owners: tuple[str, ...], verdict: RankingVerdict, mentions: str | None
):
    message = json.loads(bot.compose(with_owners(*owners, verdict=verdict), KEY))
    blocks = message["blocks"]
    assert [block["elements"][0]["text"] for block in blocks[-1:] if "<@" in json.dumps(block)] == (
        [mentions] if mentions else []
    )
    assert len(blocks) <= 50
    assert message["news"]["text"].endswith(mentions or "")


def test_the_message_does_not_wait_for_names_that_cannot_be_looked_up(bot: SlackBot, slack: Slack):
    slack.routes.insert(0, ("GET", re.compile(".*"), lambda asked: Answer(503)))
    bot.compose(with_owners(*(f"{name}@acme.example" for name in "abcdef")), KEY)
    assert len(slack.requests) == 1


def test_people_of_the_configuration_are_mentioned_by_what_it_knows(slack: Slack, tools: Tools, environ: dict[str, str]):
    environ["TOKEN"] = "sesame"
    known = {"@kim": ("kim@acme.example",), "@lee": ("U012AB3CD", "lee@acme.example"), "@mo": ("mo@home.example",)}
    config = {"url": slack.url, "token": "env:TOKEN", "channel": "C01", "allow_private": True}
    bot = make("team", config, replace(tools, known_as=lambda name: known.get(name, ())))
    message = json.loads(bot.compose(with_owners("@kim", "@lee", "@mo", "@acme/x", verdict=RankingVerdict.UNSURE), KEY))
    assert message["news"]["text"].endswith(" <@U02KIM> <@U012AB3CD>")
    assert [asked.query["email"] for asked in slack.requests] == ["kim@acme.example", "mo@home.example"]


def test_at_most_ten_people_are_looked_up(bot: SlackBot, slack: Slack):
    bot.compose(with_owners(*(f"{number}@acme.example" for number in range(40))), KEY)
    assert len(slack.requests) == 10


def test_mentions_can_be_switched_off(slack: Slack, tools: Tools, environ: dict[str, str]):
    environ["TOKEN"] = "sesame"
    quiet = make(
        "team", {"url": slack.url, "token": "env:TOKEN", "channel": "C01", "allow_private": True, "mention": False}, tools
    )
    assert "<@" not in quiet.compose(with_owners("ana@acme.example"), KEY)
    assert slack.requests == []
