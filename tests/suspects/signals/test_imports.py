"""One hop along the imports."""

from __future__ import annotations

import pytest

from tests.suspects.conftest import Deployed
from tests.suspects.histories import FILLER, At, hit, said, value


@pytest.mark.parametrize(
    ("own", "text", "statement", "module"),
    [
        ("src/shop/app.py", "from shop.money import convert\n\ndef pay():\n    convert(1)\n", "convert(1)", "src/shop/money.py"),
        (
            "src/shop/app.py",
            "from .money import (\n    convert,  # now\n    other,\n)\n\ndef pay():\n    convert(1)\n",
            "convert(1)",
            "src/shop/money.py",
        ),
        (
            "src/shop/app.py",
            "from shop import money as cash\n\ndef pay():\n    cash.convert(1)\n",
            "cash.convert",
            "src/shop/money/__init__.py",
        ),
        (
            "src/shop/app.py",
            "import shop.money\n\ndef pay():\n    shop.money.convert(1)\n",
            "shop.money.convert",
            "src/shop/money.py",
        ),
        (
            "lib/app.js",
            "const { convert } = require('../util/money')\nfunction pay() {\n  convert(1)\n}\n",
            "convert(1)",
            "util/money.js",
        ),
        (
            "lib/app.ts",
            "import { convert as toEuro } from './money'\nfunction pay() {\n  toEuro(1)\n}\n",
            "toEuro(1)",
            "lib/money.ts",
        ),
    ],
)
def test_the_file_that_the_statements_name_comes_from(
    deployed: Deployed, own: str, text: str, statement: str, module: str
) -> None:
    history = deployed({own: text, module: f"a\n{FILLER}", "src/other.py": "b\n"})
    culprit = history.edit("money", module, ("a\n", "c\n"))
    other = history.edit("other", "src/other.py", ("b\n", "d\n"))
    scene = history.scene(At(own, statement, "pay"))
    assert value(scene, "imported", culprit) == 1
    assert said(scene, "imported", culprit).startswith(f"changed {module}, from which {own} imports")
    assert hit(scene, "imported", other) is None


def test_an_import_that_fails(deployed: Deployed) -> None:
    history = deployed({"shop.py": "import a\nimport b\n\nX = 1\n"})
    culprit = history.edit("imports", "shop.py", ("import b", "from b import c"))
    other = history.edit("constant", "shop.py", ("X = 1", "X = 2"))
    scene = history.scene(At("shop.py", "from b", "<module>"), error="ImportError", message="cannot import name 'c' from 'b'")
    assert value(scene, "import-line", culprit) == 1
    assert hit(scene, "import-line", other) is None
    assert hit(history.scene(At("shop.py", "from b", "<module>")), "import-line", culprit) is None
