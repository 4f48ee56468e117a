"""Conditions that had to hold for the stack to come about."""

from __future__ import annotations

from tests.suspects.conftest import Deployed
from tests.suspects.histories import At, hit, said, value

SHOP = """\
def pay(card, cart):
    if cart.empty:
        note(cart)
    if card.blocked:
        return None
    if card.kind in (1, 2):
        return old(card)
    elif card.kind == 3:
        for item in cart.items:
            log(item)
            charge(card, item)
    else:
        note(card)
    return done(cart)
"""
STACK = At("shop.py", "charge(card, item)", "pay")


def test_headers_around_the_statement_and_the_branches_before_them_decide(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP})
    loop = history.edit("loop", "shop.py", ("in cart.items", "in cart.all()"))
    own = history.edit("own", "shop.py", ("elif card.kind == 3", "elif card.kind >= 3"))
    earlier = history.edit("earlier", "shop.py", ("if card.kind in (1, 2)", "if card.kind in (1,)"))
    scene = history.scene(STACK)
    assert value(scene, "condition", loop) == value(scene, "condition", own) == value(scene, "condition", earlier) == 1
    assert (
        said(scene, "condition", own)
        == "changed a condition at shop.py:8 that led to the statement of pay(), where the failure was raised"
    )


def test_a_branch_that_leaves_counts_less_and_one_that_comes_back_not_at_all(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP})
    leaves = history.edit("leaves", "shop.py", ("if card.blocked", "if card.blocked and cart.old"))
    stays = history.edit("stays", "shop.py", ("if cart.empty", "if not cart.items"))
    behind = history.edit("behind", "shop.py", ("return done(cart)", "return done(cart, card)"))
    body = history.edit("body", "shop.py", ("            log(item)", "            log(item, card)"))
    scene = history.scene(STACK)
    assert 0 < value(scene, "condition", leaves) < 1
    assert [hit(scene, "condition", sha) for sha in (stays, behind, body)] == [None] * 3


def test_how_far_out_it_is_does_not_matter(deployed: Deployed) -> None:
    inner = "def f{0}(x):\n    return f{1}(x)\n\n\n"
    code = (
        "".join(inner.format(n, n + 1) for n in range(6))
        + "def f6(x):\n    return x.name\n\n\ndef start(x):\n    if ready(x):\n        f0(x)\n"
    )
    history = deployed({"shop.py": code})
    culprit = history.edit("always", "shop.py", ("if ready(x)", "if x is not False"))
    frames = [At("shop.py", "x.name", "f6"), *(At("shop.py", f"f{n + 1}(x)\n".strip(), f"f{n}") for n in range(5, -1, -1))]
    frames = [At("shop.py", "return x.name", "f6"), *(At("shop.py", f"return f{n + 1}(x)", f"f{n}") for n in range(5, -1, -1))]
    scene = history.scene(*frames, At("shop.py", "        f0(x)", "start"))
    assert value(scene, "condition", culprit) == 1


def test_braces_and_conditions_of_many_lines(deployed: Deployed) -> None:
    code = "function pay(card) {\n  if (\n    card.ok &&\n    card.kind\n  ) {\n    charge(card)\n  }\n}\n"
    history = deployed({"shop.js": code})
    culprit = history.edit("all kinds", "shop.js", ("    card.kind\n", "    !card.old\n"))
    assert value(history.scene(At("shop.js", "charge(card)", "pay")), "condition", culprit) == 1
