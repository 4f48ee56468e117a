"""Identifiers and words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deploywatch.suspects.syntax.words import KEYWORDS, identifiers, words


def test_identifiers_in_order_less_keywords_and_short_ones() -> None:
    assert identifiers("return basket.net_price if $scope else $el(i, basket)") == (
        "basket",
        "net_price",
        "$scope",
        "$el",
        "basket",
    )


def test_words_are_cut_at_underscores_and_capitals_and_kept_whole() -> None:
    assert words(["HTTPServer net_price", "parseURL2"]) == (
        "httpserver",
        "http",
        "server",
        "net_price",
        "net",
        "price",
        "parseurl2",
        "parse",
        "url",
    )


def test_words_that_say_nothing_are_dropped() -> None:
    assert words(["Fix the test of a thing", "return None"]) == ("thing",)


@given(st.text())
def test_any_text_has_words(text: str) -> None:
    assert all(name in text and name not in KEYWORDS for name in identifiers(text))
    assert all(len(word) > 1 and word == word.lower() for word in words([text]))
