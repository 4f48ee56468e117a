"""Commits that took each other back."""

from __future__ import annotations

from deploywatch.suspects.rank import candidates_of
from tests.suspects.conftest import Deployed
from tests.suspects.histories import At

CODE = "def pay(card):\n    return card.charge()\n"
RAISED = At("shop.py", "return card", "pay")


def test_a_change_and_its_revert_are_no_candidates(deployed: Deployed) -> None:
    history = deployed({"shop.py": CODE, "other.py": "X = 1\n"})
    change = history.edit("Charge twice", "shop.py", ("card.charge()", "card.charge(2)"))
    other = history.edit("Other", "other.py", ("X = 1", "X = 2"))
    history.repo.git("revert", "--no-edit", change)
    scene = history.scene(RAISED)
    candidates, told = candidates_of(scene)
    assert [commit.sha for commit in candidates] == [other]
    assert told == ["Not considered: 2 commits that were taken back, or took back, inside the window."]


def test_applied_once_more_it_is_one_again(deployed: Deployed) -> None:
    history = deployed({"shop.py": CODE})
    change = history.edit("Charge twice", "shop.py", ("card.charge()", "card.charge(2)"))
    history.repo.git("revert", "--no-edit", change)
    history.edit("Charge once", "shop.py", ("card.charge()", "card.charge(1)"))
    history.edit("Not so", "shop.py", ("card.charge(1)", "card.charge()"))
    again = history.edit("Charge twice, again", "shop.py", ("card.charge()", "card.charge(2)"))
    assert [commit.sha for commit in candidates_of(history.scene(RAISED))[0]] == [again]


def test_a_revert_of_what_is_older_than_the_window_is_a_change(deployed: Deployed) -> None:
    history = deployed({"shop.py": CODE})
    change = history.edit("Charge twice", "shop.py", ("card.charge()", "card.charge(2)"))
    history.repo.git("revert", "--no-edit", change)
    scene = history.scene(RAISED, base=change)
    assert len(candidates_of(scene)[0]) == 1


def test_half_a_revert_is_none(deployed: Deployed) -> None:
    history = deployed({"shop.py": CODE, "other.py": "X = 1\n"})
    history.commit("Both", {"shop.py": CODE.replace("charge()", "charge(2)"), "other.py": "X = 2\n"})
    history.commit("Half", {"shop.py": CODE})
    assert len(candidates_of(history.scene(RAISED))[0]) == 2
