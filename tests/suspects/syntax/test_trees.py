"""Outlines and meanings by real grammars, and what is answered without one."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from deploywatch.suspects.syntax import languages, trees

SCRIPT = """\
module.exports = {
  create: detect((context) => {
    const first = 1
    return {
      'Program:exit'(node) {
        list.forEach((each) => {
          each.type
        })
      },
    }
  })
}
"""


@pytest.mark.parametrize(
    ("ending", "text", "found"),
    [
        ("js", SCRIPT, [("create", 2, 11), ("create.Program:exit", 5, 9)]),
        ("ts", "class A<T> {\n  pay = async (x: number): Promise<void> => {\n    x\n  }\n}\n", [("A", 1, 5), ("A.pay", 2, 4)]),
        ("tsx", "const Cart = () => {\n  return <b>{x}</b>\n}\n", [("Cart", 1, 3)]),
        ("java", "class A {\n  int pay(int a) {\n    return b(a,\n      c);\n  }\n}\n", [("A", 1, 6), ("A.pay", 2, 5)]),
        ("kt", "class A {\n  fun pay(c: Card) {\n    x()\n  }\n}\n", [("A", 1, 5), ("A.pay", 2, 4)]),
        ("go", "package a\n\nfunc (s *S) Pay(a int) error {\n\treturn nil\n}\n", [("Pay", 3, 5)]),
        ("rb", "module A\n  def pay(x)\n    x.y\n  end\nend\n", [("A", 1, 5), ("A.pay", 2, 4)]),
        ("php", "<?php\nclass A {\n  function pay($a) {\n    return $a;\n  }\n}\n", [("A", 2, 6), ("A.pay", 3, 5)]),
        ("cs", "class A {\n  int Pay(int a) {\n    return 1;\n  }\n}\n", [("A", 1, 5), ("A.Pay", 2, 4)]),
        ("rs", "impl A {\n    fn pay(&self) -> i32 {\n        1\n    }\n}\n", [("A", 1, 5), ("A.pay", 2, 4)]),
    ],
)
def test_definitions_with_their_lines(ending: str, text: str, found: list[tuple[str, int, int]]) -> None:
    outline = trees.outline(ending, text)
    assert outline is not None
    assert [(d.qualified, d.first, d.last) for d in outline.definitions] == found


def test_a_statement_ends_where_a_function_in_it_begins() -> None:
    outline = trees.outline("js", SCRIPT)
    assert outline is not None
    assert outline.statement(6) == (6, 6)
    assert outline.statement(7) == (7, 7)
    assert trees.outline("js", "pay(\n  card,\n  rate\n)\n").statement(2) == (1, 4)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("ending", "before", "after", "same"),
    [
        ("js", "a(1) // x\n", "a( 1 )\n", True),
        ("rb", "a 1 # one\n", "a 1\n", True),
        ("php", "<?php a(); # one\n", "<?php\na();\n", True),
        ("js", 'a("x y")', 'a("x  y")', False),
        ("rb", "a 1\n", "a 2\n", False),
        ("js", "a(1)", "a(", None),
        ("zig", "a", "a", None),
    ],
)
def test_what_means_the_same(ending: str, before: str, after: str, same: bool | None) -> None:
    assert trees.same_meaning(ending, before, after) is same


@pytest.fixture
def without_grammars(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As where the extra is not installed."""
    monkeypatch.setitem(sys.modules, "tree_sitter", None)
    trees._parser.cache_clear()
    yield
    trees._parser.cache_clear()


@pytest.mark.usefixtures("without_grammars")
def test_without_grammars_text_rules_answer() -> None:
    assert not trees.knows("js")
    assert trees.outline("js", SCRIPT) is None
    assert [d.name for d in languages.outline("a.js", "function pay(a) {\n  return a;\n}\n").definitions] == ["pay"]
    assert languages.same_meaning("a.js", "a(1);\n", "a(1); // one\n")


def test_nothing_breaks_it() -> None:
    assert trees.outline("js", "((((" * 5000) is None
    deep = trees.outline("js", "[" * 3000 + "]" * 3000)
    assert deep is None or deep.definitions == ()
    unpaired = trees.outline("js", "\ud800")
    assert unpaired is None or unpaired.definitions == ()
