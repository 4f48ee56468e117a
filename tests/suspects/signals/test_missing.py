"""A file that a commit took away, and that the error misses."""

from __future__ import annotations

import pytest

from tests.suspects.conftest import Deployed
from tests.suspects.histories import FILLER, At, said, value

FILES = {"shop/app.py": f"import shop.tax\n{FILLER}", "shop/tax.py": f"RATE = 1\n{FILLER}", "mail/order.html": f"<p>\n{FILLER}"}
RAISED = At("shop/app.py", "import shop.tax", "<module>")


@pytest.mark.parametrize(
    ("path", "now", "message"),
    [
        ("shop/tax.py", "shop/money/tax.py", "No module named 'shop.tax'"),
        ("shop/tax.py", None, "No module named 'shop.tax'"),
        ("shop/tax.py", None, "[Errno 2] No such file or directory: 'shop/tax.py'"),
        ("mail/order.html", "mail/orders.html", "TemplateDoesNotExist: order.html"),
    ],
)
def test_what_was_moved_or_deleted_is_missed(deployed: Deployed, path: str, now: str | None, message: str) -> None:
    history = deployed(FILES)
    culprit = history.commit("tidy", {path: None} | ({now: FILES[path]} if now else {}))
    innocent = history.edit("rate", "shop/app.py", ("import shop.tax", "import shop.tax  # noqa"))
    scene = history.scene(RAISED, message=message)
    assert value(scene, "missing-file", culprit) == 1
    assert said(scene, "missing-file", culprit).startswith(f"took away {path}")
    assert value(scene, "missing-file", innocent) == 0


def test_other_files_and_other_errors_say_nothing(deployed: Deployed) -> None:
    history = deployed(FILES)
    gone = history.commit("tidy", {"mail/order.html": None})
    assert value(history.scene(RAISED, message="No module named 'shop.tax'"), "missing-file", gone) == 0
    assert value(history.scene(RAISED, message="order.html is too long"), "missing-file", gone) == 0
