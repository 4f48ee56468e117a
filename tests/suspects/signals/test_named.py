"""Who wrote what the error names into the stack."""

from __future__ import annotations

from tests.suspects.conftest import Deployed
from tests.suspects.histories import At, hit, said, value

FILES = {
    "core.py": "def lookup(name):\n    return known[name]\n",
    "shop.py": 'def pay(card):\n    return lookup("rate")\n\n\ndef note(card):\n    return card\n',
}
STACK = (At("core.py", "known[name]", "lookup"), At("shop.py", "return lookup", "pay"))


def test_the_key_that_a_frame_asks_for(deployed: Deployed) -> None:
    history = deployed(FILES)
    culprit = history.edit("Rates by region", "shop.py", ('lookup("rate")', 'lookup("region_rate")'))
    other = history.edit("Else", "shop.py", ("    return card\n", '    return card, "region_rate"\n'))
    scene = history.scene(*STACK, error="KeyError", message="'region_rate'")
    assert value(scene, "named-piece", culprit) > 0.5
    assert (
        said(scene, "named-piece", culprit) == "put `region_rate`, which the error names, into the statement of pay(), frame #1"
    )
    assert hit(scene, "named-piece", other) is None


def test_a_key_without_quotes_is_a_name_too(deployed: Deployed) -> None:
    history = deployed(FILES)
    culprit = history.edit("Rates by region", "shop.py", ('lookup("rate")', 'lookup("region.rate")'))
    scene = history.scene(*STACK, error="KeyError", message="region")
    assert value(scene, "named-piece", culprit) > 0.5


def test_whoever_only_carried_the_name_along_has_not_put_it_there(deployed: Deployed) -> None:
    history = deployed(FILES)
    other = history.edit("With a card", "shop.py", ('lookup("rate")', 'lookup("rate", card)'))
    scene = history.scene(*STACK, error="KeyError", message="'rate'")
    assert hit(scene, "named-piece", other) is None
