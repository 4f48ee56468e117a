from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

from deploywatch.model import Resolution
from deploywatch.report import resolved
from tests.report.samples import issue

OVER = Resolution(
    issue(), "shop@1.5.0", "production", "no events in 2h", datetime(2026, 11, 21, tzinfo=UTC), ("SHOP-2", "SHOP-3")
)
HOSTILE = replace(
    OVER, issue=replace(issue(), error_type="<!channel> [x](javascript:1)\x1b[2J"), why="@everyone *bold* <b>&", release="`v`"
)


def test_it_says_what_is_over_why_where_and_what_is_left():
    assert resolved.as_text(OVER).split("\n") == [
        "Fixed: KeyError (SHOP-1)",
        "No events in 2h.",
        "The fix is in release shop@1.5.0 in production.",
        "Still open of the same incident: SHOP-2, SHOP-3.",
    ]


def test_without_environment_and_with_nothing_left_nothing_is_said_of_them():
    assert resolved.sentences(replace(OVER, environment=None, left=())) == (
        "No events in 2h.",
        "The fix is in release shop@1.5.0.",
    )


def test_text_from_outside_stays_text_in_every_medium():
    markdown = resolved.as_markdown(HOSTILE)
    assert "@everyone" not in markdown
    assert "[x](javascript" not in markdown
    assert "<b>" not in markdown
    slack = resolved.as_slack(HOSTILE)["blocks"][0]["text"]
    assert "<!channel>" not in slack["text"]
    assert "*bold*" not in slack["text"]
    assert slack["verbatim"] is True
    teams = json.dumps(resolved.as_teams(HOSTILE), ensure_ascii=False)
    assert '"TextBlock"' not in teams
    assert "entities" not in teams
    assert "\x1b" not in teams + resolved.as_text(HOSTILE) + markdown + json.dumps(slack, ensure_ascii=False)


def test_programs_get_the_values():
    told = resolved.as_json(OVER)
    assert (told["issue"]["short_id"], told["release"], told["left"]) == ("SHOP-1", "shop@1.5.0", ["SHOP-2", "SHOP-3"])
    assert json.loads(resolved.as_form(OVER, "json")) == told
    assert json.loads(resolved.as_form(OVER, "slack")) == resolved.as_slack(OVER)
    assert json.loads(resolved.as_form(OVER, "teams")) == resolved.as_teams(OVER)
    assert [resolved.as_form(OVER, form) for form in ("text", "markdown")] == [resolved.as_text(OVER), resolved.as_markdown(OVER)]
