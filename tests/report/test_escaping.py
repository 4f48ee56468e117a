"""Text from outside stays text, medium by medium."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from deploywatch.report import escaping
from deploywatch.report.escaping import CODE_LIMIT, INLINE_LIMIT
from tests.report.hostile import ANY_TEXT, NASTY

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
CONTEXTS = ("{}", "- {}\n", "# {}\n", "**{}** and {}", "{} at the start", "1. a {}\n", "> {}")


def shown(markdown: str) -> str:
    """The text that a Markdown reader would see of one block; fails where it is anything but text."""
    inline = [token for token in PARSER.parse(markdown) if token.type == "inline"]
    children = [child for token in inline for child in token.children or []]
    assert {child.type for child in children} <= {"text", "text_special", "strong_open", "strong_close"}, children
    return "".join(child.content for child in children)


def block_types(markdown: str) -> list[str]:
    return [token.type for token in PARSER.parse(markdown)]


@given(ANY_TEXT)
def test_plain_text_is_one_visible_line(text: str) -> None:
    result = escaping.plain(text)
    assert len(result) <= INLINE_LIMIT
    assert not [char for char in result if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")]
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\ufeff\ufdd0-\ufdef]", result)
    result.encode("utf-8")
    assert escaping.plain(result) == result


@given(ANY_TEXT)
def test_code_is_one_visible_line_with_its_indentation(text: str) -> None:
    result = escaping.code("    " + text)
    assert len(result) <= CODE_LIMIT
    assert not [char for char in result if unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")]
    assert result == "" or result.startswith("    ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("a\r\nb\tc", "a b c"),
        ("\x1b[31m", "␛[31m"),
        ("\x00\x7f", "␀␡"),
        ("\x9b1m\u202eabc", "\ufffd1m\ufffdabc"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("\ud800", "\ufffd"),
        ("\U0001f469\u200d\U0001f4bb Ünï 漢", "\U0001f469\u200d\U0001f4bb Ünï 漢"),
    ],
)
def test_plain_by_example(text: str, expected: str) -> None:
    assert escaping.plain(text) == expected


def test_a_long_text_is_cut_with_an_ellipsis() -> None:
    assert escaping.plain("x" * 501) == "x" * 499 + "…"
    assert escaping.plain("x" * 500) == "x" * 500


@given(ANY_TEXT, st.sampled_from(CONTEXTS))
def test_markdown_shows_exactly_the_text(text: str, context: str) -> None:
    escaped = escaping.markdown(text)
    plain = escaping.plain(text)
    seen = shown(context.replace("{}", escaped)).replace("\u200b", "")
    assert re.sub(r"\s+", " ", seen).count(plain.strip()) >= (1 if plain.strip() else 0)


@given(ANY_TEXT, st.sampled_from(CONTEXTS))
def test_markdown_does_not_change_the_structure_around_it(text: str, context: str) -> None:
    assert block_types(context.replace("{}", escaping.markdown("x" + text))) == block_types(context.replace("{}", "x"))


@pytest.mark.parametrize("text", ["# h", "- x", "+ x", "1. x", "12) x", "> q", "---", "===", " # h", "-", "1."])
def test_markdown_at_the_start_of_a_line_is_a_paragraph(text: str) -> None:
    assert block_types(escaping.markdown(text)) == ["paragraph_open", "inline", "paragraph_close"]
    assert block_types("above\n" + escaping.markdown(text)) == ["paragraph_open", "inline", "paragraph_close"]


@given(ANY_TEXT)
def test_nothing_that_code_hosts_bring_to_life_survives_in_markdown(text: str) -> None:
    rendered = shown(escaping.markdown(text))
    assert not re.search(r"@(?=\w)", rendered)
    assert not re.search(r"[#!$%~&](?=\w)|GH-(?=\d)", rendered, re.IGNORECASE)
    assert not re.search(r"://|www\.", rendered, re.IGNORECASE)
    assert not re.search(r":[+\w-]*[a-z+][+\w-]*:", rendered, re.IGNORECASE)
    assert not re.match(r"\s*/\w", rendered)


@pytest.mark.parametrize(
    "text", ["shop/checkout.py:42", "KeyError: 'x'", "snake_case_name", "0.2 events/min", "Read it (again), at 14:05:00."]
)
def test_ordinary_text_is_left_readable(text: str) -> None:
    assert escaping.markdown(text) == text
    assert escaping.slack(text) == text


@given(ANY_TEXT)
def test_a_markdown_code_span_holds_exactly_the_text(text: str) -> None:
    span = escaping.markdown_code(text)
    inline = [token for token in PARSER.parse(f"a {span} b") if token.type == "inline"]
    codes = [child.content for child in inline[0].children or [] if child.type == "code_inline"]
    assert codes == ([escaping.plain(text).strip(" ")] if span else [])


@given(st.lists(ANY_TEXT, max_size=5))
def test_a_markdown_fence_cannot_be_left(lines: list[str]) -> None:
    fence = escaping.markdown_fence(tuple(lines), "diff")
    tokens = PARSER.parse(f"{fence}\n\nafter")
    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]
    assert tokens[0].content == "".join(escaping.code(line) + "\n" for line in lines)
    assert tokens[0].info == "diff"


@given(ANY_TEXT, ANY_TEXT)
def test_a_markdown_link_goes_where_it_says_or_nowhere(label: str, tail: str) -> None:
    link = escaping.markdown_link("x" + label, "https://ours.example/" + tail)
    inline = [token for token in PARSER.parse(link) if token.type == "inline"]
    hrefs = [child.attrGet("href") for child in inline[0].children or [] if child.type == "link_open"]
    address = escaping.safe_url("https://ours.example/" + tail)
    assert len(hrefs) == (1 if address else 0)
    assert all(str(href).startswith("https://ours.example/") for href in hrefs)


@given(ANY_TEXT)
def test_slack_text_has_no_control_sequence_and_no_formatting(text: str) -> None:
    escaped = escaping.slack(text)
    assert "<" not in escaped
    assert ">" not in escaped
    assert not re.search(r"&(?!amp;|lt;|gt;)", escaped)
    assert not re.search(r"[*~`]|(?<![^\W_])_|_(?![^\W_])", escaped)


@given(ANY_TEXT, st.lists(ANY_TEXT, max_size=4))
def test_slack_code_cannot_be_left(text: str, lines: list[str]) -> None:
    span = escaping.slack_code(text)
    assert span == "" or (span[0] == span[-1] == "`" and "`" not in span[1:-1] and "<" not in span)
    block = escaping.slack_fence(tuple(lines))
    assert block.count("`") == 6
    assert "<" not in block


@given(ANY_TEXT, ANY_TEXT)
def test_a_slack_link_is_one_link(label: str, tail: str) -> None:
    link = escaping.slack_link(label, "https://ours.example/" + tail)
    if escaping.safe_url("https://ours.example/" + tail) is None:
        assert link == escaping.slack(label)
    else:
        assert re.fullmatch(r"<https://ours\.example/[^|<>\s]*\|[^<>]*>", link)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://acme.sentry.io/issues/4/?a=b#c", "https://acme.sentry.io/issues/4/?a=b#c"),
        ("http://[::1]:9000/x", "http://[::1]:9000/x"),
        ("https://x.example/a(b)|<c>'\"", "https://x.example/a%28b%29%7C%3Cc%3E%27%22"),
        ("https://x.example/é", "https://x.example/%C3%A9"),
        ("https://x.example/a%20b", "https://x.example/a%20b"),
        (None, None),
        ("", None),
        ("javascript:alert(1)", None),
        ("JaVaScRiPt://x.example/%0aalert(1)", None),
        ("data:text/html,x", None),
        ("//x.example/", None),
        ("https:///x", None),
        ("https://user:password@x.example/", None),
        ("https://good.example\\@evil.example/", None),
        ("https://good.example\\.evil.example/", None),
        ("https://\u0430cme.example/", None),
        ("https://x.example/a b", None),
        ("https://x.example/\x1b", None),
        ("https://x.example/\u202e", None),
        ("https://[::1/", None),
        ("https://x.example/" + "a" * 2000, None),
    ],
)
def test_safe_url(url: str | None, expected: str | None) -> None:
    assert escaping.safe_url(url) == expected


@pytest.mark.parametrize("text", NASTY)
def test_rich_markup_gives_the_text_back(text: str) -> None:
    from rich.text import Text

    assert escaping.unmask(Text.from_markup(f"[bold]{escaping.rich_markup(text)}[/]", emoji=False).plain) == escaping.plain(text)
    assert (
        escaping.unmask(Text.from_markup(escaping.rich_code(text) + "[red]x[/]", emoji=False).plain) == escaping.code(text) + "x"
    )
