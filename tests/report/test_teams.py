"""Teams: one card within Teams' limit, in which strangers' words are only words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from deploywatch.model import Finding, Report
from deploywatch.report.render import render
from deploywatch.report.teams import MAX_BYTES, teams_message
from tests.report import samples
from tests.report.hostile import ANY_TEXT, MIXES, poisoned, prefixed

# What a TextRun and what stands around it may have, after the Adaptive Cards' schema 1.5.
KEYS = {
    "RichTextBlock": {"type", "inlines", "separator", "spacing"},
    "TextRun": {"type", "text", "weight", "size", "color", "isSubtle", "fontType"},
    "Container": {"type", "style", "items"},
    "Action.OpenUrl": {"type", "title", "url"},
}


def card(report: Report) -> dict[str, Any]:
    (attachment,) = teams_message(report)["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    return attachment["content"]


def elements(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for each in value:
            yield from elements(each)
    elif isinstance(value, dict):
        if value.get("type") not in (None, "AdaptiveCard"):
            yield value
        for key in ("body", "items", "inlines", "actions"):
            yield from elements(value.get(key, []))


def texts(report: Report) -> list[str]:
    return [each["text"] for each in elements(card(report)) if each["type"] == "TextRun"]


def test_the_card_tells_the_story_and_links_where_to_go(report: Report) -> None:
    said = " ".join(texts(report))
    for part in ("KeyError in POST /checkout", "Ana Bell", "93% very likely", "@acme/payments", "git revert --no-edit"):
        assert part in said
    assert next(action["title"] for action in card(report)["actions"]) == "Issue SHOP-1 in Sentry"
    assert all(action["url"].startswith("https://") for action in card(report)["actions"])


def test_everything_is_text_that_is_not_read_as_anything(report: Report) -> None:
    found = list(elements(card(report)))
    assert {each["type"] for each in found} == set(KEYS)
    assert all(set(each) <= KEYS[each["type"]] for each in found)


def test_a_message_that_is_too_large_loses_the_least_important_first(report: Report) -> None:
    many = tuple(Finding(samples.regression(issue=samples.issue(number, title="x" * 400))) for number in range(10, 60))
    large = replace(report, findings=(*report.findings, *many), not_visible=("nothing " * 90,) * 30)
    assert len(render(large, "teams").encode()) <= MAX_BYTES
    said = " ".join(texts(large))
    assert "git revert --no-edit" in said
    assert "Ana Bell" in said
    assert len(texts(replace(report, not_visible=()))) > 20


@pytest.mark.parametrize("mix", MIXES)
def test_strangers_change_neither_shape_nor_limit(report: Report, mix: tuple[str, ...]) -> None:
    loud = poisoned(report, prefixed("{{DATE(2026-01-01T00:00:00Z)}}", "<at>all</at>", *mix, "\u6f22" * 9_999))
    assert len(render(loud, "teams").encode()) <= MAX_BYTES
    found = list(elements(card(loud)))
    assert all(set(each) <= KEYS[each["type"]] for each in found)
    assert not [text for text in texts(loud) if "{{" in text]
    assert "msteams" not in json.dumps(found)


@settings(max_examples=20, deadline=None)
@given(text=ANY_TEXT)
def test_whatever_comes_is_a_card_of_text(report: Report, text: str) -> None:
    found = list(elements(card(poisoned(report, prefixed(text)))))
    assert all(set(each) <= KEYS[each["type"]] for each in found)
    assert all(each["text"] for each in found if each["type"] == "TextRun")
