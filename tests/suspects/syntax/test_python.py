"""Python through ``ast``: definitions, statement spans, and what a change means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.suspects.syntax import python

SOURCE = '''\
import os

LIMIT = (
    3 +
    4
)


@cache
@retry(
    times=3,
)
async def fetch(
    url,
    timeout=LIMIT,
):
    """Fetch."""
    if (url
            and timeout):
        return os.path.join(
            url,
            "x",
        )
    try:
        pass
    except ValueError:
        raise
    with open(url) as file, \\
            open(url) as other:
        pass


class Shop(Base):
    name = "shop"

    def total(self):
        def add(a): return a
        return add(1)

    class Inner:
        def deep(self): return 1
'''


def test_definitions_with_decorators_signatures_and_nesting() -> None:
    shape = python.outline(SOURCE)
    assert shape is not None
    assert [(d.qualified, d.first, d.signature_last, d.last, d.is_class) for d in shape.definitions] == [
        ("fetch", 9, 16, 30, False),
        ("Shop", 33, 33, 41, True),
        ("Shop.total", 36, 36, 38, False),
        ("Shop.total.add", 37, 37, 37, False),
        ("Shop.Inner", 40, 40, 41, True),
        ("Shop.Inner.deep", 41, 41, 41, False),
    ]
    assert [d.name for d in shape.definitions] == ["fetch", "Shop", "total", "add", "Inner", "deep"]


@pytest.mark.parametrize(
    ("line", "span"),
    [
        (1, (1, 1)),
        (4, (3, 6)),
        (13, (13, 16)),
        (16, (13, 16)),
        (17, (17, 17)),
        (18, (18, 19)),
        (19, (18, 19)),
        (20, (20, 23)),
        (22, (20, 23)),
        (25, (25, 25)),
        (26, (26, 26)),
        (28, (28, 29)),
        (30, (30, 30)),
        (34, (34, 34)),
        (37, (37, 37)),
        (38, (38, 38)),
        (7, (7, 7)),
    ],
)
def test_a_statement_spans_its_lines_and_a_compound_one_its_header(line: int, span: tuple[int, int]) -> None:
    shape = python.outline(SOURCE)
    assert shape is not None
    assert shape.statement(line) == span


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a = 1", "a  =  1  # one"),
        ("def f(a, b): return a", "def f(\n    a,\n    b,\n):\n    # why\n    return (a)"),
        ('def f():\n    """Old."""\n    return 1', 'def f():\n    """New."""\n\n    return 1'),
        ('def f():\n    """Old."""', "def f():\n    pass"),
        ('"""Module."""\na = 1', "a = 1"),
        ("class A:\n    '''Old.'''\n    x = 1", "class A:\n    x = 1"),
        ("a = 'x'", 'a = "x"'),
        ("a = ('x'\n     'y')", "a = 'xy'"),
        ("x = 10_000", "x = 10000"),
        ("if a:\n  b()", "if a:\n        b()\n"),
    ],
)
def test_layout_comments_and_docstrings_mean_nothing(before: str, after: str) -> None:
    assert python.same_meaning(before, after)
    assert python.same_meaning(after, before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a = 1", "a = 2"),
        ("a = 'x y'", "a = 'xy'"),
        ("def f(a): return a", "def f(a=1): return a"),
        ("if a:\n    b()\n    c()", "if a:\n    b()\nc()"),
        ("a = '''Doc.'''", "a = '''Other.'''"),
        ("def f():\n    return 'doc'", "def f():\n    return 'other'"),
        ("import a\nimport b", "import b\nimport a"),
        ("@cache\ndef f(): pass", "def f(): pass"),
        ("a = 1", "a = 1 1"),
        ("print 'old'", "print  'old'"),
        ("def f():\n    x = 1\n    'not a docstring'", "def f():\n    x = 1\n    'a string'"),
    ],
)
def test_all_else_means_something_and_so_may_what_cannot_be_parsed(before: str, after: str) -> None:
    assert not python.same_meaning(before, after)
    assert not python.same_meaning(after, before)


@pytest.mark.parametrize("text", ["def f(:", "print 'x'", "\0", "(" * 300, "a = " + "-" * 100_000 + "1", "\udcff = 1"])
def test_what_python_cannot_parse_has_no_outline(text: str) -> None:
    assert python.outline(text) is None


def test_no_warning_of_the_code_that_is_read() -> None:
    assert python.outline("a = '\\d' is 'x'") is not None


@given(st.text(alphabet="def f():\n\t xif=1[]#'\"\\,@"))
def test_any_text_is_read_or_refused(text: str) -> None:
    shape = python.outline(text)
    if shape is None:
        return
    lines = text.count("\n") + 1
    assert all(1 <= d.first <= d.signature_last <= d.last <= lines for d in shape.definitions)
    assert all(1 <= first <= last <= lines for first, last in shape.statements)
    assert python.same_meaning(text, text)
