"""What the error's message names, in what a commit added, removed or defines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.suspects.signals.message import named
from tests.suspects.conftest import Deployed
from tests.suspects.histories import At, hit, said, value

CODE = {
    "basket.py": "class Basket:\n    def __init__(self):\n        self.reduction = 0\n        self.items = []\n\n    def clear(self):\n        self.items = []\n",
    "shop.py": "def total(basket):\n    return basket.reduction\n",
}
RAISED = At("shop.py", "return basket.reduction", "total")
MESSAGE = "'Basket' object has no attribute 'reduction'"


def test_what_was_removed_is_what_is_missing(deployed: Deployed) -> None:
    history = deployed(CODE)
    culprit = history.edit("rename", "basket.py", ("self.reduction", "self.discount"))
    adder = history.commit("report", {"report.py": "def report(basket):\n    print(basket.reduction)\n"})
    other = history.edit("clear", "basket.py", ("        self.items = []\n\n", "        self.items = list()\n\n"))
    scene = history.scene(RAISED, error="AttributeError", message=MESSAGE)
    for signal in ("message", "message-removed"):
        found = hit(scene, signal, culprit)
        assert found is not None
        assert found.hunk is not None
        assert (found.file, found.hunk.removed) == ("basket.py", ("        self.reduction = 0",))
        assert "`reduction`" in found.text
    assert value(scene, "message-added", culprit) == 0
    assert value(scene, "message-added", adder) > 0
    assert value(scene, "message-removed", adder) == 0
    assert value(scene, "message-removed", other) == 0


def test_a_name_that_stays_as_often_is_neither_added_nor_removed(deployed: Deployed) -> None:
    history = deployed(CODE)
    touch = history.edit("touch", "basket.py", ("self.reduction = 0", "self.reduction = None"))
    scene = history.scene(RAISED, error="AttributeError", message=MESSAGE)
    assert value(scene, "message", touch) > 0
    assert value(scene, "message-added", touch) == 0
    assert value(scene, "message-removed", touch) == 0


def test_the_definition_of_what_is_named(deployed: Deployed) -> None:
    history = deployed(CODE)
    culprit = history.edit("signature", "basket.py", ("def clear(self):", "def clear(self, *, keep):"))
    other = history.edit("shop", "shop.py", ("return basket.reduction", "return basket.reduction or 0"))
    scene = history.scene(
        At("shop.py", "return basket.reduction or 0", "total"),
        error="TypeError",
        message="Basket.clear() missing 1 required keyword-only argument: 'keep'",
    )
    assert value(scene, "message-definition", culprit) > 0
    assert "`clear`" in said(scene, "message-definition", culprit)
    assert hit(scene, "message-definition", other) is None


@pytest.mark.parametrize(
    ("path", "before", "after", "message"),
    [
        ("basket.py", "        self.reduction = 0\n", "", "'Basket' object has no attribute 'reduction'"),
        ("basket.py", "    def clear(self):\n        self.items = []\n", "", "'Basket' object has no attribute 'clear'"),
        ("prices.py", '    "net": 1,\n', "", "'net'"),
        ("prices.py", "timeout=3", "patience=3", "call() got an unexpected keyword argument 'timeout'"),
    ],
)
def test_the_commit_that_took_away_what_gave_it_a_value(
    deployed: Deployed, path: str, before: str, after: str, message: str
) -> None:
    history = deployed(
        {**CODE, "prices.py": 'PRICES = {\n    "net": 1,\n    "gross": 2,\n}\n\n\ndef call(timeout=3):\n    return PRICES\n'}
    )
    culprit = history.edit("take away", path, (before, after))
    reader = history.edit("reader", "shop.py", ("return basket.reduction", "return basket.items or basket.reduction"))
    scene = history.scene(At("shop.py", "basket.reduction", "total"), message=message)
    assert value(scene, "write-removed", culprit) > 0
    assert hit(scene, "write-removed", reader) is None


def test_messages_of_causes_count(deployed: Deployed) -> None:
    history = deployed(CODE)
    culprit = history.edit("rename", "basket.py", ("self.reduction", "self.discount"))
    cause = history.raised(RAISED, error="AttributeError", message=MESSAGE)
    scene = history.scene(At("shop.py", "def total", "total"), error="RuntimeError", message="no total", causes=(cause,))
    assert value(scene, "message-removed", culprit) > 0


def test_without_a_message_there_is_nothing_to_compare(deployed: Deployed) -> None:
    history = deployed(CODE)
    culprit = history.edit("rename", "basket.py", ("self.reduction", "self.discount"))
    scene = history.scene(RAISED)
    assert [value(scene, signal, culprit) for signal in ("message", "message-added", "message-removed", "write-removed")] == [
        0
    ] * 4


@pytest.mark.parametrize(
    ("message", "names"),
    [
        ("'NoneType' object has no attribute 'total'", {"NoneType", "total"}),
        ("'user_id'", {"user_id"}),
        ("name 'basket' is not defined", {"basket"}),
        ("cannot import name 'Till' from 'shop.tills' (/srv/shop/tills.py)", {"Till", "shop", "tills"}),
        ("charge() got an unexpected keyword argument 'currency'", {"charge", "currency"}),
        ("Cannot read properties of undefined (reading 'total')", {"total"}),
        ("openTill is not a function", {"openTill"}),
        ('column "net_price" of relation "orders" does not exist', {"net_price", "orders"}),
        ("division by zero", set()),
        ("", set()),
        ("'if' 'id' 'None'", set()),
    ],
)
def test_the_names_in_a_message(message: str, names: set[str]) -> None:
    assert named(message) == names


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ("total is not defined", "total"),
        ("basket.total is not a function", "total"),
        ("no such column: price", "price"),
        ("no such table: orders", "orders"),
        ("can't adapt type 'Basket'", "Basket"),
    ],
)
def test_a_name_is_known_without_quotes_and_after_an_apostrophe(message: str, name: str) -> None:
    assert name in named(message)


@given(st.text())
def test_any_text_is_a_message(message: str) -> None:
    assert all(name in message for name in named(message))
