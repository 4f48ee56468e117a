"""Which changed lines of a function say what they said before."""

from __future__ import annotations

import pytest

from deploywatch.model import Hunk
from deploywatch.suspects.cosmetic import Version
from deploywatch.suspects.rewriting import Rewriting, rewritings
from deploywatch.suspects.syntax import trees
from tests.suspects.conftest import Deployed
from tests.suspects.histories import At, hit, value

BEFORE = """\
class Cart:
    def total(self, rate, old=None):
        \"\"\"The sum.\"\"\"
        lines = self.lines
        if rate:
            lines = [line.price for line in lines]
        return sum(lines)

    def other(self):
        return 1
"""


EVERYWHERE = [Hunk(1, 1000, 1, 1000)]


def rewriting(path: str, name: str, version: Version) -> Rewriting | None:
    return rewritings(path, [name], version, EVERYWHERE)[name]


def kept(before: str, after: str, name: str = "Cart.total", path: str = "shop.py") -> tuple[list[int], list[int]] | None:
    found = rewriting(path, name, Version(before, after))
    return found and (sorted(found.added), sorted(found.removed))


def test_layout_comments_docstrings_annotations_and_casts_say_nothing() -> None:
    after = """\
class Cart:
    def total(
        self, rate: Decimal, old: str | None = None  # why
    ) -> Decimal:
        lines: list[Line] = t.cast(list, self.lines)
        if rate:
            lines = [
                line.price for line in lines
            ]
        return sum(lines)

    def other(self):
        return 2
"""
    assert kept(BEFORE, after) == ([2, 3, 4, 5, 6, 7, 8, 9, 10], [2, 4, 5, 6, 7])


def test_a_decorated_function_keeps_its_annotations() -> None:
    before = "@route\ndef show(page: int):\n    return page\n"
    assert kept(before, before.replace("int", "str"), "show") == ([3], [3])


def test_a_function_that_was_wrapped_and_moved_was_not_written_anew() -> None:
    inner = "\n".join(f"    {line}" if line else "" for line in BEFORE.split("\n"))
    assert kept(BEFORE, f"def make():\n{inner}") == ([3, 5, 6, 7, 8], [2, 4, 5, 6, 7])


def test_a_new_condition_is_new_and_what_it_wraps_is_not() -> None:
    after = BEFORE.replace("        return sum(lines)", "        if old:\n            return sum(lines)")
    assert kept(BEFORE, after) == ([2, 4, 5, 6, 8], [2, 4, 5, 6, 7])


def test_a_parameter_is_written() -> None:
    found = kept(BEFORE, BEFORE.replace("rate, old=None", "rate, *, old=0"))
    assert found == ([4, 5, 6, 7], [4, 5, 6, 7])


def test_the_same_statements_in_another_order_speak_for_themselves() -> None:
    before = "def pay(card):\n    check(card)\n    charge(card)\n"
    assert kept(before, "def pay(card):\n    charge(card)\n    check(card)\n", "pay") is None
    assert kept(before, before, "pay") == ([1, 2, 3], [1, 2, 3])
    assert kept(
        "def pay(a):\n    if a:\n        b()\n        c()\n", "def pay(a):\n    if a:\n        b()\n    c()\n", "pay"
    ) == ([1, 2, 3, 4], [1, 2, 3, 4])


@pytest.mark.parametrize("after", [None, "def elsewhere():\n    pass\n", "def total(self:\n"])
def test_nothing_is_told_of_what_is_not_there_or_cannot_be_read(after: str | None) -> None:
    assert rewriting("shop.py", "Cart.total", Version(BEFORE, after)) is None
    assert rewriting("shop.lua", "Cart.total", Version(BEFORE, BEFORE)) is None


@pytest.mark.skipif(not trees.knows("js"), reason="needs the grammars of the extra 'languages'")
def test_grammars_tell_statements_of_other_languages() -> None:
    before = "function pay(card) {\n  const rate = find(card)\n  if (rate) {\n    charge(card, rate)\n  } else if (card) {\n    note()\n  }\n}\n"
    after = (
        "module.exports = {\n  pay: function pay(card) {\n    const rate = find(card) // why\n    if (rate) {\n      charge(\n        card, rate\n      )\n"
        "    } else if (card.old) {\n      note()\n    }\n  },\n}\n"
    )
    found = rewriting("shop.js", "pay", Version(before, after))
    assert found is not None
    assert [found.keeps("added", line) for line in (3, 5, 6, 9)] == [True] * 4
    assert not found.keeps("added", 8)


def test_a_commit_that_only_annotated_and_indented_has_not_touched_the_function(deployed: Deployed) -> None:
    history = deployed({"shop.py": BEFORE})
    author = history.edit("author", "shop.py", ("lines = self.lines", "lines = self.lines or None"))
    typed = history.commit(
        "Types and a real change elsewhere",
        {
            "shop.py": BEFORE.replace("lines = self.lines", "lines: list = self.lines or None")
            .replace("self, rate, old=None", "self, rate: int, old: str = None")
            .replace("return 1", "return 2")
        },
    )
    scene = history.scene(At("shop.py", "for line in lines", "Cart.total"))
    for signal in ("line", "near", "function", "reaching"):
        assert hit(scene, signal, typed) is None or signal == "near"
    assert value(scene, "function", author) == 1
    assert value(scene, "reaching", author) > 0


def test_what_no_hunk_meets_is_not_parsed() -> None:
    version = Version(BEFORE, BEFORE.replace("return 1", "return 2"))
    at = Hunk(10, 1, 10, 1)
    found = rewritings("shop.py", ["Cart.total", "Cart.other"], version, [at])
    assert found["Cart.total"] is None
    assert found["Cart.other"] is not None
