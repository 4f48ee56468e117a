"""What a ranking looks at: frames as places, changes that count, and words by how rare they are."""

from __future__ import annotations

import pytest

from deploywatch.model import Frame, Raised, StackTrace
from deploywatch.suspects.registry import SIGNALS
from deploywatch.suspects.signals.base import Signal
from tests.suspects.conftest import Deployed
from tests.suspects.histories import FILLER, At, commit_of, hit, value

SHOP = """\
RATE = 2


def total(basket):
    \"\"\"The sum.\"\"\"
    # with tax
    net = sum(basket, start=0)
    return net * RATE


def dispatch(basket):
    return total(basket)
"""
RAISED = At("shop.py", "net = ", "total")
BY_PLACE = ("line", "raising-line", "near", "function", "function-share", "removal", "file", "only-one", "statement")


# --- frames ------------------------------------------------------------------------------------------------


def test_places_are_nearest_first_and_plumbing_adds_no_depth(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP, "jobs.py": "def work():\n    dispatch()\n", "lib.py": "def lib():\n    pass\n"})
    scene = history.scene(
        RAISED,
        At("lib.py", "pass", "lib", in_app=False),
        At("shop.py", "return total", "dispatch"),
        At("jobs.py", "dispatch()", "work"),
    )
    assert [(p.index, p.depth, p.file, p.is_plumbing) for p in scene.places] == [
        (0, 0, "shop.py", False),
        (2, 1, "shop.py", True),
        (3, 1, "jobs.py", False),
    ]
    weights = [p.weight for p in scene.places]
    assert weights[0] == 1 > weights[2] > weights[1] > 0
    assert [frame.file for frame in scene.callers] == ["lib.py"]
    assert scene.files == {"shop.py": 0, "jobs.py": 1}


def test_a_recursion_is_one_place(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP})
    scene = history.scene(*[RAISED] * 50, At("shop.py", "return total", "pay"))
    assert [(p.index, p.depth) for p in scene.places] == [(0, 0), (50, 1)]


def test_each_cause_begins_anew(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP, "jobs.py": "def work():\n    dispatch()\n"})
    cause = history.raised(At("jobs.py", "dispatch()", "work"))
    scene = history.scene(RAISED, At("shop.py", "return total", "pay"), causes=(cause,))
    assert [(p.index, p.depth, p.cause, p.file) for p in scene.places] == [
        (0, 0, 0, "shop.py"),
        (1, 1, 0, "shop.py"),
        (2, 0, 1, "jobs.py"),
    ]


def test_a_place_knows_its_statement_and_its_function(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP.replace("sum(basket, start=0)", "sum(\n        basket,\n        start=0,\n    )")})
    (place,) = history.scene(At("shop.py", "start=0", "total")).places
    assert place.statement == (7, 10)
    assert place.definition is not None
    assert (place.definition.name, place.definition.first, place.definition.last) == ("total", 4, 11)


@pytest.mark.parametrize(
    "frame",
    [
        Frame("absent.py", 3, "f", in_app=True),
        Frame("shop.py", None, "f", in_app=True),
        Frame(None, 3, "f", in_app=True),
        Frame("shop.py", 10_000, "f", in_app=True),
        Frame("shop.py", 0, "f", in_app=True),
        Frame("shop.py", -5, None, in_app=True),
    ],
)
def test_frames_that_point_nowhere_do_no_harm(deployed: Deployed, frame: Frame) -> None:
    history = deployed({"shop.py": SHOP})
    sha = history.edit("rate", "shop.py", ("RATE = 2", "RATE = 3"))
    scene = history.scene_of(StackTrace((Raised("E", None, (frame,)),), "python"))
    for signal in SIGNALS.values():
        assert answers(signal, scene, sha)


def answers(signal: Signal, scene, sha: str) -> bool:
    found = signal(scene, commit_of(scene, sha))
    return found is None or 0 <= found.value <= 1


# --- changes that do not count -----------------------------------------------------------------------------


