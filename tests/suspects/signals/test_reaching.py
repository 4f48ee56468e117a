"""Who set the value that the failing statement reads."""

from __future__ import annotations

import pytest

from deploywatch.suspects.signals.reaching import assigned
from tests.suspects.conftest import Deployed
from tests.suspects.histories import At, hit, said, value


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("    rate = rates[country]", ("rate",)),
        ("    net, gross = split(price)", ("net", "gross")),
        ("const jsx = node.elements.filter(Boolean)", ("jsx",)),
        ("  let { total } = basket", ("total",)),
        ("for (const key of keys) {", ("key",)),
        ("for key, item in items.items():", ("key", "item")),
        ("with open(path) as file:", ("file",)),
        ("if (match := pattern.match(text)):", ("match",)),
        ("total += price", ("total",)),
        ("err := charge(card)", ("err",)),
        ("String name = user.name();", ("name",)),
        ("if rate == 1:", ()),
        ("return rate", ()),
        ("items.map(item => item.id)", ()),
        ("", ()),
    ],
)
def test_what_a_line_gives_a_value(line: str, names: tuple[str, ...]) -> None:
    assert assigned(line) == names


def test_the_nearest_assignment_before_the_statement_counts_most(deployed: Deployed) -> None:
    code = "def pay(card):\n    fee = 1\n    rate = 2\n    rate = 3\n    print(card)\n    return charge(card, rate)\n"
    history = deployed({"shop.py": code})
    far = history.edit("far", "shop.py", ("rate = 2", "rate = 20"))
    near = history.edit("near", "shop.py", ("rate = 3", "rate = None"))
    unread = history.edit("unread", "shop.py", ("fee = 1", "fee = 9"))
    scene = history.scene(At("shop.py", "return charge", "pay"))
    assert value(scene, "reaching", near) == 1
    assert 0 < value(scene, "reaching", far) < 1
    assert hit(scene, "reaching", unread) is None
    assert said(scene, "reaching", near).startswith("set `rate` at shop.py:4")


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
