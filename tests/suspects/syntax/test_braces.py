"""Languages with braces, read by rules: JavaScript, TypeScript, Java, Go and their like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.suspects.syntax import braces
from deploywatch.suspects.syntax.outline import Definition, Outline

JAVASCRIPT = """\
import { rate } from './rate';

export default async function total(basket) {
  // a comment with { and "
  const text = "a string with }";
  const re = /[{"]/.test(text);
  if (basket.items.length) {
    return basket.items
      .map((item) => item.price)
      .reduce(
        (a, b) => a + b,
        0,
      );
  }
}

class Till extends Base {
  open(key) {
    this.items.forEach(function (item) {
      sell(item);
    });
  }

  static async close() {
    return `template { ${1}`;
  }
}

const pay = async (card) => {
  charge(card);
};

module.exports = {
  cancel(card) {
    return card;
  },
};
"""
JAVA = """\
package com.acme;

@Service
public class Shop extends Base<Item> implements Till {
    private final Map<String, Item> items = new HashMap<>();

    @Override
    public <T extends Item> List<T> total(Map<String, T> basket, int limit) throws IOException {
        for (T item : basket.values()) {
            if (item.isSold()) {
                throw new IllegalStateException("sold {" + item + "}");
            }
        }
        return basket.values().stream()
            .filter(i -> i.price() > limit)
            .toList();
    }

    Shop(int limit) {
        this.limit = limit;
    }
}
"""
GO = """\
package shop

import "fmt"

type Till struct {
\titems []Item
}

func (t *Till) Total(limit int) (int, error) {
\tsum := 0
\tfor _, item := range t.items {
\t\tif item.Price > limit {
\t\t\treturn 0, fmt.Errorf("too much: {%d", item.Price)
\t\t}
\t\tsum += item.Price
\t}
\treturn sum, nil
}

func open(key string) *Till {
\treturn &Till{
\t\titems: nil,
\t}
}
"""


def spans(text: str) -> dict[str, tuple[int, int, int]]:
    return {d.qualified: (d.first, d.signature_last, d.last) for d in braces.outline(text).definitions}


def test_javascript() -> None:
    assert spans(JAVASCRIPT) == {
        "total": (3, 3, 15),
        "Till": (17, 17, 27),
        "Till.open": (18, 18, 22),
        "Till.close": (24, 24, 26),
        "pay": (29, 29, 31),
        "cancel": (34, 34, 36),
    }
    assert [d.name for d in braces.outline(JAVASCRIPT).definitions if d.is_class] == ["Till"]


def test_java() -> None:
    assert spans(JAVA) == {"Shop": (3, 4, 22), "Shop.total": (7, 8, 17), "Shop.Shop": (19, 19, 21)}


def test_go() -> None:
    assert spans(GO) == {"Till": (5, 5, 7), "Total": (9, 9, 18), "open": (20, 20, 24)}


@pytest.mark.parametrize(
    ("text", "line", "name"),
    [
        (JAVASCRIPT, 9, "total"),
        (JAVASCRIPT, 20, "open"),
        (JAVASCRIPT, 30, "pay"),
        (JAVASCRIPT, 35, "cancel"),
        (JAVA, 11, "total"),
        (JAVA, 20, "Shop"),
        (GO, 13, "Total"),
        (GO, 22, "open"),
    ],
)
def test_the_function_around_a_line(text: str, line: int, name: str) -> None:
    around = braces.outline(text).around(line)
    assert around is not None
    assert (around.name, around.is_class) == (name, False)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("export const pay = (card: Card): Promise<void> => {\n  x();\n};", "pay"),
        ("  async pay<T>(card: T): Promise<void> {\n    x();\n  }", "pay"),
        ("fun pay(card: Card): Int {\n  x()\n}", "pay"),
        ("public async Task<int> Pay(Card card)\n{\n    x();\n}", "Pay"),
        ("pub fn pay(card: &Card) -> Result<(), Error> {\n    x();\n}", "pay"),
        ("public function pay(Card $card): int {\n    x();\n}", "pay"),
        ("int pay(card_t *card)\n{\n    x();\n}", "pay"),
        ("override fun pay(\n    card: Card,\n    now: Instant\n): Int {\n  x()\n}", "pay"),
    ],
)
def test_functions_of_other_languages(text: str, name: str) -> None:
    around = around_x(text)
    assert around is not None
    assert (around.name, around.first, around.is_class) == (name, 1, False)


def around_x(text: str) -> Definition | None:
    line = next(number for number, line in enumerate(text.split("\n"), 1) if "x()" in line)
    return braces.outline(text).around(line)


@pytest.mark.parametrize(
    "text",
    [
        "void Pay(object sender, EventArgs e)\n{\n    x();\n}",
        "int pay(struct card *card)\n{\n    x();\n}",
        "fn pay(card: Card) -> impl Responder {\n    x();\n}",
        "public function pay(object $card) {\n    x();\n}",
    ],
)
def test_a_type_in_the_signature_is_not_the_name(text: str) -> None:
    around = around_x(text)
    assert around is not None
    assert (around.name.lower(), around.is_class) == ("pay", False)


def test_a_generic_function_of_go() -> None:
    around = around_x("func pay[K comparable](key K) error {\n\tx()\n}")
    assert around is not None
    assert around.name == "pay"


def test_a_method_of_an_object_starts_on_its_own_line() -> None:
    text = "module.exports = {\n  pay(card) {\n    x();\n  },\n  cancel(card) {\n    y();\n  },\n};\n"
    assert spans(text) == {"pay": (2, 2, 4), "cancel": (5, 5, 7)}


@pytest.mark.parametrize(
    "inner", ["if check(card) {", "for item in items(card) {", "match parse(card) {", "go func() {", "switch kind(card) {"]
)
def test_a_block_within_a_function_is_no_function(inner: str) -> None:
    around = braces.outline(f"func pay(card Card) {{\n\tprepare()\n\t{inner}\n\t\tcharge()\n\t}}\n}}").around(4)
    assert around is not None
    assert around.name == "pay"


@pytest.mark.parametrize(
    ("text", "line", "span"),
    [
        (JAVASCRIPT, 5, (5, 5)),
        (JAVASCRIPT, 11, (8, 13)),
        (JAVASCRIPT, 20, (20, 20)),
        (JAVA, 11, (11, 11)),
        (GO, 13, (13, 13)),
        ("pay(\n  card,\n  sum,\n);\nnext();", 2, (1, 4)),
        ("pay(\n  card,\n  sum,\n);\nnext();", 5, (5, 5)),
        ("if (a\n    && b) {\n  c();\n}", 2, (1, 2)),
    ],
)
def test_statements_span_brackets(text: str, line: int, span: tuple[int, int]) -> None:
    assert braces.outline(text).statement(line) == span


@pytest.mark.parametrize(
    ("text", "line", "span"),
    [
        ("return items\n  .map(f)\n  .join();\nnext();", 2, (1, 3)),
        ("return items\n  .map(f)\n  .join();\nnext();", 1, (1, 3)),
        ("const both = a\n  && b;\n", 2, (1, 2)),
    ],
)
def test_statements_span_chains(text: str, line: int, span: tuple[int, int]) -> None:
    assert braces.outline(text).statement(line) == span


def test_blanking_keeps_every_line_and_column() -> None:
    blank = braces.blanked(JAVASCRIPT)
    assert [len(line) for line in blank.split("\n")] == [len(line) for line in JAVASCRIPT.split("\n")]
    assert "comment" not in blank
    assert "string" not in blank
    assert "template" not in blank
    assert "basket.items" in blank


def test_comments_go_and_strings_stay() -> None:
    text = "a = 'http://x' /* b */ + c; // d\ne = `//f`;"
    assert braces.without_comments(text).split() == "a = 'http://x' + c; e = `//f`;".split()


@pytest.mark.parametrize(
    "text", ["", "}}}}", "{{{{", "'", '"', "/*", "`", "f(" * 50, "{" * 3000, "(" * 3000, "a" * 10_000 + "{", "x<" * 2000 + "{"]
)
def test_broken_code_has_some_outline(text: str) -> None:
    assert isinstance(braces.outline(text), Outline)


@given(st.text(alphabet="{}()[];:=>.,'\"`/*\n ifclassfunction$a"))
def test_any_text_has_an_outline_within_its_lines(text: str) -> None:
    shape = braces.outline(text)
    lines = text.count("\n") + 1
    assert all(1 <= d.first <= d.signature_last <= d.last <= lines for d in shape.definitions)
    assert all(1 <= first <= last <= lines for first, last in shape.statements)
    assert braces.blanked(text).count("\n") == text.count("\n")


@pytest.mark.xfail(
    reason="without semicolons a definition begins where the last block ended, at the top of the file", strict=True
)
@pytest.mark.parametrize(
    ("text", "first"),
    [
        ('package shop\n\nimport "fmt"\n\nfunc pay(card Card) {\n\tx()\n}\n', 5),
        ("import a from 'a'\nimport b from 'b'\n\nconst LIMIT = 3\n\nexport function pay(card) {\n  x()\n}\n", 6),
        ("if (late) close()\nfunction pay(card) {\n  x()\n}\n", 2),
        ("package shop\n\nimport com.acme.Card\n\n@Test\nfun pay(card: Card) {\n    x()\n}\n", 5),
    ],
)
def test_lines_without_semicolons_before_a_definition_are_not_of_it(text: str, first: int) -> None:
    around = around_x(text)
    assert around is not None
    assert (around.name, around.first) == ("pay", first)
