"""That an issue is over, as channels that told of it say so: one headline and a few sentences, in each medium's own words."""

from __future__ import annotations

import json
from typing import Any, Final

from deploywatch.model import Resolution
from deploywatch.report import words
from deploywatch.report.escaping import clip, markdown, plain, slack

HEADLINE_LIMIT: Final = 150


def headline(resolution: Resolution) -> str:
    """``Fixed: KeyError (SHOP-9)``, raw and of one line."""
    issue = resolution.issue
    return clip(plain(f"Fixed: {words.error_name(issue)} ({issue.short_id or issue.id})"), HEADLINE_LIMIT)


def sentences(resolution: Resolution) -> tuple[str, ...]:
    """Why it is believed, where the fix is, and what is still open of the same incident; raw."""
    place = f" in {resolution.environment}" if resolution.environment else ""
    left = f"Still open of the same incident: {', '.join(resolution.left)}." if resolution.left else ""
    said = (words.sentence(resolution.why), f"The fix is in release {resolution.release}{place}.", left)
    return tuple(sentence for sentence in said if sentence)


def as_text(resolution: Resolution) -> str:
    """For media that show text as it is."""
    return "\n".join((headline(resolution), *(plain(sentence) for sentence in sentences(resolution))))


def as_markdown(resolution: Resolution) -> str:
    """For GitHub, GitLab, Sentry and trackers."""
    return "\n\n".join((f"**{markdown(headline(resolution))}**", *(markdown(sentence) for sentence in sentences(resolution))))


def as_slack(resolution: Resolution) -> dict[str, Any]:
    """A message of one block."""
    title = slack(headline(resolution))
    text = "\n".join((f":white_check_mark: *{title}*", *(slack(sentence) for sentence in sentences(resolution))))
    block = {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
    return {"text": title, "blocks": [block], "unfurl_links": False, "unfurl_media": False}


def as_teams(resolution: Resolution) -> dict[str, Any]:
    """A message with an Adaptive Card, whose runs of text know no Markdown."""
    runs = [{"type": "TextRun", "text": plain(sentence) + " "} for sentence in sentences(resolution)]
    title = {"type": "TextRun", "text": headline(resolution), "weight": "Bolder", "size": "Medium", "color": "Good"}
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "RichTextBlock", "inlines": [title]}, {"type": "RichTextBlock", "inlines": runs}],
    }
    return {"type": "message", "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}]}


def as_json(resolution: Resolution) -> dict[str, Any]:
    """The contract ``deploywatch.resolved/1``."""
    issue = resolution.issue
    return {
        "schema": "deploywatch.resolved/1",
        "issue": {"id": issue.id, "short_id": issue.short_id, "title": issue.title, "permalink": issue.permalink},
        "release": resolution.release,
        "environment": resolution.environment,
        "why": resolution.why,
        "left": list(resolution.left),
    }


def as_form(resolution: Resolution, form: str) -> str:
    """As ``render`` does for reports: ``text``, ``markdown``, ``slack``, ``teams`` or ``json``."""
    return {
        "text": lambda: as_text(resolution),
        "markdown": lambda: as_markdown(resolution),
        "slack": lambda: json.dumps(as_slack(resolution)),
        "teams": lambda: json.dumps(as_teams(resolution)),
        "json": lambda: json.dumps(as_json(resolution)),
    }[form]()
