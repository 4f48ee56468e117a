"""Slack's limits, and Slack's control sequences."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from deploywatch.model import Finding, Report
from deploywatch.report.render import render
from deploywatch.report.slack import MAX_BLOCKS, MAX_HEADER, MAX_SECTION, slack_blocks, slack_message
from tests.report import samples
from tests.report.hostile import ANY_TEXT, NASTY, poisoned
from tests.report.test_render import OURS


def texts(blocks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for block in blocks:
        yield from block.get("elements", [block["text"]] if "text" in block else [])


def check_limits(blocks: list[dict[str, Any]]) -> None:
    assert 1 <= len(blocks) <= MAX_BLOCKS
    assert {block["type"] for block in blocks} <= {"header", "section", "context"}
    for block in blocks:
        limit = MAX_HEADER if block["type"] == "header" else MAX_SECTION
        assert all(1 <= len(text["text"]) <= limit for text in texts([block]))


def check_harmless(message: dict[str, Any]) -> None:
    for text in (*texts(message["blocks"]), {"type": "mrkdwn", "text": message["text"], "verbatim": True}):
        if text["type"] == "mrkdwn":
            assert text["verbatim"] is True
            left = re.sub(r"<https://(?:github\.com|acme\.sentry\.io)/[^<>|\s]*\|[^<>]*>", "", text["text"])
            assert "<" not in left
            assert ">" not in left
            assert not re.search(r"&(?!amp;|lt;|gt;)", left)
            assert text["text"].count("```") % 2 == 0


def test_the_message_says_who_which_and_what_to_do(report: Report) -> None:
    message = slack_message(report)
    check_limits(message["blocks"])
    check_harmless(message)
    assert message["text"].startswith("KeyError in POST /checkout: 41 events/min")
    assert message["blocks"][0]["text"] == {
        "type": "plain_text",
        "text": "KeyError in POST /checkout: 41 events/min since the deploy",
        "emoji": False,
    }
    told = json.dumps(message)
    for part in (
        "author of the change: Ana Bell",
        "*93%* very likely",
        "git revert --no-edit",
        "`@acme/payments`",
        "|pull request 128>",
    ):
        assert part in told, part
    assert json.loads(render(report, "slack")) == message


def test_messages_about_what_is_not_usual(degenerate: Mapping[str, Report]) -> None:
    for report in degenerate.values():
        message = slack_message(report)
        check_limits(message["blocks"])
        check_harmless(message)
    told = json.dumps(slack_message(degenerate["unsure"]))
    assert "Not sure" in told
    assert "git revert" not in told


def test_too_many_issues_are_left_out_and_the_owner_is_not(report: Report) -> None:
    many = tuple(Finding(samples.regression(issue=samples.issue(number))) for number in range(10, 200))
    blocks = slack_blocks(replace(report, findings=(*report.findings, *many), not_visible=("It was dark.",)))
    check_limits(blocks)
    assert len(blocks) == MAX_BLOCKS
    told = json.dumps(blocks)
    assert "*Owner:*" in told
    assert "git revert" in told
    assert "It was dark." in told
    assert "SHOP-2" in told
    assert "SHOP-199" not in told


@pytest.mark.parametrize("text", NASTY)
def test_hostile_text_stays_text(report: Report, text: str) -> None:
    message = slack_message(poisoned(report, text, keep=OURS))
    check_limits(message["blocks"])
    check_harmless(message)


@settings(max_examples=30, deadline=None)
@given(ANY_TEXT)
def test_whatever_comes(text: str) -> None:
    message = slack_message(poisoned(samples.report(), text * 40, keep=OURS))
    check_limits(message["blocks"])
    check_harmless(message)
