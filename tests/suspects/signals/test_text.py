"""Likeness of a commit's words to the failure's, and to those of the code that called."""

from __future__ import annotations

from tests.suspects.conftest import Deployed
from tests.suspects.histories import At, hit, said, value

CODE = {
    "shop/basket.py": "def total(basket):\n    return basket.coupon.percentage\n",
    "shop/coupons.py": "class Coupon:\n    amount = 1\n",
    "shop/stock.py": "LEVEL = 1\n",
    "tests/test_basket.py": "def test_expired_voucher():\n    voucher = make_voucher()\n    total(voucher)\n",
}
RAISED = At("shop/basket.py", "percentage", "total")


def test_the_commit_that_speaks_of_the_failure(deployed: Deployed) -> None:
    history = deployed(CODE)
    culprit = history.edit("Coupons have an amount, no percentage", "shop/coupons.py", ("amount = 1", "amount = 2"))
    other = history.edit("Warehouse opens earlier", "shop/stock.py", ("LEVEL = 1", "LEVEL = 2"))
    scene = history.scene(RAISED, message="'Coupon' object has no attribute 'percentage'")
    assert 0 < value(scene, "similarity", culprit) < 1
    assert value(scene, "similarity", culprit) > value(scene, "similarity", other)
    assert "`percentage`" in said(scene, "similarity", culprit)
    assert value(scene, "outstanding", culprit) > 0
    assert value(scene, "outstanding", other) == 0


def test_the_code_that_called_tells_what_was_asked_for(deployed: Deployed) -> None:
    history = deployed(CODE)
    culprit = history.edit("Vouchers may be expired", "shop/stock.py", ("LEVEL = 1", "LEVEL = expired_voucher"))
    other = history.edit("Coupons", "shop/coupons.py", ("amount = 1", "amount = 2"))
    called = At("tests/test_basket.py", "total(voucher)", "test_expired_voucher", in_app=False)
    scene = history.scene(RAISED, called)
    assert value(scene, "caller-similarity", culprit) > value(scene, "caller-similarity", other)
    assert "`voucher`" in said(scene, "caller-similarity", culprit)
    assert value(scene, "caller-outstanding", culprit) > 0
    assert hit(history.scene(RAISED), "caller-similarity", culprit) is None


def test_nothing_in_common(deployed: Deployed) -> None:
    history = deployed(CODE)
    other = history.edit("Warehouse opens earlier", "shop/stock.py", ("LEVEL = 1", "LEVEL = 2"))
    assert hit(history.scene(RAISED), "similarity", other) is None
    assert hit(history.scene(RAISED), "outstanding", other) is None


def test_two_alike_do_not_stand_out(deployed: Deployed) -> None:
    history = deployed(CODE)
    one = history.edit("Percentage", "shop/stock.py", ("LEVEL = 1", "LEVEL = 2"))
    two = history.edit("Percentage", "shop/stock.py", ("LEVEL = 2", "LEVEL = 1"))
    scene = history.scene(RAISED)
    assert value(scene, "similarity", one) == value(scene, "similarity", two) > 0
    assert value(scene, "outstanding", one) == value(scene, "outstanding", two) == 0


def test_to_be_the_likest_says_more_the_more_there_are(deployed: Deployed) -> None:
    history = deployed(CODE)
    culprit = history.edit("Coupons have an amount, no percentage", "shop/coupons.py", ("amount = 1", "amount = 2"))
    few = value(history.scene(RAISED), "similarity", culprit)
    for number in range(2, 62):
        history.edit("Warehouse", "shop/stock.py", (f"LEVEL = {number - 1}", f"LEVEL = {number}"))
    assert few < value(history.scene(RAISED), "similarity", culprit) == 1
