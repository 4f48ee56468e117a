"""Sentry's matchers against what its own matcher (sentry_relay 0.9.31) was recorded to answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.owners.gitignore import PatternError
from deploywatch.owners.sentry_globs import compile_codeowners, compile_glob
from deploywatch.owners.sentry_index import GlobIndex

RECORDED = json.loads((Path(__file__).parents[1] / "data/owners/relay_matches.json").read_text(encoding="utf-8"))


def fold(text: str) -> str:
    return text.lower().replace("\\", "/")


def matches(kind: str, pattern: str, text: str) -> bool:
    if kind == "codeowners":
        return compile_codeowners(pattern).matches(text.lstrip("/"))
    try:
        return compile_glob(fold(pattern)).matches(fold(text))
    except PatternError:
        return False


@pytest.mark.parametrize(("kind", "pattern", "text", "expected"), RECORDED)
def test_answers_as_sentry_does(kind, pattern, text, expected):
    assert matches(kind, pattern, text) is expected


def test_hostile_globs_end():
    assert not compile_glob("a*" * 3000 + "b").matches("a" * 4000)
    assert compile_glob("{a,b,{c,d}}" * 300).matches("abcd" * 75)
    assert not compile_glob("{a,aa}" * 300).matches("a" * 601)
    with pytest.raises(PatternError, match="deep"):
        compile_glob("{" * 5000 + "}" * 5000)


PIECE = st.sampled_from(["a", "b", "/", "_", ".", "*", "?", "ab/", "/a_", "[ab]", "{a,b}", "**/"])
TEXT = st.lists(st.sampled_from(["a", "b", "/", "_", ".", "ab/", "/a_"]), max_size=8).map("".join)


def is_glob(pattern: str) -> bool:
    try:
        compile_glob(pattern)
    except PatternError:
        return False
    return True


@given(st.lists(st.lists(PIECE, min_size=1, max_size=5).map("".join).filter(is_glob), max_size=12), st.lists(TEXT, max_size=8))
def test_the_index_finds_what_trying_each_glob_finds(patterns, texts):
    index = GlobIndex(patterns)
    for text in texts:
        expected = [order for order, pattern in enumerate(patterns) if compile_glob(pattern).matches(text)]
        assert index.matching(text) == expected[::-1]
        assert index.last(text) == (expected[-1] if expected else -1)
