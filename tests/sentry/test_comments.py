from __future__ import annotations

import httpx
import pytest

from deploywatch.errors import SentryAuthError, SentryRejected, SentryUnavailable, UsageError
from deploywatch.sentry.comments import comment, comments, marked, marker_of
from tests.sentry.support import DETAIL_404, page, reply, stage

PATH = "/organizations/acme/issues/2/comments/"
TEXT = marked("**Suspect:** `abc`", "watch:shop@1.0:2")
DUPLICATE = '{"detail": "You have already posted that comment."}'


def note(text: str, number: str = "15") -> dict:
    return {
        "id": number,
        "type": "note",
        "data": {"text": text},
        "dateCreated": "2026-11-21T00:16:51.717838Z",
        "user": {"name": "Bot"},
    }


def test_the_marker_is_read_back_and_is_a_markdown_line_that_shows_nothing():
    assert TEXT == "**Suspect:** `abc`\n\n[//]: # (deploywatch:watch:shop@1.0:2)"
    assert marker_of(TEXT) == "watch:shop@1.0:2"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "[//]: # (other:x)",
        "say [//]: # (deploywatch:x) inline",
        "[//]: # (deploywatch:a b)",
        "[//]: # (deploywatch:)",
    ],
)
def test_other_comments_have_no_marker(text):
    assert marker_of(text) is None


def test_a_marker_survives_windows_line_ends_and_quotes_of_older_comments():
    assert marker_of("text\r\n\r\n[//]: # (deploywatch:k-1)\r\n") == "k-1"
    assert marker_of(marked(marked("old", "k-1"), "k-2")) == "k-2"


@pytest.mark.parametrize("key", ["", "a b", "a)b", "a\nb", "k" * 201])
def test_what_cannot_be_a_marker(key):
    with pytest.raises(UsageError):
        marked("text", key)


def test_it_looks_before_it_posts():
    s = stage(reply([]), reply(note(TEXT), 201))
    posted = comment(s.client, "2", TEXT)
    assert (posted.id, posted.author) == ("15", "Bot")
    assert s.script.lines == [f"GET {PATH}", f"POST {PATH}"]
    assert s.script.asked[1].json == {"text": TEXT}


def test_its_own_earlier_comment_is_found_by_the_marker_whatever_the_text_became():
    s = stage(reply([note("a person's"), note(TEXT.replace("abc", "edited"), "16")]))
    assert comment(s.client, "2", TEXT).id == "16"
    assert s.script.lines == [f"GET {PATH}"]


def test_without_a_marker_the_same_text_is_found():
    s = stage(reply([note(" hello\n")]))
    assert comment(s.client, "2", "hello").id == "15"


def test_only_notes_are_comments():
    s = stage(
        reply(
            [note("a") | {"id": "1"}, {"id": "2", "type": "set_resolved", "data": {}}, {"id": "3", "type": "note", "data": None}]
        )
    )
    assert [(found.id, found.text) for found in comments(s.client, "9")] == [("1", "a"), ("3", "")]


@pytest.mark.parametrize("lost", [httpx.ReadTimeout("late"), httpx.ReadError("reset"), page(502), page(504)])
def test_where_the_answer_got_lost_it_looks_instead_of_posting_again(lost):
    s = stage(reply([]), lost, reply([note(TEXT)]))
    assert comment(s.client, "2", TEXT).id == "15"
    assert s.script.lines == [f"GET {PATH}", f"POST {PATH}", f"GET {PATH}"]


def test_where_nobody_knows_it_says_that_it_may_have_been_sent():
    s = stage(reply([]), httpx.ReadTimeout("late"), reply([]))
    with pytest.raises(SentryUnavailable) as caught:
        comment(s.client, "2", TEXT)
    assert caught.value.sent


def test_a_repeated_comment_is_refused_in_json_inside_json_and_that_is_success():
    s = stage(reply([]), reply(DUPLICATE, 400), reply([note(TEXT)]))
    assert comment(s.client, "2", TEXT).id == "15"
    s = stage(reply([]), reply(DUPLICATE, 400), reply([]))
    assert comment(s.client, "2", TEXT).id == ""


def test_another_refusal_is_an_error():
    with pytest.raises(SentryRejected, match="text: This field is required"):
        comment(stage(reply([]), reply({"text": ["This field is required."]}, 400)).client, "2", "x")


def test_a_token_that_may_not_comment_is_told_the_scope():
    with pytest.raises(SentryAuthError) as caught:
        comment(stage(reply([]), reply({"detail": "no"}, 403)).client, "2", "x")
    assert "event:write" in caught.value.hint


def test_a_server_with_the_old_address_only_gets_both_shapes_of_the_text():
    s = stage(page(200), reply([]), page(403), reply(note("x") | {"id": 1}, 201))
    assert comment(s.client, "2", "x").id == "1"
    assert s.script.lines == [f"GET {PATH}", "GET /issues/2/comments/", f"POST {PATH}", "POST /issues/2/comments/"]
    assert s.script.asked[3].json == {"text": "x", "data": {"text": "x"}}


def test_an_issue_that_is_gone():
    with pytest.raises(Exception, match="knows nothing"):
        comment(stage(reply(DETAIL_404, 404)).client, "2", "x")
