"""Which rules read which file, by its ending."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, Protocol

from deploywatch.suspects.syntax import indented, python, python_body, trees
from deploywatch.suspects.syntax.outline import Outline, Statement

_TOKEN: Final = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|[\w$]+|[^\w\s]")
BRACES: Final = frozenset(
    "js jsx mjs cjs ts tsx mts cts vue java kt kts go php cs rs c h cc cpp hpp scala swift groovy dart".split()
)
_INDENTED: Final = frozenset("py pyi pyx rb ex exs".split())

type_of: Final = {"py": "python", "pyi": "python"}


@lru_cache(maxsize=4096)
def ending(path: str) -> str:
    """A path's ending in lower case, without the dot."""
    return path.rpartition("/")[2].rpartition(".")[2].lower()


def outline(path: str, text: str) -> Outline:
    """The outline of a source file; an empty one for a language that we know nothing of."""
    end = ending(path)
    if end in type_of:
        return python.outline(text) or indented.outline(text)
    if exact := trees.outline(end, text):
        return exact
    if end in BRACES:
        from deploywatch.suspects.syntax import braces  # its expressions take longer to compile than all else here to load

        return braces.outline(text)
    return indented.outline(text) if end in _INDENTED else Outline()


class Functions(Protocol):
    """The functions of one file, by qualified name. Of those that there are not, both answers are ``None``."""

    def span(self, qualified: str, /) -> tuple[int, int] | None:
        """First and last line (1-based) of a function."""
        ...

    def body(self, qualified: str, /) -> tuple[Statement, ...] | None:
        """Its statements in the order of the text; ``None`` also where it cannot be parsed."""
        ...


def functions(path: str, text: str) -> Functions | None:
    """The functions of a source file; ``None`` where nothing here can read it."""
    end = ending(path)
    return python_body.Functions(text) if end in type_of else trees.functions(end, text)


def same_meaning(path: str, before: str, after: str) -> bool | None:
    """Whether a change is only formatting, comments or docstrings; ``None`` where nothing here can tell."""
    end = ending(path)
    if end in type_of:
        return python.same_meaning(before, after)
    if (told := trees.same_meaning(end, before, after)) is not None:
        return told
    if end in BRACES:
        from deploywatch.suspects.syntax import braces

        return _tokens(braces.without_comments(before)) == _tokens(braces.without_comments(after))
    return None


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)
