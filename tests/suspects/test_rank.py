"""One failure and one window in, ranked suspects with probabilities and evidence out."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from deploywatch.model import Frame, Raised, Ranking, RankingVerdict, StackTrace
from deploywatch.suspects.model import Model, load_model
from deploywatch.suspects.rank import rank
from deploywatch.suspects.registry import FAMILIES, SIGNALS, TEXTUAL
from tests.suspects.conftest import Deployed
from tests.suspects.histories import FILLER, At, History

FILES = {
    "shop.py": f"def total(basket):\n    net = sum(basket)\n    return net * 2\n\n{FILLER}\ndef other():\n    return 1\n",
    "stock.py": "LEVEL = 1\n",
    "README.md": "# Shop\n",
    "tests/test_shop.py": "def test_total():\n    assert total([1])\n",
}
RAISED = At("shop.py", "net = sum", "total")
LINE = Model({"line": 6.0, "file": 1.0}, {"always": 2.0})
BLIND = Model({}, {})


@pytest.fixture
def history(deployed: Deployed) -> History:
    return deployed(FILES)


def busy(history: History) -> str:
    """A window of several commits; the culprit's name."""
    history.edit("stock", "stock.py", ("LEVEL = 1", "LEVEL = 2"))
    culprit = history.edit("sum", "shop.py", ("sum(basket)", "sum(basket, None)"))
    history.edit("other", "shop.py", ("return 1", "return 3"))
    history.edit("stock again", "stock.py", ("LEVEL = 2", "LEVEL = 3"))
    return culprit


def names(ranking: Ranking) -> list[str]:
    return [suspect.commit.subject for suspect in ranking.suspects]


# --- probabilities and order -------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [LINE, BLIND, load_model()])
def test_the_probabilities_of_all_and_of_none_add_up_to_one(history: History, model: Model) -> None:
    busy(history)
    ranking = rank(history.scene(RAISED), model, limit=100)
    assert len(ranking.suspects) == ranking.commits == 4
    assert abs(sum(suspect.probability for suspect in ranking.suspects) + ranking.none_probability - 1) < 1e-9
    assert [suspect.rank for suspect in ranking.suspects] == [1, 2, 3, 4]
    probabilities = [suspect.probability for suspect in ranking.suspects]
    assert probabilities == sorted(probabilities, reverse=True)


def test_the_culprit_is_first_and_the_rest_is_cut_without_new_probabilities(history: History) -> None:
    culprit = busy(history)
    whole, cut = (rank(history.scene(RAISED), LINE, limit=limit) for limit in (100, 2))
    assert whole.first is not None
    assert whole.first.commit.sha == culprit
    assert cut.suspects == whole.suspects[:2]
    assert cut.none_probability == whole.none_probability


def test_of_equals_the_newer_comes_first(history: History) -> None:
    busy(history)
    assert names(rank(history.scene(RAISED), BLIND)) == ["stock again", "other", "sum", "stock"]


@pytest.mark.parametrize("model", [BLIND, load_model()])
def test_the_same_question_gets_the_same_answer(history: History, model: Model) -> None:
    busy(history)
    assert rank(history.scene(RAISED), model) == rank(history.scene(RAISED), model)


def test_the_window_and_the_frames_are_in_the_answer(history: History) -> None:
    busy(history)
    ranking = rank(history.scene(RAISED), LINE, warnings=["said before"])
    assert (ranking.base, ranking.head) == (history.repo.git("rev-parse", "v1"), history.repo.head)
    assert [(frame.file, frame.line, frame.in_app) for frame in ranking.frames] == [("shop.py", 2, True)]
    assert ranking.warnings == ("said before",)


@pytest.mark.parametrize(
    ("none", "verdict"),
    [(-9.0, RankingVerdict.SUSPECT), (9.0, RankingVerdict.NONE), (2.0, RankingVerdict.UNSURE)],
)
def test_the_verdict_names_one_or_nobody_or_is_unsure(history: History, none: float, verdict: RankingVerdict) -> None:
    busy(history)
    model = Model({"line": 2.0} if none > 0 else {"line": 9.0}, {"always": none})
    assert rank(history.scene(RAISED), model).verdict is verdict


def test_an_empty_window_explains_nothing(history: History) -> None:
    ranking = rank(history.scene(RAISED), load_model())
    assert (ranking.verdict, ranking.suspects, ranking.none_probability, ranking.commits) == (RankingVerdict.NONE, (), 1.0, 0)


# --- who is offered ----------------------------------------------------------------------------------------


