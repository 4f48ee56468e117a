"""Files of the stack that a commit changed, and how many others changed them too."""

from __future__ import annotations

from tests.suspects.conftest import Deployed
from tests.suspects.histories import FILLER, At, hit, said, value

FILES = {
    "web/views.py": f"def view():\n    return total()\n{FILLER}\nPAGE = 1\n",
    "shop/money.py": f"def total():\n    return 1 / 0\n{FILLER}\nRATE = 1\n",
    "shop/stock.py": "STOCK = 1\n",
}
STACK = (At("shop/money.py", "1 / 0", "total"), At("web/views.py", "return total()", "view"))


def test_the_raising_frames_file_counts_most(deployed: Deployed) -> None:
    history = deployed(FILES)
    inner = history.edit("money", "shop/money.py", ("RATE = 1", "RATE = 2"))
    outer = history.edit("views", "web/views.py", ("PAGE = 1", "PAGE = 2"))
    other = history.edit("stock", "shop/stock.py", ("STOCK = 1", "STOCK = 2"))
    scene = history.scene(*STACK)
    assert 1 == value(scene, "file", inner) > value(scene, "file", outer) > value(scene, "file", other) == 0
    found = hit(scene, "file", outer)
    assert found is not None
    assert (found.file, found.frame) == ("web/views.py", 1)


def test_a_file_that_everybody_changes_proves_little(deployed: Deployed) -> None:
    history = deployed(FILES)
    first = history.edit("one", "shop/money.py", ("RATE = 1", "RATE = 2"))
    alone = history.scene(*STACK)
    assert said(alone, "only-one", first) == "is the only commit of the window that changed shop/money.py"
    history.edit("two", "shop/money.py", ("RATE = 2", "RATE = 3"))
    shared = history.scene(*STACK)
    assert 0 < value(shared, "only-one", first) < value(alone, "only-one", first)
    assert said(shared, "only-one", first) == "is one of 2 commits that changed shop/money.py"


def test_a_neighbour_in_the_folder(deployed: Deployed) -> None:
    history = deployed({**FILES, "top.py": "TOP = 1\n"})
    beside = history.edit("stock", "shop/stock.py", ("STOCK = 1", "STOCK = 2"))
    notes = history.commit("notes", {"shop/NOTES.md": "words\n"})
    top = history.edit("top", "top.py", ("TOP = 1", "TOP = 2"))
    scene = history.scene(*STACK)
    assert value(scene, "directory", beside) > 0
    assert value(scene, "directory", notes) == 0
    assert value(scene, "directory", top) == 0
    root = history.scene(At("top.py", "TOP", "<module>"))
    assert said(root, "directory", top).startswith("changed the folder ./")


def test_a_file_that_was_renamed_since_is_the_same_file(deployed: Deployed) -> None:
    history = deployed(FILES)
    culprit = history.edit("rate", "shop/money.py", ("1 / 0", "1 / RATES"))
    moved = (history.repo.folder / "shop/money.py").read_text()
    mover = history.commit("move", {"shop/money.py": None, "billing/sums.py": moved})
    scene = history.scene(At("billing/sums.py", "1 / RATES", "total"))
    assert value(scene, "file", culprit) == 1
    assert value(scene, "line", culprit) == 1
    assert value(scene, "line", mover) == 0
    assert value(scene, "near", mover) == 0
