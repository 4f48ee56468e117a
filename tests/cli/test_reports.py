"""``--report FILE``: further formats of the same report, beside the answer."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from deploywatch.cli.output import write_to
from deploywatch.errors import UsageError
from deploywatch.model import Verdict
from deploywatch.report.formats import ENDINGS, format_of
from tests.cli.conftest import Run
from tests.cli.test_commands import Spy, ran, watched
from tests.report import samples


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("report.html", "html"),
        ("REPORT.HTML", "html"),
        ("a.b.summary.md", "step-summary"),
        ("notes.md", "markdown"),
        ("x.slack.json", "slack"),
        ("x.json", "json"),
        ("summary.md", "markdown"),
        ("html", None),
        ("report.pdf", None),
    ],
)
def test_the_longest_ending_says_the_format(name: str, expected: str | None) -> None:
    assert format_of(name) == expected
    assert all(format_of(f"report.{ending}") == fmt for fmt, ending in ENDINGS.items())


@pytest.mark.parametrize("command", ["run", "watch", "investigate"])
def test_files_beside_the_answer(run: Run, use_cases: SimpleNamespace, tmp_path: Path, command: str) -> None:
    use_cases.run, use_cases.watch = Spy(ran(Verdict.REGRESSION)), Spy(watched())
    use_cases.investigate = Spy(samples.report())
    result = run(command, "--report", "page.html", "--report", "step-summary=summary", "--report", "r.json", "--environment", "e")
    assert result.exit_code in (0, 3), result.output
    assert "KeyError" in result.stdout
    assert "<!doctype html>" in (tmp_path / "page.html").read_text()
    assert (tmp_path / "summary").read_text().startswith("# KeyError")
    assert json.loads((tmp_path / "r.json").read_text())["schema"] == "deploywatch.report/1"


@pytest.mark.parametrize(
    ("value", "said"),
    [("report.pdf", "ends in .txt, .json"), ("nowhere/report.html", "there is no folder nowhere"), ("pdf=x", "FORMAT=FILE")],
)
def test_what_cannot_be_written_is_known_before_the_work(run: Run, use_cases: SimpleNamespace, value: str, said: str) -> None:
    use_cases.run = Spy(AssertionError("the work began"))
    result = run("run", "--report", value)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())


def test_a_pipe_is_written_into(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    write_to(pipe, "told")
    reader.join()
    assert read == ["told"]
    assert pipe.is_fifo()
    with pytest.raises(UsageError, match="cannot be written: Is a directory"):
        write_to(tmp_path, "told")
