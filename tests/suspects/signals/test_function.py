"""Functions of the stack that a commit changed, rewrote or took code out of."""

from __future__ import annotations

import pytest

from tests.suspects.conftest import Deployed
from tests.suspects.histories import At, hit, said, value

SHOP = """\
RATE = 2


def total(basket):
    if not basket:
        return 0
    net = sum(basket)
    tax = net * 0.2
    return net + tax


def checkout(basket):
    print(basket)
    return total(basket)


class Till:
    LIMIT = 3

    def open(self):
        return self.LIMIT
"""
STACK = (At("shop.py", "net = sum(basket)", "total"), At("shop.py", "return total(basket)", "checkout"))


def test_the_function_of_the_raising_frame_counts_more_than_a_callers(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP})
    inner = history.edit("tax", "shop.py", ("0.2", "0.25"))
    outer = history.edit("print", "shop.py", ("print(basket)", "print(len(basket))"))
    outside = history.edit("rate", "shop.py", ("RATE = 2", "RATE = 3"))
    scene = history.scene(*STACK)
    assert 0 < value(scene, "function", outer) < value(scene, "function", inner)
    assert value(scene, "function", outside) == 0
    found = hit(scene, "function", inner)
    assert found is not None
    assert found.hunk is not None
    assert (found.file, found.frame, found.hunk.added) == ("shop.py", 0, ("    tax = net * 0.25",))
    assert "`total()`" in found.text


def test_both_functions_count_more_than_one(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP})
    outer = history.edit("print", "shop.py", ("print(basket)", "print(len(basket))"))
    middle = history.scene(At("shop.py", "RATE", "<module>"), *STACK)
    one = value(middle, "function", outer)
    both = history.edit("both", "shop.py", ("print(len(basket))", "print(1)"), ("0.2", "0.3"))
    middle = history.scene(At("shop.py", "RATE", "<module>"), *STACK)
    assert one < value(middle, "function", both) <= 1


def test_a_class_or_the_module_is_no_function(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP})
    constant = history.edit("limit", "shop.py", ("LIMIT = 3", "LIMIT = 4"))
    assert hit(history.scene(At("shop.py", "LIMIT = 4", "Till")), "function", constant) is None
    method = history.edit("method", "shop.py", ("return self.LIMIT", "return self.limit"))
    scene = history.scene(At("shop.py", "return self.limit", "open"))
    assert value(scene, "function", method) > 0
    assert value(scene, "function", constant) == 0


def test_the_more_of_a_function_is_rewritten_the_larger_the_share(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP})
    little = history.edit("tax", "shop.py", ("0.2", "0.25"))
    much = history.edit(
        "rewrite",
        "shop.py",
        (
            "    if not basket:\n        return 0\n    net = sum(basket)\n",
            "    first, *rest = basket\n    net = sum(basket) + 0\n    print(net, rest)\n",
        ),
    )
    scene = history.scene(At("shop.py", "net = sum(basket) + 0", "total"))
    assert 0 < value(scene, "function-share", little) < value(scene, "function-share", much) < 1
    assert said(scene, "function-share", much).startswith("rewrote 50% of `total()`")


def test_only_what_is_inside_the_function_is_its_share(deployed: Deployed) -> None:
    history = deployed({"till.js": "class Till {\n  close(key) {\n    a();\n    b();\n    c();\n    d();\n    e();\n  }\n}\n"})
    culprit = history.edit(
        "new", "till.js", ("  close(key) {\n", "  open() {\n    x();\n    y();\n    z();\n  }\n\n  close(key, now) {\n")
    )
    scene = history.scene(At("till.js", "c();", "Till.close"))
    assert 0 < value(scene, "function-share", culprit) < 0.5


def test_a_new_function_is_all_of_one_commit(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP})
    culprit = history.commit("new", {"shop.py": SHOP + "\n\ndef refund(basket):\n    return basket.net\n"})
    scene = history.scene(At("shop.py", "return basket.net", "refund"))
    assert value(scene, "function-share", culprit) == 1


def test_a_lost_check_leaves_no_line_to_blame_but_is_found(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP})
    culprit = history.edit("simplify", "shop.py", ("    if not basket:\n        return 0\n", ""))
    adder = history.edit("log", "shop.py", ("    tax =", "    print(net)\n    tax ="))
    scene = history.scene(*STACK)
    assert hit(scene, "line", culprit) is None
    found = hit(scene, "removal", culprit)
    assert found is not None
    assert found.hunk is not None
    assert found.hunk.removed == ("    if not basket:", "        return 0")
    assert "`if not basket:`" in found.text
    assert hit(scene, "removal", adder) is None
    assert value(scene, "function", culprit) > 0


def test_a_removal_is_found_where_later_commits_carried_it(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP})
    culprit = history.edit("simplify", "shop.py", ("    if not basket:\n        return 0\n", ""))
    history.edit("grow", "shop.py", ("RATE = 2\n", "RATE = 2\n" + "print(RATE)\n" * 30))
    scene = history.scene(*STACK)
    assert value(scene, "removal", culprit) > 0


def test_a_lost_decorator(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP.replace("def total", "@rounded\ndef total")})
    culprit = history.edit("plain", "shop.py", ("@rounded\n", ""))
    assert value(history.scene(*STACK), "removal", culprit) > 0


@pytest.mark.parametrize("signal", ["function", "removal"])
def test_a_lost_last_line(deployed: Deployed, signal: str) -> None:
    history = deployed({"shop.py": SHOP})
    culprit = history.edit("no return", "shop.py", ("    return net + tax\n", ""))
    assert value(history.scene(*STACK), signal, culprit) > 0


@pytest.mark.parametrize("signal", ["function", "function-share", "removal"])
def test_a_deletion_just_outside_a_function_is_not_inside_it(deployed: Deployed, signal: str) -> None:
    history = deployed({"shop.py": SHOP.replace("RATE = 2\n", "RATE = 2\nLIMIT = 9\nprint(LIMIT)\n")})
    above = history.edit("above", "shop.py", ("LIMIT = 9\nprint(LIMIT)\n", ""))
    assert hit(history.scene(*STACK), signal, above) is None


def test_a_method_is_known_by_gits_account_of_the_hunk(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP})
    culprit = history.edit("tax", "shop.py", ("0.2", "0.25"))
    other = history.edit("print", "shop.py", ("print(basket)", "print(len(basket))"))
    scene = history.scene(STACK[0])
    assert value(scene, "own-definition", culprit) > 0
    assert value(scene, "own-definition", other) == 0
