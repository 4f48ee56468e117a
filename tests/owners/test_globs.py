"""The matching engine against Python's regular expressions, which say the same in another way."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.owners.brackets import read_class
from deploywatch.owners.globs import AnyOne, Below, Directories, Either, Glob, Literal, OneOf, Star, Step, Text

CASES: list[tuple[Step, str]] = [
    (Literal("a"), "a"),
    (Literal("ab"), "ab"),
    (Literal("/"), "/"),
    (AnyOne(), "[^/]"),
    (AnyOne(crosses=True), "."),
    (Star(), "[^/]*"),
    (Star(crosses=True), ".*"),
    (OneOf((("a", "b"),)), "[ab]"),
    (OneOf((("a", "a"),), negated=True), "[^a/]"),
    (OneOf((("a", "a"),), negated=True, crosses=True), "[^a]"),
    (Either(((Literal("a"),), (Literal("b"), Star()), ())), "(?:a|b[^/]*|)"),
]


@given(st.lists(st.sampled_from(CASES), max_size=6), st.text(alphabet="ab/", max_size=8))
def test_it_matches_what_the_same_regular_expression_matches(steps, text):
    pattern = re.compile("".join(regex for _, regex in steps), re.DOTALL)
    assert Glob(tuple(step for step, _ in steps)).matches(text) is (pattern.fullmatch(text) is not None)


NAMES = [
    ((Directories(), Literal("b")), "(?:[^/]+/)*b"),
    ((Literal("a/"), Directories(), Literal("b")), "a/(?:[^/]+/)*b"),
    ((Literal("a"), Below()), "a(?:/.*)?"),
]


@given(st.sampled_from(NAMES), st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=5).map("/".join))
def test_directories_and_what_is_below(case, path):
    steps, regex = case
    assert Glob(steps).matches(path) is (re.fullmatch(regex, path) is not None)


def test_a_prepared_text_serves_many_patterns():
    text = Text("src/app/cart.py")
    assert Glob((Star(crosses=True), Literal(".py"))).matches(text)
    assert not Glob((Star(), Literal(".py"))).matches(text)


CLASSES = [
    ("[abc]x", "b", 5),
    ("[a-c]", "c", 5),
    ("[!a]", "b", 4),
    ("[^a]", "b", 4),
    ("[]a]", "]", 4),
    ("[\\]]", "]", 4),
    ("[a-]", "-", 4),
    ("[a\\-c]", "-", 6),
]


@pytest.mark.parametrize(("pattern", "character", "end"), CLASSES)
def test_character_classes(pattern, character, end):
    read = read_class(pattern, 0)
    assert read is not None
    assert read[0].holds(character)
    assert read[1] == end


@pytest.mark.parametrize("pattern", ["[", "[a", "[]", "[!]", "[a\\]"])
def test_a_class_that_never_closes(pattern):
    assert read_class(pattern, 0) is None
