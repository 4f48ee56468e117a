"""What all signals share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploywatch.suspects.registry import SIGNALS
from deploywatch.suspects.scene import Place
from deploywatch.suspects.signals.base import frame_name, noisy_or
from tests.suspects.conftest import Deployed
from tests.suspects.histories import At, commit_of

SHARES = st.lists(st.floats(0, 1))


@given(SHARES)
def test_reasons_add_up_but_never_beyond_certainty(values: list[float]) -> None:
    joined = noisy_or(values)
    assert max(values, default=0.0) - 1e-9 <= joined <= 1
    assert joined == pytest.approx(noisy_or(values[::-1]))


def test_reasons_by_hand() -> None:
    assert noisy_or([0.5, 0.5]) == 0.75
    assert noisy_or([]) == 0
    assert noisy_or([2.0]) == 1


@pytest.mark.parametrize(
    ("depth", "cause", "function", "name"),
    [
        (0, 0, "total", "total(), where the failure was raised"),
        (2, 0, "total", "total(), frame #7"),
        (0, 1, "total", "total(), frame #7"),
        (1, 0, "<module>", "module level, frame #7"),
        (1, 0, None, "module level, frame #7"),
    ],
)
def test_how_a_frame_is_named(depth: int, cause: int, function: str | None, name: str) -> None:
    assert frame_name(Place(7, depth, cause, "a.py", 1, function, (1, 1), None)) == name


def test_every_hit_is_a_share_and_points_at_what_is_there(deployed: Deployed) -> None:
    """One commit that has all kinds of evidence, and one that has none."""
    total = "def total(basket):\n    if not basket:\n        return 0\n    return convert(basket.net_price)\n"
    money = "def convert(amount):\n    return amount.net_price\n"
    history = deployed(
        {"shop.py": total, "money.py": money, "stock.py": "LEVEL = 1\n", "jobs.py": "def voucher():\n    total()\n"}
    )
    culprit = history.commit(
        "Convert the net price of a voucher",
        {
            "shop.py": "def total(basket):\n    return convert(basket.net_price or 0)\n",
            "money.py": "def convert(amount, unit):\n    return amount.gross\n",
        },
    )
    other = history.edit("Warehouse", "stock.py", ("LEVEL = 1", "LEVEL = 2"))
    scene = history.scene(
        At("shop.py", "return convert(", "total"),
        At("jobs.py", "total()", "voucher", in_app=False),
        message="convert() missing 'unit', 'net_price'",
    )
    found = {name: hit for name, signal in SIGNALS.items() if (hit := signal(scene, commit_of(scene, culprit)))}
    silent = set(SIGNALS) - set(found)
    assert silent <= {"write-removed", "missing-file"}
    hunks = {hunk for diff in scene.diffs_of[culprit] for hunk in diff.hunks}
    for name, hit in found.items():
        assert 0 < hit.value <= 1, name
        assert hit.text, name
        assert hit.file in (None, "shop.py", "money.py"), name
        assert hit.hunk is None or hit.hunk in hunks, name
        assert hit.frame in (None, 0), name
    loud = {name for name, signal in SIGNALS.items() if (hit := signal(scene, commit_of(scene, other))) and hit.value > 0.5}
    assert loud <= {"directory"}
