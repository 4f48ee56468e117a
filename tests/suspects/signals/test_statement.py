"""Identifiers of the failing statements, of their functions and of what they call, in what a commit changed."""

from __future__ import annotations

from tests.suspects.conftest import Deployed
from tests.suspects.histories import FILLER, At, hit, said, value

FILES = {
    "shop.py": f"""\
from money import convert


def total(basket):
    vat_rate = basket.country
    return convert(basket.net_price, basket.currency)

{FILLER}
SHIPPING_ZONES = {{"net_price": 1}}
OPENING_HOURS = 8
""",
    "money.py": f"def convert(amount, unit):\n    return amount * unit\n\n{FILLER}\ndef round_up(amount):\n    return amount + 1\n",
    "models.py": "FIELDS = ['net_price', 'currency']\nSIZES = ['small']\n",
}
RAISED = At("shop.py", "return convert(", "total")


def test_a_line_elsewhere_in_the_file_that_names_what_the_statement_uses(deployed: Deployed) -> None:
    history = deployed(FILES)
    culprit = history.edit("rename", "shop.py", ('"net_price": 1', '"gross_price": 1'))
    other = history.edit("hours", "shop.py", ("OPENING_HOURS = 8", "OPENING_HOURS = 9"))
    scene = history.scene(RAISED)
    assert 0 < value(scene, "statement", culprit) <= 1
    assert "`net_price`" in said(scene, "statement", culprit)
    assert hit(scene, "statement", other) is None


def test_another_file_counts_as_somewhere_only(deployed: Deployed) -> None:
    history = deployed(FILES)
    culprit = history.edit("drop", "models.py", ("'net_price', ", ""))
    other = history.edit("sizes", "models.py", ("'small'", "'large'"))
    scene = history.scene(RAISED)
    assert hit(scene, "statement", culprit) is None
    assert value(scene, "statement-anywhere", culprit) > 0
    assert value(scene, "statement-anywhere", other) == 0


def test_the_more_names_the_larger_the_overlap(deployed: Deployed) -> None:
    history = deployed(FILES)
    one = history.edit("one", "models.py", ("'net_price', ", ""))
    two = history.commit("two", {"models.py": "SIZES = ['small']\nCONVERT = ['net_price', 'currency', 'convert', 'basket']\n"})
    scene = history.scene(RAISED)
    assert value(scene, "statement-anywhere", one) < value(scene, "statement-anywhere", two) <= 1


def test_a_name_that_every_commit_changes_says_less(deployed: Deployed) -> None:
    history = deployed({**FILES, "fields.py": "net_price\n\n\ncurrency\n"})
    common = history.edit("drop", "fields.py", ("net_price\n", ""))
    rare = history.edit("drop", "fields.py", ("currency\n", ""))
    for number in range(4):
        history.commit(f"more {number}", {f"more_{number}.py": f"net_price = {number}\n"})
    scene = history.scene(RAISED)
    assert 0 < value(scene, "statement-anywhere", common) < value(scene, "statement-anywhere", rare)


def test_names_of_the_function_around(deployed: Deployed) -> None:
    history = deployed({**FILES, "tax.py": "def rates():\n    return 1\n"})
    culprit = history.edit("vat", "tax.py", ("return 1", "return vat_rate"))
    scene = history.scene(RAISED)
    assert hit(scene, "statement-anywhere", culprit) is None
    assert value(scene, "function-names", culprit) > 0
    assert "`vat_rate`" in said(scene, "function-names", culprit)


def test_the_function_that_the_failing_line_calls(deployed: Deployed) -> None:
    history = deployed(FILES)
    culprit = history.edit("convert", "money.py", ("return amount * unit", "return amount * unit.factor"))
    other = history.edit("round", "money.py", ("return amount + 1", "return amount + 2"))
    scene = history.scene(RAISED)
    found = hit(scene, "callee", culprit)
    assert found is not None
    assert found.hunk is not None
    assert (found.file, found.hunk.added) == ("money.py", ("    return amount * unit.factor",))
    assert "`convert`" in found.text
    assert hit(scene, "callee", other) is None
    assert value(scene, "used-definition", culprit) > 0


def test_its_changed_signature(deployed: Deployed) -> None:
    history = deployed(FILES)
    culprit = history.edit("signature", "money.py", ("def convert(amount, unit)", "def convert(amount, unit, *, day)"))
    assert value(history.scene(RAISED), "callee", culprit) > 0


def test_a_comment_with_the_same_words_is_no_change_of_code(deployed: Deployed) -> None:
    history = deployed(FILES)
    notes = history.edit("notes", "models.py", ("SIZES", "# net_price and currency: see convert(basket)\nSIZES"))
    scene = history.scene(RAISED)
    assert hit(scene, "statement-anywhere", notes) is None
    assert hit(scene, "callee", notes) is None
