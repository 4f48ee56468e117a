"""BM25, reckoned again by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.suspects.similarity import Corpus

WORDS = st.lists(st.sampled_from("abcde"), max_size=12)
CORPORA = st.dictionaries(st.sampled_from("xyzw"), WORDS)


def test_against_a_computation_by_hand() -> None:
    """Three documents of 4, 2 and 3 words, so the mean length is 3; ``a`` is in two of them, ``b`` in one."""
    corpus = Corpus({"x": ["a", "a", "b", "c"], "y": ["a", "c"], "z": ["c", "c", "d"]})
    rarity_a = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    rarity_b = math.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    norm_x = 1.2 * (1 - 0.75 + 0.75 * 4 / 3)
    norm_y = 1.2 * (1 - 0.75 + 0.75 * 2 / 3)
    assert corpus.rarity("a") == pytest.approx(rarity_a)
    assert corpus.rarity("b") == pytest.approx(rarity_b)
    x = rarity_a * 2 * 2.2 / (2 + norm_x) + rarity_b * 1 * 2.2 / (1 + norm_x)
    y = rarity_a * 1 * 2.2 / (1 + norm_y)
    assert corpus.score("x", ["a", "b"]) == pytest.approx(x)
    assert corpus.score("y", ["a", "b"]) == pytest.approx(y)
    assert corpus.score("z", ["a", "b"]) == 0
    assert corpus.scores(["a", "b"]) == pytest.approx({"x": 1, "y": y / x, "z": 0})


def test_the_words_that_carry_the_score() -> None:
    corpus = Corpus({"x": ["rare", "common", "often"], "y": ["common", "often"], "z": ["often"]})
    assert corpus.shared("x", ["often", "common", "rare", "absent"]) == ("rare", "common", "often")
    assert corpus.shared("x", ["often", "common", "rare"], limit=1) == ("rare",)
    assert corpus.shared("z", ["rare"]) == ()
    assert corpus.shared("absent", ["rare"]) == ()


@pytest.mark.parametrize("documents", [{}, {"x": []}, {"x": [], "y": []}])
def test_empty_windows_and_empty_changes(documents: dict[str, list[str]]) -> None:
    corpus = Corpus(documents)
    assert corpus.scores(["a"]) == dict.fromkeys(documents, 0.0)
    assert corpus.score("nowhere", ["a"]) == 0


@given(CORPORA, WORDS)
def test_scores_are_shares_of_the_best(documents: dict[str, list[str]], query: list[str]) -> None:
    scores = Corpus(documents).scores(query)
    assert scores.keys() == documents.keys()
    assert all(0 <= score <= 1 for score in scores.values())
    common = any(set(words) & set(query) for words in documents.values())
    assert max(scores.values(), default=0.0) == pytest.approx(1 if common else 0)
    assert all((score > 0) == bool(set(documents[key]) & set(query)) for key, score in scores.items())


@given(CORPORA, WORDS)
def test_the_order_of_the_query_does_not_matter(documents: dict[str, list[str]], query: list[str]) -> None:
    corpus = Corpus(documents)
    assert corpus.scores(query) == pytest.approx(corpus.scores(query[::-1]))
