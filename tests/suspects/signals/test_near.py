"""How near a change is to the failing statement, counted in lines of head."""

from __future__ import annotations

import pytest

from tests.suspects.conftest import Deployed
from tests.suspects.histories import At, hit, said, value

LINES = [f"    step_{number}()" for number in range(60)]
RAISED = At("run.py", "step_30()", "walk")


def source(lines: list[str]) -> str:
    return "\n".join(["def walk():", *lines, ""])


def test_the_value_falls_with_the_distance(deployed: Deployed) -> None:
    history = deployed({"run.py": source(LINES)})
    shas = [history.edit(f"step {at}", "run.py", (f"step_{at}()", f"leap_{at}()")) for at in (29, 25, 31, 55)]
    scene = history.scene(RAISED)
    before, further, after, far = (value(scene, "near", sha) for sha in shas)
    assert before == after > further > far
    assert said(scene, "near", shas[0]).startswith("changed 1 line from the statement")
    assert said(scene, "near", shas[1]).startswith("changed 5 lines from the statement")


def test_the_very_statement(deployed: Deployed) -> None:
    history = deployed({"run.py": source(LINES)})
    culprit = history.edit("step", "run.py", ("step_30()", "step_30() or 1"))
    found = hit(history.scene(RAISED), "near", culprit)
    assert found is not None
    assert (found.value, found.file, found.line, found.frame) == (1.0, "run.py", 32, 0)
    assert "the very statement" in found.text


@pytest.mark.parametrize("gone", [29, 31])
def test_a_deletion_beside_the_line_is_next_to_it(deployed: Deployed, gone: int) -> None:
    history = deployed({"run.py": source(LINES)})
    culprit = history.edit("take out", "run.py", (f"    step_{gone}()\n", ""))
    scene = history.scene(RAISED)
    found = hit(scene, "near", culprit)
    assert found is not None
    assert found.hunk is not None
    assert found.hunk.removed == (f"    step_{gone}()",)
    assert said(scene, "near", culprit).startswith("changed 1 line from")


def test_a_deletion_is_carried_through_later_commits_that_shift_it(deployed: Deployed) -> None:
    history = deployed({"run.py": source(LINES)})
    culprit = history.edit("take out", "run.py", ("    step_29()\n", ""))
    history.edit("grow", "run.py", ("    step_3()\n", "    step_3()\n" + "    more()\n" * 17))
    history.edit("shrink", "run.py", ("    step_7()\n    step_8()\n", ""), ("    step_50()\n", ""))
    history.edit("above all", "run.py", ("def walk():\n", "import os\n\n\ndef walk():\n"))
    assert said(history.scene(RAISED), "near", culprit).startswith("changed 1 line from")


def test_an_overwritten_line_is_carried_too(deployed: Deployed) -> None:
    history = deployed({"run.py": source(LINES)})
    culprit = history.edit("first", "run.py", ("step_29()", "leap_29()"))
    history.edit("second", "run.py", ("leap_29()", "jump_29()"))
    history.edit("grow", "run.py", ("    step_3()\n", "    step_3()\n" + "    more()\n" * 17))
    assert said(history.scene(RAISED), "near", culprit).startswith("changed 1 line from")


def test_a_change_of_another_file_is_not_near(deployed: Deployed) -> None:
    history = deployed({"run.py": source(LINES), "other.py": source(LINES)})
    other = history.edit("other", "other.py", ("step_30()", "leap_30()"))
    assert hit(history.scene(RAISED), "near", other) is None


def test_nothing_to_speak_of_at_a_great_distance(deployed: Deployed) -> None:
    history = deployed({"run.py": source([f"    step_{number}()" for number in range(400)])})
    far = history.edit("far", "run.py", ("step_399()", "leap_399()"))
    assert value(history.scene(RAISED), "near", far) < 0.02


def test_the_nearest_frame_decides(deployed: Deployed) -> None:
    history = deployed({"run.py": source(LINES)})
    culprit = history.edit("outer", "run.py", ("step_55()", "leap_55()"))
    inner_only = history.scene(RAISED)
    both = history.scene(RAISED, At("run.py", "leap_55()", "walk"))
    assert value(inner_only, "near", culprit) < value(both, "near", culprit) < 1
    found = hit(both, "near", culprit)
    assert found is not None
    assert found.frame == 1
