"""Who wrote the piece of the statement that failed, whoever touched its line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from deploywatch.model import StackTrace
from deploywatch.suspects.signals.expression import pieces
from tests.suspects.conftest import Deployed
from tests.suspects.histories import At, hit, said, value

BASKET = "def total(basket):\n    return basket.card.rate\n"
RAISED = At("shop.py", "basket.card", "total")
NO_RATE = "'NoneType' object has no attribute 'rate'"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("node.init.type === 'x'", {"node.init", "init.type"}),
        ("del content['required']", {"content[required"}),
        ('row["tax"].value', {"row[tax", ".value"}),
        ("self.target.infer_lhs(context=context)", {"self.target", "target.infer_lhs", "infer_lhs("}),
        ("user?.name", {"user.name"}),
        ("if (a) return b", set()),
        ("x.type", {"x.type"}),
        ("", set()),
        ("(((", set()),
    ],
)
def test_pieces_are_pairs_of_joined_names(text: str, found: set[str]) -> None:
    assert pieces(text) == found


def test_the_commit_that_wrote_what_failed_and_the_one_that_carried_it_along(deployed: Deployed) -> None:
    history = deployed({"shop.py": "def total(basket):\n    return basket.sum\n"})
    author = history.edit("Rates of cards", "shop.py", ("basket.sum", "basket.card.rate"))
    carrier = history.edit("Floats", "shop.py", ("basket.card.rate", "round(basket.card.rate)"))
    scene = history.scene(RAISED, message=NO_RATE)
    assert value(scene, "failing-piece", author) == 1
    assert hit(scene, "failing-piece", carrier) is None
    assert value(scene, "introduced", author) > value(scene, "introduced", carrier) > 0
    assert "`card.rate`" in said(scene, "failing-piece", author)


def test_what_was_only_moved_or_indented_is_not_new(deployed: Deployed) -> None:
    history = deployed({"shop.py": BASKET})
    indented = history.edit(
        "Only full ones", "shop.py", ("    return basket.card.rate\n", "    if basket:\n        return basket.card.rate\n")
    )
    scene = history.scene(At("shop.py", "basket.card", "total"), message=NO_RATE)
    assert hit(scene, "failing-piece", indented) is None
    assert hit(scene, "introduced", indented) is None


def test_a_column_says_which_of_two(deployed: Deployed) -> None:
    history = deployed({"shop.js": "function total(a, b) {\n  return a.type\n}\n"})
    author = history.edit("Both", "shop.js", ("return a.type", "return a.type && b.type"))
    scene = history.scene(At("shop.js", "b.type", "total"), error="TypeError", message="Cannot read (reading 'type')")
    frame = scene.trace.exceptions[0].frames[0]

    def at(column: int) -> float:
        raised = replace(scene.trace.exceptions[0], frames=(replace(frame, column=column),))
        return value(history.scene_of(StackTrace((raised,), "node")), "failing-piece", author)

    line = "  return a.type && b.type"
    assert at(line.rindex("type") + 1) == 1
    assert at(line.index("type") + 1) == 0


def test_where_nothing_tells_what_failed_nobody_wrote_it(deployed: Deployed) -> None:
    history = deployed({"shop.py": BASKET})
    edit = history.edit("Rates", "shop.py", ("basket.card.rate", "basket.card.amount"))
    scene = history.scene(At("shop.py", "basket.card", "total"), message="out of luck")
    assert hit(scene, "failing-piece", edit) is None
    assert value(scene, "introduced", edit) > 0


def test_of_a_key_that_is_not_there_the_only_lookup_failed(deployed: Deployed) -> None:
    history = deployed({"shop.py": "def percent(cart):\n    return COUPONS.get(cart.coupon).percent\n"})
    author = history.edit("No default", "shop.py", ("COUPONS.get(cart.coupon)", "COUPONS[cart.coupon]"))
    raised = At("shop.py", "COUPONS[", "percent")
    assert value(history.scene(raised, error="KeyError", message="'SPRING'"), "failing-piece", author) == 1
    assert hit(history.scene(raised, error="OSError", message="'SPRING'"), "failing-piece", author) is None
    both = history.edit("Two", "shop.py", ("COUPONS[cart.coupon]", "COUPONS[KINDS[cart.coupon]]"))
    scene = history.scene(At("shop.py", "COUPONS[", "percent"), error="KeyError", message="'SPRING'")
    assert hit(scene, "failing-piece", both) is None