COSMETIC = {
    "formatting": (("sum(basket, start=0)", "sum(\n        basket,\n        start=0,\n    )"),),
    "comment": (("# with tax", "# with all taxes\n    # and more"),),
    "comment behind code": (("start=0)", "start=0)  # from nothing"),),
    "docstring": (("The sum.", "The sum of all.\n\n    With tax.\n    "),),
    "wrapping": (("def dispatch(basket):\n", "def dispatch(\n    basket,\n):\n"),),
}


@pytest.mark.parametrize("changes", COSMETIC.values(), ids=COSMETIC.keys())
def test_formatting_comments_and_docstrings_are_no_change_of_the_stacks_files(
    deployed: Deployed, changes: tuple[tuple[str, str], ...]
) -> None:
    history = deployed({"shop.py": SHOP})
    cosmetic = history.edit("polish", "shop.py", *changes)
    scene = history.scene(RAISED)
    assert [signal for signal in BY_PLACE if hit(scene, signal, cosmetic)] == []
    assert scene.touched(commit_of(scene, cosmetic)) == frozenset()
    assert scene.code_regions("shop.py", commit_of(scene, cosmetic)) == ()


def test_the_culprit_is_found_under_a_reformatting(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP})
    culprit = history.edit("rate", "shop.py", ("return net * RATE", "return net * RATES"))
    cosmetic = history.edit("polish", "shop.py", ("return net * RATES", "return (\n        net\n        * RATES\n    )"))
    scene = history.scene(At("shop.py", "* RATES", "total"))
    assert value(scene, "near", culprit) > 0.8
    assert value(scene, "function", culprit) > 0
    assert hit(scene, "near", cosmetic) is None


def test_a_commit_of_another_language_is_told_by_its_lines(deployed: Deployed) -> None:
    script = f"function total(a) {{\n  return a.net;\n}}\n{FILLER.replace('#', '//')}"
    history = deployed({"shop.js": script})
    comment = history.edit("polish", "shop.js", ("return a.net;", "/* why */ return a.net; // so"))
    code = history.edit("code", "shop.js", ("a.net;", "a.gross;"))
    scene = history.scene(At("shop.js", "return a.gross", "total"))
    assert scene.touched(commit_of(scene, comment)) == frozenset()
    assert scene.touched(commit_of(scene, code)) == {"shop.js"}


@pytest.mark.parametrize(
    ("path", "text"),
    [("shop.rb", "def total(a)\n  # why\n  a.net\nend\n"), ("shop.py", "def total(a):\n    # why\n    print 'a.net'\n")],
)
def test_comments_of_a_language_without_a_parser_are_no_change(deployed: Deployed, path: str, text: str) -> None:
    history = deployed({path: text})
    comment = history.edit("polish", path, ("# why", "# because"))
    scene = history.scene(At(path, "a.net", "total"))
    assert scene.touched(commit_of(scene, comment)) == frozenset()


def test_a_line_that_begins_with_an_operator_is_code(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP.replace("net * RATE", "(\n        net\n        * RATE\n    )")})
    culprit = history.edit("rate", "shop.py", ("        * RATE\n", "        * RATES\n"))
    scene = history.scene(At("shop.py", "* RATES", "total"))
    assert value(scene, "near", culprit) > 0
    assert value(scene, "function", culprit) > 0


# --- files and words ---------------------------------------------------------------------------------------


def test_renames_are_followed_twice(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP})
    culprit = history.edit("first", "shop.py", ("sum(basket, start=0)", "sum(basket, start=None)"))
    text = (history.repo.folder / "shop.py").read_text()
    history.commit("move", {"shop.py": None, "app/shop.py": text})
    history.commit("move again", {"app/shop.py": None, "lib/till.py": text})
    scene = history.scene(At("lib/till.py", "net = ", "total"))
    assert scene.touched(commit_of(scene, culprit)) == {"lib/till.py"}
    assert [diff.change.path for diff in scene.diffs_at("lib/till.py")] == ["lib/till.py", "app/shop.py", "shop.py"]
    assert scene.touchers["lib/till.py"] == 3
    assert value(scene, "line", culprit) == 1


