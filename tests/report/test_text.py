"""What a terminal shows."""

from __future__ import annotations

import re

import pytest
from rich.cells import cell_len

from deploywatch.model import Report
from deploywatch.report.render import Look, render
from deploywatch.report.text import to_terminal
from tests.report.hostile import poisoned


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
def test_lines_fit_but_for_what_must_be_copied_whole(report: Report, width: int) -> None:
    for line in render(report, "text", Look(width=width)).splitlines():
        assert cell_len(line) <= width or re.search(r"^\s*\$ git revert|: https://\S+$", line), line


def test_the_command_and_the_addresses_are_never_broken(report: Report) -> None:
    told = render(report, "text", Look(width=40))
    assert (
        report.findings[0].revert_command
        in told.splitlines()[next(i for i, line in enumerate(told.splitlines()) if "$ git" in line)]
    )
    assert all(link.url in told for link in report.findings[0].links)


def test_styles_only_where_asked(report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" not in render(report, "text", Look(color=False))
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[1;31m" in render(report, "text", Look(color=True))


def test_styles_change_nothing_but_the_style(report: Report) -> None:
    styled = render(report, "text", Look(color=True))
    assert re.sub(r"\x1b\[[0-9;]*m", "", styled) == render(report, "text", Look(color=False))


def test_text_goes_on_under_itself() -> None:
    shown = to_terminal("  Owner  \tone two three four five six seven\n", width=29, color=False)
    assert shown == "  Owner  one two three four\n         five six seven\n"


def test_code_is_cut_at_the_edge_and_prose_is_not() -> None:
    assert to_terminal("  │ " + "x" * 50, width=20, color=False) == "  │ " + "x" * 15 + "…\n"
    assert to_terminal("    " + "word " * 8, width=24, color=False).count("\n") == 2


def test_markup_of_strangers_is_shown_as_it_is(report: Report) -> None:
    told = render(poisoned(report, "[red]x[/red] [/] [link=http://e]y[/] \\[b]"), "text", Look(width=200, color=True))
    assert "[red]x[/red] [/] [link=http://e]y[/] \\[b]" in told
    assert "\x1b]8" not in told
