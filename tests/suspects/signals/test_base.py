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
    """Commits that have all kinds of evidence between them, and one that has none."""
    shop = """\
from money import convert

def total(basket):
    rate = basket.rate
    if not basket:
        return 0
    return convert(basket.net_price, rate)
"""
    history = deployed(
        {
            "shop.py": shop,
            "money.py": "def convert(amount, rate):\n    return amount.net_price\n",
            "stock.py": "LEVEL = 1\n",
            "jobs.py": "def voucher():\n    total()\n",
            "requirements.txt": "moneylib==1.0\n",
            "settings.yaml": "net_price: yes\n",
            "migrations/1.sql": "create table basket (net_price int)\n",
            "money_rates.csv": "EUR,1\n",
        }
    )
    guilty = [
        history.commit(
            "Convert the net price of a voucher",
            {
                "shop.py": "import money\n\ndef total(basket):\n    rate = None\n    if basket:\n"
                "        return money.convert(basket.net_price or basket.gross_rate, rate)\n",
                "money.py": "def convert(amount, unit):\n    return amount.gross\n\n\nBASE = Basket(net_price=1)\n",
            },
        ),
        history.edit("Money", "requirements.txt", ("1.0", "2.0")),
        history.edit("Prices", "settings.yaml", ("yes", "no")),
        history.edit("Basket", "migrations/1.sql", ("int", "numeric")),
        history.edit("Rates", "money_rates.csv", ("1", "2")),
        history.commit("Tidy", {"migrations/1.sql": None}),
    ]
    other = history.edit("Warehouse", "stock.py", ("LEVEL = 1", "LEVEL = 2"))
    scene = history.scene(
        At("shop.py", "return money.convert(", "total"),
        At("jobs.py", "total()", "voucher", in_app=False),
        error="OperationalError",
        message="ImportError: 'net_price' or 'gross_rate' of NoneType, see money_rates.csv; No module named 'moneylib'; not found: migrations/1.sql",
    )
    wrong = history.scene(At("shop.py", "return money.convert(", "total"), message="convert() got no unit", error="TypeError")
    found = [
        (name, hit)
        for seen in (scene, wrong)
        for sha in guilty
        for name, signal in SIGNALS.items()
        if (hit := signal(seen, commit_of(seen, sha)))
    ]
    silent = set(SIGNALS) - {name for name, _ in found}
    assert silent <= {"near-besides", "line-besides", "guard", "message-added"}
    hunks = {hunk for sha in guilty for diff in scene.diffs_of[sha] for hunk in diff.hunks}
    paths = {diff.change.path for sha in guilty for diff in scene.diffs_of[sha]}
    for name, hit in found:
        assert 0 < hit.value <= 1, name
        assert hit.text, name
        assert hit.file is None or hit.file in paths, name
        assert hit.hunk is None or hit.hunk in hunks, name
        assert hit.frame in (None, 0), name
    loud = {name for name, signal in SIGNALS.items() if (hit := signal(scene, commit_of(scene, other))) and hit.value > 0.5}
    assert loud <= {"directory"}