def test_a_move_that_was_taken_back(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP})
    history.commit("move", {"shop.py": None, "app.py": SHOP})
    culprit = history.edit("first", "app.py", ("sum(basket, start=0)", "sum(basket, start=None)"))
    history.commit("back", {"app.py": None, "shop.py": (history.repo.folder / "app.py").read_text()})
    scene = history.scene(RAISED)
    assert scene.touched(commit_of(scene, culprit)) == {"shop.py"}
    assert value(scene, "line", culprit) == 1


def test_a_new_file_under_an_old_name(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP})
    history.commit("move", {"shop.py": None, "app.py": SHOP})
    culprit = history.commit("stand-in", {"shop.py": "def net():\n    net = 1 / 0\n"})
    scene = history.scene(RAISED)
    assert scene.touched(commit_of(scene, culprit)) == {"shop.py"}
    assert value(scene, "line", culprit) == 1


def test_the_changes_of_a_file_are_newest_first_those_of_merges_too(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP, "other.py": "1\n"})
    old = history.edit("old", "shop.py", ("RATE = 2", "RATE = 3"))
    history.repo.git("checkout", "-q", "-b", "side")
    history.edit("side", "other.py", ("1", "2"))
    history.repo.git("checkout", "-q", "main")
    history.commit("main", {"third.py": "3\n"})
    history.repo.git("merge", "-q", "--no-commit", "--no-ff", "side")
    evil = history.edit("evil merge", "shop.py", ("RATE = 3", "RATE = 4"))
    new = history.edit("new", "shop.py", ("RATE = 4", "RATE = 5"))
    assert [diff.sha for diff in history.scene(RAISED).diffs_at("shop.py")] == [new, evil, old]


def test_of_a_window_too_wide_to_read_only_the_stacks_files_are_read(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    history = deployed({"shop.py": SHOP, "other.py": "1\n"})
    culprit = history.edit("first", "shop.py", ("sum(basket, start=0)", "sum(basket, start=None)"))
    text = (history.repo.folder / "shop.py").read_text()
    history.commit("move", {"shop.py": None, "till.py": text})
    history.edit("other", "other.py", ("1", "2"))
    whole = history.scene(At("till.py", "net = ", "total"))
    monkeypatch.setattr("deploywatch.history.material.WHOLE_WINDOW", 2)
    narrow = history.scene(At("till.py", "net = ", "total"))
    assert (whole.material.complete, narrow.material.complete) == (True, False)
    assert {diff.change.path for diff in narrow.material.diffs} == {"shop.py", "till.py"}
    for signal in BY_PLACE:
        assert value(narrow, signal, culprit) == value(whole, signal, culprit)


def test_rare_names_weigh_more(deployed: Deployed) -> None:
    history = deployed({"shop.py": SHOP})
    for number in range(5):
        history.commit(f"{number}", {f"f{number}.py": f"often = {number}\nonce_{number} = 1\n"})
    scene = history.scene(RAISED)
    assert 1 >= scene.rarity("never") >= scene.rarity("once_1") > scene.rarity("often") > 0
    both = {"once_1": 1.0, "often": 1.0}
    assert scene.best_overlap(both, {"once_1", "often"}) == pytest.approx(1)
    assert scene.best_overlap(both, {"once_1"}) > scene.best_overlap(both, {"often"}) > 0
    assert scene.best_overlap(both, set()) == scene.best_overlap({}, {"often"}) == 0


def test_what_is_made_once_is_made_once(deployed: Deployed) -> None:
    scene = deployed({"shop.py": SHOP}).scene(RAISED)
    made: list[str] = []

    def make(_scene: object) -> list[int]:
        made.append("again")
        return [1]

    assert scene.once(make) is scene.once(make)
    assert made.count("again") == 1
