"""How much was changed."""

from __future__ import annotations

from tests.suspects.conftest import Deployed
from tests.suspects.histories import At, hit, said, value


def test_larger_is_more_up_to_a_thousand_lines(deployed: Deployed) -> None:
    history = deployed({"a.py": "A = 1\n", "README.md": "x\n"})
    small = history.edit("small", "a.py", ("A = 1", "A = 2"))
    large = history.commit("large", {"b.py": "B = 1\n" * 2000})
    words = history.edit("words", "README.md", ("x", "y"))
    scene = history.scene(At("a.py", "A = 2"))
    assert 0 < value(scene, "size", small) < value(scene, "size", large) == 1
    assert said(scene, "size", small) == "changed 2 lines of code"
    assert hit(scene, "size", words) is None
