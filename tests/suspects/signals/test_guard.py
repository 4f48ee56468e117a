"""Checks that were taken away."""

from __future__ import annotations

from tests.suspects.conftest import Deployed
from tests.suspects.histories import FILLER, At, hit, said, value

CODE = f"""\
def mean(items):
    if not items:
        return 0
    return sum(items) / len(items)


{FILLER}
def other(items):
    if not items:
        raise ValueError
    return items
"""
RAISED = At("shop.py", "return sum", "mean")


def test_a_lost_check_in_the_function_counts_more_than_one_beside_it(deployed: Deployed) -> None:
    history = deployed({"shop.py": CODE})
    beside = history.edit("beside", "shop.py", ("    if not items:\n        raise ValueError\n", ""))
    inside = history.edit("inside", "shop.py", ("    if not items:\n        return 0\n", ""))
    scene = history.scene(RAISED, error="ZeroDivisionError")
    assert value(scene, "guard", inside) == 1
    assert 0 < value(scene, "guard", beside) < 1
    assert said(scene, "guard", inside) == "took a check away in the function of frame #0: `if not items:`"


def test_a_check_that_is_written_anew_is_not_lost(deployed: Deployed) -> None:
    history = deployed({"shop.py": CODE})
    rewritten = history.edit(
        "rewritten", "shop.py", ("    if not items:\n        return 0\n", "    if len(items) == 0:\n        return 0\n")
    )
    added = history.edit("added", "shop.py", ("    return sum", "    if items is None:\n        return 1\n    return sum"))
    scene = history.scene(RAISED)
    assert hit(scene, "guard", rewritten) is None
    assert hit(scene, "guard", added) is None
