"""What the demo reads of a report, and what it calls right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deploywatch.sandbox.outcome import Named, Outcome, read_outcome
from deploywatch.sandbox.story import Story

STORY = Story(Path("repository"), v1="1" * 40, v2="2" * 40, culprit="c" * 40)


def report(*shas: str, schema: str = "deploywatch.report/1") -> dict[str, Any]:
    suspects = [{"sha": sha, "subject": "Change", "author": {"name": "Ana", "email": "a@b"}, "probability": 0.9} for sha in shas]
    return {"schema": schema, "findings": [{"suspects": suspects}, {"suspects": []}]}


def outcome(folder: Path, *files: Any, exit_code: int = 3) -> Outcome:
    folder.mkdir()
    for number, content in enumerate(files):
        (folder / f"{number}.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return read_outcome(folder, STORY, exit_code=exit_code)


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ([report("c" * 40, "d" * 40)], "c" * 40),
        ([report("d" * 40), report("c" * 40)], "c" * 40),
        ([report("c" * 40), report("d" * 40, schema="other/1"), "no json", "[]"], "c" * 40),
        ([report()], None),
        ([{"schema": "deploywatch.report/1", "findings": []}], None),
        ([], None),
    ],
)
def test_the_first_suspect_of_the_first_finding(tmp_path: Path, files: list[Any], named: str | None) -> None:
    found = outcome(tmp_path / "report", *files).named
    assert found == (None if named is None else Named(named, "Change", "Ana", 0.9))


def test_a_run_that_failed_wrote_nothing(tmp_path: Path) -> None:
    assert read_outcome(tmp_path / "none", STORY, exit_code=1) == Outcome(1, None, None, STORY.culprit)


def test_the_page_is_found(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "report.html").write_text("<html>")
    assert read_outcome(tmp_path, STORY, exit_code=3).page == tmp_path / "shop" / "report.html"


@pytest.mark.parametrize(
    ("sha", "code", "right"), [("c" * 40, 3, True), ("d" * 40, 3, False), ("c" * 40, 0, False), ("c" * 40, 4, False)]
)
def test_right_is_the_culprit_first_and_a_regression_reported(tmp_path: Path, sha: str, code: int, right: bool) -> None:
    assert outcome(tmp_path / "report", report(sha), exit_code=code).is_right is right
