"""Questions to an outline."""

from __future__ import annotations

from deploywatch.suspects.syntax.outline import Definition, Outline

OUTER = Definition("Shop", "Shop", 1, 1, 20, is_class=True)
METHOD = Definition("total", "Shop.total", 3, 4, 12)
INNER = Definition("add", "Shop.total.add", 6, 6, 8)
SHAPE = Outline((OUTER, METHOD, INNER), ((3, 4), (6, 6), (7, 9), (7, 7)))


def test_around_is_the_innermost_function_else_the_class_else_nothing() -> None:
    assert [SHAPE.around(line) for line in (2, 3, 5, 6, 8, 9, 20, 21)] == [
        OUTER,
        METHOD,
        METHOD,
        INNER,
        INNER,
        METHOD,
        OUTER,
        None,
    ]


def test_statement_is_the_innermost_span_else_the_line() -> None:
    assert [SHAPE.statement(line) for line in (4, 6, 7, 8, 15)] == [(3, 4), (6, 6), (7, 7), (7, 9), (15, 15)]


def test_of_one_name_the_last_definition() -> None:
    again = Definition("total", "Shop.total", 14, 14, 15)
    assert Outline((OUTER, METHOD, again)).by_name == {"Shop": OUTER, "Shop.total": again}


def test_nothing_is_known_of_an_empty_outline() -> None:
    assert (Outline().around(3), Outline().statement(3), Outline().by_name) == (None, (3, 3), {})