def test_commits_of_tests_and_documentation_only_are_ruled_out(history: History) -> None:
    busy(history)
    history.edit("docs", "README.md", ("# Shop", "# The shop"))
    history.edit("tests", "tests/test_shop.py", ("total([1])", "total([2])"))
    mixed = history.commit("both", {"README.md": "# Shop\n", "stock.py": "LEVEL = 9\n"})
    ranking = rank(history.scene(RAISED), BLIND)
    assert names(ranking) == ["both", "stock again", "other", "sum", "stock"]
    assert ranking.commits == 7
    (said,) = ranking.ruled_out
    assert "2 commits" in said
    assert "tests or documentation only" in said
    assert ranking.suspects[0].commit.sha == mixed


def test_a_test_file_on_the_stack_is_not_ruled_out(history: History) -> None:
    history.edit("tests", "tests/test_shop.py", ("total([1])", "total([2])"))
    scene = history.scene(At("tests/test_shop.py", "assert total", "test_total"))
    assert names(rank(scene, BLIND)) == ["tests"]


def test_a_merge_is_offered_only_with_hunks_of_its_own(history: History) -> None:
    history.repo.git("checkout", "-q", "-b", "side")
    history.edit("side", "stock.py", ("LEVEL = 1", "LEVEL = 2"))
    history.repo.git("checkout", "-q", "main")
    history.edit("main", "shop.py", ("return 1", "return 3"))
    history.repo.merge("side", message="clean merge")
    ranking = rank(history.scene(RAISED), BLIND)
    assert sorted(names(ranking)) == ["main", "side"]
    (said,) = ranking.ruled_out
    assert "1 commit that only merged" in said


def test_a_merge_that_changed_something_itself_can_be_the_culprit(history: History) -> None:
    history.repo.git("checkout", "-q", "-b", "side")
    history.edit("side", "stock.py", ("LEVEL = 1", "LEVEL = 2"))
    history.repo.git("checkout", "-q", "main")
    history.edit("main", "shop.py", ("return 1", "return 3"))
    history.repo.git("merge", "-q", "--no-commit", "--no-ff", "side")
    evil = history.edit("evil merge", "shop.py", ("sum(basket)", "sum(basket, None)"))
    ranking = rank(history.scene(RAISED), load_model())
    assert ranking.first is not None
    assert ranking.first.commit.sha == evil
    assert ranking.first.commit.is_merge


def test_an_empty_commit_cannot_have_done_it(history: History) -> None:
    history.edit("stock", "stock.py", ("LEVEL = 1", "LEVEL = 2"))
    history.commit("trigger the pipeline", {})
    assert names(rank(history.scene(RAISED), BLIND)) == ["stock"]


# --- evidence ----------------------------------------------------------------------------------------------


def test_evidence_tells_the_place_and_the_hunk(history: History) -> None:
    busy(history)
    ranking = rank(history.scene(RAISED), Model({"line": 2.0, "file": 0.5, "function": -1.0}, {}))
    assert ranking.first is not None
    line, function, file = ranking.first.evidence
    assert [e.signal for e in (line, function, file)] == ["line", "function", "file"]
    assert (line.contribution, function.contribution, file.contribution) == (2.0, -1.0, 0.5)
    assert (line.file, line.line, line.hunk, line.frame) == ("shop.py", 2, "@@ -2,1 +2,1 @@", 0)
    assert (line.removed, line.added) == (("    net = sum(basket)",), ("    net = sum(basket, None)",))
    assert (file.file, file.hunk, file.removed, file.added, file.frame) == ("shop.py", None, (), (), 0)


def test_evidence_of_no_weight_is_not_told(history: History) -> None:
    busy(history)
    ranking = rank(history.scene(RAISED), Model({"line": 2.0, "file": 0.001}, {}))
    assert [[e.signal for e in suspect.evidence] for suspect in ranking.suspects] == [["line"], [], [], []]


def test_what_the_package_says_of_a_culprit_is_sorted_and_can_be_checked(history: History) -> None:
    culprit = busy(history)
    scene = history.scene(RAISED, message="unsupported operand: 'total'")
    ranking = rank(scene, load_model())
    assert ranking.first is not None
    assert ranking.first.commit.sha == culprit
    evidence = ranking.first.evidence
    families = [FAMILIES.get(e.signal, e.signal) for e in evidence]
    assert len(set(families)) == len(families)
    places = list(SIGNALS)
    keys = [
        (family in TEXTUAL, abs(e.contribution) < 0.25, places.index(e.signal))
        for family, e in zip(families, evidence, strict=True)
    ]
    assert keys == sorted(keys)
    assert evidence[0].contribution > 0
    assert all(e.text and "\n" not in e.text for e in evidence)
    assert {(e.file, e.line, e.hunk, e.frame) for e in evidence} >= {("shop.py", 2, "@@ -2,1 +2,1 @@", 0)}


