from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.http import Response
from deploywatch.sentry.complaints import complaint, error_code, is_html, moved_to


def answer(body: str | bytes, content_type: str = "application/json", status: int = 400) -> Response:
    content = body if isinstance(body, bytes) else body.encode()
    return Response(status, {"content-type": content_type} if content_type else {}, content)


def as_json(value: object) -> Response:
    return answer(json.dumps(value))


@pytest.mark.parametrize(
    ("response", "text"),
    [
        (as_json({"detail": "Invalid token"}), "Invalid token"),
        (
            as_json({"detail": {"code": "sso-required", "message": "Must login via SSO", "extra": {"loginUrl": "/auth/"}}}),
            "Must login via SSO",
        ),
        (as_json({"projects": ["Invalid project ids or slugs"]}), "projects: Invalid project ids or slugs"),
        (as_json({"environment": ["bad"], "name": ["too long", "odd"]}), "environment: bad; name: too long; name: odd"),
        (as_json({"commits": [{}, {"patch_set": [{"type": ["no"]}]}]}), "commits: patch_set: type: no"),
        (as_json({"url": ["Enter a valid URL."]}), "url: Enter a valid URL."),
        (as_json({"non_field_errors": ["both or none"]}), "both or none"),
        (
            as_json({"detail": [{"projects": "Require at least one valid project"}]}),
            "projects: Require at least one valid project",
        ),
        (as_json({"detail": [{"type": "missing", "loc": ["body", "x"], "msg": "Field required"}]}), "Field required"),
        (
            as_json("You are attempting to use this endpoint too frequently."),
            "You are attempting to use this endpoint too frequently.",
        ),
        (answer("Limit is 40 requests in 1 seconds", "text/plain"), "Limit is 40 requests in 1 seconds"),
        (as_json('{"detail": "You have already posted that comment."}'), "You have already posted that comment."),
        (as_json({"detail": "Internal Error", "errorId": "9aea50"}), "Internal Error"),
        (as_json({"error": "Bad thing"}), "Bad thing"),
        (answer("<html><head><title>502 Bad\n Gateway &amp; so</title></head></html>", "text/html"), "502 Bad Gateway & so"),
        (answer("<!DOCTYPE html><h1>Forbidden <span>(403)</span></h1>", ""), "Forbidden (403)"),
        (answer("<html><body>no title</body></html>", "text/html; charset=utf-8"), ""),
        (answer(""), ""),
        (answer('{"detail": "cut o'), '{"detail": "cut o'),
        (as_json(None), ""),
        (as_json([1, 2.5, True]), ""),
        (as_json({"detail": None}), ""),
        (as_json({"detail": "a\x1b[31mred\x1b[0m\r\nline"}), "a [31mred [0m line"),
    ],
)
def test_every_shape_of_an_error_becomes_one_line(response, text):
    assert complaint(response) == text


def test_a_long_complaint_is_cut():
    assert len(complaint(as_json({"detail": "x" * 10_000}))) == 300


def test_a_renamed_project_tells_its_new_slug():
    moved = as_json(
        {
            "slug": "new-shop",
            "detail": {"code": "resource-moved", "message": "Moved", "extra": {"slug": "new-shop", "url": "/x/"}},
        }
    )
    assert (moved_to(moved), error_code(moved)) == ("new-shop", "resource-moved")
    assert moved_to(as_json({"detail": {"code": "other", "extra": {"slug": "x"}}})) is None
    assert moved_to(as_json({"detail": "text"})) is None


@pytest.mark.parametrize(
    ("body", "content_type", "html"),
    [
        ("{}", "application/json", False),
        ("<html>", "text/html", True),
        ("  <!DOCTYPE HTML>", "", True),
        ("<html lang='en'>", "", True),
        ("<not html>", "", False),
        ("<html>", "application/json", False),
    ],
)
def test_what_a_web_page_is(body, content_type, html):
    assert is_html(answer(body, content_type)) is html


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_json_gives_a_short_printable_line(value):
    text = complaint(as_json(value))
    assert len(text) <= 300
    assert text == "" or text.isprintable()


@given(st.binary(max_size=300), st.sampled_from(["application/json", "text/html", "text/plain", ""]))
def test_any_bytes_give_a_short_printable_line(body, content_type):
    response = answer(body, content_type)
    text = complaint(response)
    assert len(text) <= 300
    assert text == "" or text.isprintable()
    assert error_code(response) is None or isinstance(error_code(response), str)


def test_absurd_nesting_is_survived():
    assert complaint(answer("[" * 100_000)).startswith("[[[")
