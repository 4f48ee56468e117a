"""Looking literals up against trying each."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from deploywatch.owners.pieces import Pieces, Tails

TEXT = st.lists(st.sampled_from(["a", "b", "/", "_", ".", "a/", "b_"]), max_size=9).map("".join)
START = TEXT.map(lambda text: text.rstrip("ab")).filter(bool)
INNER = START.map(lambda text: "/" + text.lstrip("/")).filter(lambda text: len(text) > 1)


@given(st.lists(START, max_size=8), st.lists(TEXT, max_size=6))
def test_beginnings_of_texts(literals, texts):
    pieces = Pieces(anywhere=False)
    for number, literal in enumerate(literals):
        pieces.add(literal, number)
    for text in texts:
        expected = [number for number, literal in enumerate(literals) if text.startswith(literal)]
        assert sorted(pieces.found(text)) == expected
        assert pieces.last(text) == max(expected, default=-1)


@given(st.lists(INNER, max_size=8), st.lists(TEXT, max_size=6))
def test_pieces_anywhere_in_texts(literals, texts):
    pieces = Pieces(anywhere=True)
    for number, literal in enumerate(literals):
        pieces.add(literal, number)
    for text in texts:
        expected = {number for number, literal in enumerate(literals) if literal in text}
        assert set(pieces.found(text)) == expected
        assert pieces.last(text) == max(expected, default=-1)


@given(st.lists(TEXT.map(lambda text: "/" + text), max_size=8), st.lists(TEXT, max_size=6))
def test_ends_of_texts(literals, texts):
    tails = Tails()
    for number, literal in enumerate(literals):
        tails.add(literal, number)
    for text in texts:
        last = {literal: number for number, literal in enumerate(literals)}
        expected = {number for literal, number in last.items() if text.endswith(literal)}
        assert set(tails.found(text)) == expected
        assert tails.last(text) == max(expected, default=-1)
