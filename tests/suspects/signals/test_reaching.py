"""Who set the value that the failing statement reads."""

from __future__ import annotations

from tests.suspects.conftest import Deployed
from tests.suspects.histories import At, hit, said, value


def test_the_assignment_that_reaches_the_statement_counts(deployed: Deployed) -> None:
    code = "def pay(card):\n    fee = 1\n    rate = 2\n    rate = 3\n    print(card)\n    return charge(card, rate)\n"
    history = deployed({"shop.py": code})
    hidden = history.edit("hidden", "shop.py", ("rate = 2", "rate = 20"))
    near = history.edit("near", "shop.py", ("rate = 3", "rate = None"))
    unread = history.edit("unread", "shop.py", ("fee = 1", "fee = 9"))
    scene = history.scene(At("shop.py", "return charge", "pay"))
    assert value(scene, "reaching", near) == 1
    assert hit(scene, "reaching", hidden) is None
    assert hit(scene, "reaching", unread) is None
    assert said(scene, "reaching", near).startswith("set `rate` at shop.py:4")


def test_whoever_set_it_first_counts_beside_whoever_changed_that_since(deployed: Deployed) -> None:
    history = deployed({"shop.py": "def pay(card):\n    rate = 1\n    return charge(card, rate)\n"})
    first = history.edit("first", "shop.py", ("rate = 1", "rate = rates.get(card)"))
    second = history.edit("second", "shop.py", ("rates.get(card)", "rates.get(card.kind)"))
    scene = history.scene(At("shop.py", "return charge", "pay"))
    assert value(scene, "reaching", first) == value(scene, "reaching", second) == 1


def test_another_function_sets_its_own(deployed: Deployed) -> None:
    history = deployed({"shop.py": "def other():\n    rate = 1\n    return rate\n\n\ndef pay(rate):\n    return charge(rate)\n"})
    edit = history.edit("other", "shop.py", ("rate = 1", "rate = 2"))
    assert hit(history.scene(At("shop.py", "return charge", "pay")), "reaching", edit) is None


def test_it_sees_through_a_commit_that_only_wraps(deployed: Deployed) -> None:
    history = deployed({"shop.py": "def pay(card):\n    rate = 1\n    return charge(card, rate)\n"})
    author = history.edit("author", "shop.py", ("rate = 1", "rate = first(card, None)"))
    wrapper = history.edit("wrap", "shop.py", ("rate = first(card, None)", "rate = first(\n        card, None\n    )"))
    scene = history.scene(At("shop.py", "return charge", "pay"))
    assert value(scene, "reaching", author) == 1
    assert hit(scene, "reaching", wrapper) is None
