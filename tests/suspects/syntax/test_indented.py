"""Languages whose blocks are told by indentation, and Python of another age."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.suspects.syntax import indented

RUBY = """\
module Shop
  class Till
    def total(basket)
      if basket.empty?
        return 0
      end

      basket.sum
    end

    def self.open!
      new
    end
  end
end
"""
ELIXIR = """\
defmodule Shop.Till do
  def total(basket) do
    Enum.sum(basket)
  end

  defp open(key), do: key

  @limit 3
end
"""
PYTHON_2 = """\
class Till:
    def total(self):
        print 'x'

        return 1

    def open(self):
        exec 'y'
LIMIT = 1
"""


def spans(text: str) -> dict[str, tuple[int, int, bool]]:
    return {d.qualified: (d.first, d.last, d.is_class) for d in indented.outline(text).definitions}


def test_ruby() -> None:
    assert spans(RUBY) == {
        "Shop": (1, 15, True),
        "Shop.Till": (2, 14, True),
        "Shop.Till.total": (3, 9, False),
        "Shop.Till.open!": (11, 13, False),
    }


def test_elixir() -> None:
    assert spans(ELIXIR) == {
        "Shop.Till": (1, 9, True),
        "Shop.Till.total": (2, 4, False),
        "Shop.Till.open": (6, 6, False),
    }


@pytest.mark.xfail(reason="the end of the module around it is taken for its own", strict=True)
def test_a_function_on_one_line_at_the_end_of_its_module() -> None:
    assert spans("defmodule Shop do\n  def open(key), do: key\nend\n")["Shop.open"] == (2, 2, False)


def test_python_that_this_python_cannot_parse() -> None:
    assert spans(PYTHON_2) == {"Till": (1, 8, True), "Till.total": (2, 5, False), "Till.open": (7, 8, False)}


def test_the_function_around_a_line() -> None:
    around = indented.outline(RUBY).around(5)
    assert around is not None
    assert around.name == "total"


@given(st.text(alphabet="def clasmou(): \n\tx\x0b\x0c"))
def test_any_text_has_an_outline_within_its_lines(text: str) -> None:
    lines = text.count("\n") + 1
    assert all(1 <= d.first <= d.last <= lines for d in indented.outline(text).definitions)
