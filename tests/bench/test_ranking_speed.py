"""The benchmark of the ranking's cost, on a small history."""

from __future__ import annotations

from pathlib import Path

import pytest

from ci.bench import ranking_speed
from ci.bench.ranking.synthetic import make_events, make_repository
from ci.bench.ranking_speed import Cost, promises_broken
from deploywatch.history.repository import Repository


def test_the_made_up_history_has_so_many_commits_and_events_with_frames_at_its_head(tmp_path: Path):
    repository = Repository.open(make_repository(tmp_path / "made.git", 40))
    head = repository.resolve("HEAD")
    base = repository.resolve("HEAD~40")
    assert len(repository.window(base, head).commits) == 40
    events = make_events(repository, base, head, 5)
    assert len({str(event["exception"]) for event in events}) == 5
    for frame in events[3]["exception"]["values"][0]["stacktrace"]["frames"]:
        text = repository.read(frame["filename"], head)
        assert text is not None
        assert text.split("\n")[frame["lineno"] - 1] == frame["context_line"]


def test_it_measures_both_in_one_run_and_keeps_or_breaks_its_promises(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setattr(ranking_speed, "_EVENTS", 3)
    monkeypatch.setattr(ranking_speed, "_ISSUES", 2)
    monkeypatch.setattr(ranking_speed, "OF_MINIMUM", 1e6)
    page = tmp_path / "ranking.md"
    page.write_text("<!-- generated: speed -->\n<!-- end -->\n")
    monkeypatch.setattr(ranking_speed.page, "PAGE", page)
    assert ranking_speed.main(["--commits", "30", "--turns", "1", "--write-docs"]) == 0
    assert "| 3 events of 2 issues |" in capsys.readouterr().out
    assert "| one event |" in page.read_text()
    monkeypatch.setattr(ranking_speed, "OF_MINIMUM", 0.01)
    assert ranking_speed.main(["--commits", "30", "--turns", "1"]) == 1
    assert "broken promise: one event takes" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("git", "one", "many", "broken"), [(1.0, 1.4, 13.0, 0), (1.0, 1.6, 13.0, 1), (1.0, 1.4, 15.0, 1), (1.0, 2.0, 30.0, 2)]
)
def test_a_promise_is_broken_by_the_clock(git, one, many, broken):
    costs = {"git": Cost(git, 9), "one": Cost(one, 9), "many": Cost(many, 9)}
    assert len(promises_broken(costs)) == broken
