"""Who last touched a line of the stack, by blame at head and within the window."""

from __future__ import annotations

import pytest

from tests.suspects.conftest import Deployed
from tests.suspects.histories import FILLER, At, hit, said, value

SHOP = f"""\
def total(basket):
    net = sum(basket)
    return net * rate(
        basket,
        country,
    )


{FILLER}
def rate(basket):
    return 1.2
"""
RAISED = At("shop.py", "net = sum", "total")


def test_the_commit_that_last_changed_the_line_and_no_other(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP})
    before = history.edit("first", "shop.py", ("sum(basket)", "sum(basket, 0)"))
    culprit = history.edit("second", "shop.py", ("sum(basket, 0)", "sum(basket, None)"))
    other = history.edit("elsewhere", "shop.py", ("return 1.2", "return 1.3"))
    scene = history.scene(RAISED)
    found = hit(scene, "line", culprit)
    assert found is not None
    assert (found.value, found.file, found.line, found.frame) == (1.0, "shop.py", 2, 0)
    assert found.hunk is not None
    assert found.hunk.added == ("    net = sum(basket, None)",)
    assert "shop.py:2" in found.text
    assert hit(scene, "line", before) is None
    assert hit(scene, "line", other) is None
    assert hit(scene, "raising-line", culprit) is not None
    assert hit(scene, "raising-line", other) is None


def test_a_line_that_is_older_than_the_window_accuses_nobody(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP})
    innocent = history.edit("elsewhere", "shop.py", ("return 1.2", "return 1.3"))
    assert value(history.scene(RAISED), "line", innocent) == 0


def test_another_line_of_the_same_statement_counts_less(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP})
    culprit = history.edit("country", "shop.py", ("        country,", "        None,"))
    named_first = history.scene(At("shop.py", "return net * rate(", "total"))
    named_exactly = history.scene(At("shop.py", "        None,", "total"))
    assert 0 < value(named_first, "line", culprit) < value(named_exactly, "line", culprit)


def test_the_sentence_does_not_accuse_of_a_line_that_was_not_touched(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP})
    culprit = history.edit("country", "shop.py", ("        country,", "        None,"))
    scene = history.scene(At("shop.py", "return net * rate(", "total"))
    assert said(scene, "line", culprit) == "last changed shop.py:5, of the statement of total(), where the failure was raised"
    assert not said(scene, "raising-line", culprit)


def test_a_line_that_was_moved_from_another_file_counts_little(deployed: Deployed) -> None:
    body = "def discount(basket):\n    return basket.reduction_of_the_day / 100\n"
    history = deployed({"shop.py": SHOP + body, "keep.py": "KEEP = 1\n"})
    mover = history.commit("move", {"shop.py": SHOP, "discounts.py": "RATE = 3\n\n\n" + body})
    moved = history.scene(At("discounts.py", "reduction_of_the_day", "discount"))
    writer = history.edit("write", "discounts.py", ("/ 100", "/ 0"))
    written = history.scene(At("discounts.py", "reduction_of_the_day", "discount"))
    assert 0 < value(moved, "line", mover) < value(written, "line", writer)


def test_a_line_that_was_only_indented_stays_with_who_wrote_it(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP})
    culprit = history.edit("write", "shop.py", ("sum(basket)", "sum(None)"))
    history.edit("guard", "shop.py", ("    net = sum(None)\n", "    if True:\n        net = sum(None)\n"))
    assert value(history.scene(RAISED), "line", culprit) > 0


@pytest.mark.parametrize("ignored", [False, True])
def test_a_line_that_was_reformatted_stays_with_who_wrote_it(deployed: Deployed, ignored: bool) -> None:
    history = deployed({"shop.py": SHOP})
    culprit = history.edit("write", "shop.py", ("sum(basket)", "sum(None)"))
    polish = history.edit("polish", "shop.py", ("net = sum(None)", "net = (sum(None))  # sum"))
    if ignored:
        history.commit("ignore", {".git-blame-ignore-revs": f"# polish\n{polish}\n"})
    scene = history.scene(At("shop.py", "net = (sum", "total"))
    assert value(scene, "line", culprit) > 0
    assert value(scene, "line", polish) == 0


def test_frames_further_out_count_less_and_add_up(deployed: Deployed) -> None:
    calls = "def pay(basket):\n    charge(basket)\n\n\ndef charge(basket):\n    raise ValueError(basket)\n"
    history = deployed({"shop.py": calls})
    outer = history.edit("outer", "shop.py", ("    charge(basket)", "    charge(None)"))
    scene = history.scene(At("shop.py", "raise ValueError", "charge"), At("shop.py", "charge(None)", "pay"), error="OSError")
    one = value(scene, "line", outer)
    assert 0 < one < 1
    assert hit(scene, "raising-line", outer) is None
    both = history.edit("both", "shop.py", ("charge(None)", "charge(0)"), ("ValueError(basket)", "ValueError(0)"))
    scene = history.scene(At("shop.py", "raise ValueError", "charge"), At("shop.py", "charge(0)", "pay"), error="OSError")
    assert value(scene, "line", both) == 1.0
    assert "1 more line" in said(scene, "line", both)


def test_the_line_that_raised_the_cause_is_a_raising_line_too(deployed: Deployed) -> None:
    calls = "def pay():\n    try:\n        charge()\n    except KeyError:\n        raise RuntimeError\n\n\ndef charge():\n    raise KeyError\n"
    history = deployed({"shop.py": calls})
    culprit = history.edit("cause", "shop.py", ("    raise KeyError\n", "    raise KeyError('card')\n"))
    cause = history.raised(At("shop.py", "raise KeyError('card')", "charge"), error="KeyError")
    scene = history.scene(At("shop.py", "raise RuntimeError", "pay"), error="RuntimeError", causes=(cause,))
    found = hit(scene, "raising-line", culprit)
    assert found is not None
    assert (found.line, found.frame) == (9, 1)


def test_a_line_around_what_failed_is_told_apart(deployed: Deployed) -> None:
    history = deployed({"shop.py": "def pay(basket):\n    return basket.card.number\n"})
    beside = history.edit("beside", "shop.py", ("return basket.card.number", "return str(basket.card.number)"))
    scene = history.scene(At("shop.py", "basket.card", "pay"), message="'NoneType' object has no attribute 'number'")
    assert value(scene, "line", beside) == 0
    assert value(scene, "line-besides", beside) == 1
    assert value(scene, "near", beside) == 0
    assert value(scene, "near-besides", beside) == 1
    author = history.edit("author", "shop.py", ("basket.card.number", "basket.bill.number"))
    scene = history.scene(At("shop.py", "basket.bill", "pay"), message="'NoneType' object has no attribute 'number'")
    assert value(scene, "line", author) == value(scene, "near", author) == 1
    assert value(scene, "line-besides", author) == value(scene, "near-besides", author) == 0
