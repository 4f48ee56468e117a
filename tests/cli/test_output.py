from __future__ import annotations

from pathlib import Path

import pytest

from deploywatch.cli.output import answer_to, say
from deploywatch.errors import UsageError


def test_stdout_and_one_newline(capsys: pytest.CaptureFixture[str]) -> None:
    with answer_to(None) as write:
        write("one")
        write("two\n")
    assert capsys.readouterr().out == "one\ntwo\n"


def test_a_file_appears_whole(tmp_path: Path) -> None:
    file = tmp_path / "answer.txt"
    with answer_to(file) as write:
        write("one")
        assert not file.exists()
        write("café \udcff")
    assert file.read_text(encoding="utf-8") == "one\ncafé \\udcff\n"
    assert [path.name for path in tmp_path.iterdir()] == ["answer.txt"]


def test_it_may_be_read_by_whom_the_umask_lets(tmp_path: Path) -> None:
    plain, ours = tmp_path / "plain", tmp_path / "ours"
    plain.touch()
    with answer_to(ours) as write:
        write("x")
    assert ours.stat().st_mode == plain.stat().st_mode


def test_after_a_failure_the_old_answer_is_still_there(tmp_path: Path) -> None:
    file = tmp_path / "answer.txt"
    file.write_text("old")
    with pytest.raises(ZeroDivisionError), answer_to(file) as write:
        write("new")
        raise ZeroDivisionError
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["answer.txt"]


def test_an_unwritable_place_is_known_before_the_work(tmp_path: Path) -> None:
    with (
        pytest.raises(UsageError, match=r"answer\.txt cannot be written: No such file"),
        answer_to(tmp_path / "absent" / "answer.txt"),
    ):
        pytest.fail("the work began")


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "answer").mkdir()
    with pytest.raises(UsageError, match="answer cannot be written"), answer_to(tmp_path / "answer") as write:
        write("x")
    assert [path.name for path in tmp_path.iterdir()] == ["answer"]


def test_what_is_said_goes_to_stderr_and_steers_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    say("two\nlines \x1b[31m")
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 2
    assert "\x1b" not in told.err


def test_the_help_names_every_format_of_a_report() -> None:
    from deploywatch.report.formats import ENDINGS
    from deploywatch.report.render import FORMATS

    assert set(ENDINGS) == set(FORMATS)