# --- odd input ---------------------------------------------------------------------------------------------


def test_a_trace_without_frames_is_compared_by_its_message(history: History) -> None:
    busy(history)
    scene = history.scene_of(StackTrace((Raised("KeyError", "'LEVEL'", ()),), "python"))
    ranking = rank(scene, load_model())
    assert "no stack frames" in ranking.warnings[0]
    assert set(names(ranking)[:2]) == {"stock", "stock again"}


@pytest.mark.parametrize("trace", [StackTrace(()), StackTrace((Raised(None, None, ()),))])
def test_nothing_at_all_accuses_nobody(history: History, trace: StackTrace) -> None:
    busy(history)
    ranking = rank(history.scene_of(trace), load_model())
    assert ranking.verdict is not RankingVerdict.SUSPECT
    assert ranking.warnings


def test_frames_of_no_file_are_warned_of(history: History) -> None:
    busy(history)
    frames = (
        Frame("/usr/lib/python3/json/decoder.py", 3, "decode"),
        Frame("../../etc/passwd", 1, "x"),
        Frame("\0\n\x1b[31m", 1, "\n"),
    )
    ranking = rank(history.scene_of(StackTrace((Raised("E", "bad", frames),), "python")), load_model())
    assert "no frame of the stack could be mapped" in ranking.warnings[0]
    assert ranking.verdict is not RankingVerdict.SUSPECT


HOSTILE = (
    "new\nline.py",
    "tab\tand \x1b[31mred.py",
    'quo"te.py',
    "-dash.py",
    ":(glob)*.py",
    "a b.py",
    "caf\u00e9.py",
    os.fsdecode(b"latin\xe9.py"),
)


@pytest.mark.parametrize("path", HOSTILE)
def test_hostile_paths(deployed: Deployed, path: str) -> None:
    history = deployed({path: FILES["shop.py"], "keep.py": "1\n"})
    culprit = history.edit("sum", path, ("sum(basket)", "sum(basket, None)"))
    history.edit("keep", "keep.py", ("1", "2"))
    ranking = rank(history.scene(At(path, "net = sum", "total")), load_model())
    assert ranking.first is not None
    assert ranking.first.commit.sha == culprit
    assert {suspect.commit.subject for suspect in ranking.suspects} == {"sum", "keep"}


@pytest.mark.parametrize(
    "subject",
    ["\x1b[2J\x1b]0;owned\x07", "<script>alert(1)</script>", "\u202egnp.exe", "%s {0} {{ x }} ${y}", "a" * 5000, "*_`|~\\"],
)
def test_hostile_subjects_stay_as_they_are(history: History, subject: str) -> None:
    history.edit(subject, "shop.py", ("sum(basket)", "sum(basket, None)"))
    ranking = rank(history.scene(RAISED), load_model())
    assert names(ranking) == [subject]


def test_hostile_contents_and_messages(history: History) -> None:
    odd = (
        "x" * 100_000
        + "\n"
        + "\x00\x01\x02\x0c\x85\u2028"
        + "def " * 1000
        + "\r\n@@ -1,1 +1,1 @@\n--- a/shop.py\n+++ b/shop.py\n\x01"
        + "0" * 40
    )
    history.commit("odd", {"odd.py": odd, "bin.py": b"\x00\xff\xfe", "latin.py": b"caf\xe9 = 1\n"})
    history.edit("sum", "shop.py", ("sum(basket)", "sum(basket, None)"))
    message = "('" * 5000 + "\\" * 1000 + "(a+)+$" * 1000
    ranking = rank(history.scene(RAISED, At("odd.py", "@@ -1", "("), message=message), load_model())
    assert set(names(ranking)) == {"odd", "sum"}


def test_a_very_deep_stack(history: History) -> None:
    busy(history)
    frame = history.frame(RAISED)
    frames = tuple(replace(frame, line=number % 9 + 1) for number in range(3000))
    ranking = rank(history.scene_of(StackTrace((Raised("RecursionError", "deep", frames),), "python")), load_model())
    assert len(ranking.frames) == 3000
    assert ranking.first is not None
