"""The benchmark from cases to tables, on a history of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("numpy", reason="the accuracy benchmark needs numpy")

from ci.bench import accuracy
from ci.bench.baselines import BASELINES
from ci.bench.ranking.drawing import svg
from ci.bench.ranking.study import CROSS_VALIDATED, SHIPPED, answers
from ci.bench.ranking.tables import blocks
from tests.suspects.histories import History

CODE = "".join(f"def f{n}(x):\n    return x + {n}\n\n\n" for n in range(12))


def case(root: Path, owner: str) -> dict[str, object]:
    """A repository of its own below ``root``, in which the commit that breaks f3 is the culprit."""
    history = History(root / f"{owner}+shop", {"shop/cart.py": CODE, "shop/tax.py": CODE, "README.md": "x\n"})
    history.commit("words", {"README.md": "y\n"})
    history.edit("round", "shop/tax.py", ("return x + 5", "return round(x + 5)"))
    culprit = history.edit("use names", "shop/cart.py", ("return x + 3", "return x.total + 3"))
    history.edit("faster", "shop/cart.py", ("return x + 11", "return x + 10 + 1"))
    lines = (history.repo.folder / "shop/cart.py").read_text().split("\n")
    frame = {"filename": "shop/cart.py", "function": "f3", "lineno": lines.index("    return x.total + 3") + 1, "in_app": True}
    raised = {"type": "AttributeError", "value": "'int' object has no attribute 'total'", "stacktrace": {"frames": [frame]}}
    return {
        "id": f"{owner}0000000",
        "repo": f"{owner}/shop",
        "base": history.repo.git("rev-parse", "v1"),
        "head": history.repo.head,
        "culprit": culprit,
        "event": {"platform": "python", "exception": {"values": [raised]}},
    }


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    made = [case(tmp_path, "ana"), case(tmp_path, "bob")]
    gone = made[0] | {"id": "lost", "repo": "carl/shop"}
    file = tmp_path / "cases.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in (*made, gone)))
    return file


def test_every_method_is_asked_with_the_culprit_in_the_window_and_without_it(cases, capsys):
    windows = accuracy._studied(cases, cases.parent, 1)
    assert "1 left out" in capsys.readouterr().err
    found = answers(windows)
    assert list(found) == [CROSS_VALIDATED, SHIPPED, *BASELINES]
    for rows in found.values():
        assert [row.culprit is None for row in rows] == [False, True, False, True]
    for name in (CROSS_VALIDATED, SHIPPED, "B6 blame walk: first frame whose line is new"):
        assert [row.hit(1) for row in found[name] if row.culprit] == [1.0, 1.0], name


def test_a_repository_is_scored_by_the_others_weights_only(cases, monkeypatch):
    fitted = []
    from ci.bench import fit

    real = fit.fit
    monkeypatch.setattr(fit, "fit", lambda rows: fitted.append({row.repo for row in rows}) or real(rows))
    answers(accuracy._studied(cases, cases.parent, 1))
    assert fitted == [{"bob/shop"}, {"ana/shop"}]


def test_the_command_prints_every_block_and_writes_only_between_the_markers(cases, tmp_path, monkeypatch, capsys):
    page = tmp_path / "docs" / "ranking.md"
    page.parent.mkdir()
    page.write_text(
        "before\n<!-- generated: results -->\nold\n<!-- end -->\n<!-- generated: speed -->\nkept\n<!-- end -->\nafter\n"
    )
    monkeypatch.setattr(accuracy.page, "PAGE", page)
    assert accuracy.main([str(cases), "--repos", str(tmp_path), "--jobs", "1"]) == 0
    printed = capsys.readouterr().out
    assert "old" in page.read_text()
    assert accuracy.main([str(cases), "--repos", str(tmp_path), "--jobs", "1", "--write-docs"]) == 0
    assert capsys.readouterr().out == printed
    written = page.read_text()
    assert written.startswith("before\n<!-- generated: results -->\n2 windows with the culprit, 2 without it.")
    assert written.endswith("<!-- generated: speed -->\nkept\n<!-- end -->\nafter\n")
    assert f"| **{CROSS_VALIDATED}** | 100.0" in written
    assert all(f"| {name} |" in printed for name in (SHIPPED, *BASELINES, "ana/shop", "Python"))
    assert "None." in printed
    assert (tmp_path / "docs" / "ranking" / "reliability.svg").read_text().startswith("<svg")


def test_a_missed_case_tells_how_it_meets_the_stack_and_keeps_hostile_subjects_inside_their_cell(cases, tmp_path, capsys):
    windows = accuracy._studied(cases, cases.parent, 1)
    found = answers(windows)
    worse = [
        type(row)(row.case, row.repo, row.language, row.groups[::-1], 0.9, row.culprit) if row.culprit else row
        for row in found[CROSS_VALIDATED]
    ]
    for window in windows:
        window.subjects.update(dict.fromkeys(window.subjects, "`a` | <b> @all"))
    missed = blocks(found | {CROSS_VALIDATED: worse}, windows)["misses"]
    assert "changed a line of the stack" in missed
    assert {line.replace("\\|", "").count("|") for line in missed.splitlines()} == {8}


def test_without_any_repository_it_says_so(cases, tmp_path, capsys):
    (tmp_path / "empty").mkdir()
    assert accuracy.main([str(cases), "--repos", str(tmp_path / "empty"), "--jobs", "1"]) == 2
    assert "no case has its repository" in capsys.readouterr().err


def test_the_picture_has_a_point_for_every_range_that_was_told(cases):
    found = answers(accuracy._studied(cases, cases.parent, 1))
    assert svg(found[CROSS_VALIDATED]).count("<circle") >= 2
    assert svg([]).count("<circle") == 0


def test_the_page_has_a_place_for_every_block_that_is_made(cases):
    windows = accuracy._studied(cases, cases.parent, 1)
    made = blocks(answers(windows), windows)
    assert accuracy.page.names(accuracy.page.PAGE.read_text("utf-8")) == [*made, "speed"]
