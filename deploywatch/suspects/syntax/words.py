"""Identifiers and words of source text and of messages, and how lines are indented."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_IDENTIFIER: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

# Keywords and built-in names of the languages that we read: in every diff, so evidence of nothing.
KEYWORDS: Final = frozenset(
    """
    and as assert async await break case catch class const continue def default del do elif else enum except export extends
    false False final finally for from func function global goto if implements import in instanceof interface is lambda let
    match module new nil None nonlocal not null of or package pass private protected public raise require return self static
    struct super switch this throw throws true True try type typeof undefined use using val var void when where while with
    yield int str bool float double string boolean list dict set tuple object len print range isinstance hasattr getattr
    setattr cls args kwargs Object Array String Number Boolean Exception Error TypeError ValueError KeyError AttributeError
    """.split()
)


# Words that say nothing of what a change or a failure is about.
_STOP: Final = frozenset(name.lower() for name in KEYWORDS) | frozenset(
    """
    an be been but by can could did do does done during each had has have he her his how into it its just like made make many
    may might more most must my no non now off on once one only other our out over own same should so some such than that the
    their them then there these they this those through to too two under until up us very was we were what which who why will
    would you your also any all both few py js ts jsx tsx rb go rs php java test tests spec specs testing src lib index init
    main file files line lines error errors type typed types fix fixes fixed fixing add adds added adding remove removes
    removed removing change changes changed changing update updates updated refs ref closes value values name names key keys
    item items arg args kwargs param params obj result results data first last next get set has let
    """.split()
)


def indent(line: str) -> int:
    """By how many characters a line is indented."""
    return len(line) - len(line.lstrip())


def identifiers(text: str) -> tuple[str, ...]:
    """The identifiers of source text in order, less keywords and names of one or two letters."""
    return tuple(name for name in _IDENTIFIER.findall(text) if len(name) > 2 and name not in KEYWORDS)


def words(texts: Iterable[str]) -> tuple[str, ...]:
    """Lower-case words, identifiers cut at underscores and capitals as well as kept whole: what text similarity counts."""
    found: list[str] = []
    for text in texts:
        for name in _IDENTIFIER.findall(text):
            found += _words_of(name)
    return tuple(found)


@lru_cache(maxsize=1 << 15)
def _words_of(name: str) -> tuple[str, ...]:
    whole = name.lower()
    parts = [part.lower() for part in _WORD.findall(name)]
    return tuple(word for word in ([whole, *parts] if len(parts) > 1 else [whole]) if len(word) > 1 and word not in _STOP)
