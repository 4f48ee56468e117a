"""GitHub's annotations: the surest first, never more than GitHub shows, and nothing but text in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given, settings

from deploywatch.model import Finding, Report
from deploywatch.report.annotations import MOST, Level, annotations_of, workflow_commands
from deploywatch.report.render import render
from tests.report import samples
from tests.report.hostile import ANY_TEXT, MIXES, poisoned, prefixed

COMMAND = re.compile(r"::(?P<level>error|warning|notice) (?P<properties>[^:\r\n]*)::(?P<data>[^\r\n]*)")


def read(text: str) -> list[tuple[str, dict[str, str], str]]:
    """What GitHub's runner makes of a step's output, after its ``ActionCommand.TryParseV2``."""
    found = []
    for line in text.splitlines():
        match = COMMAND.fullmatch(line)
        assert match, line
        pairs = (pair.partition("=") for pair in match["properties"].split(","))
        found.append((match["level"], {key: unescaped(value) for key, _, value in pairs}, unescaped(match["data"])))
    return found


def unescaped(text: str) -> str:
    for character, code in ((",", "%2C"), (":", "%3A"), ("\n", "%0A"), ("\r", "%0D"), ("%", "%25")):
        text = text.replace(code, character)
    return text


def test_the_named_change_is_an_error_at_its_line(report: Report) -> None:
    first = annotations_of(report)[0]
    assert (first.level, first.file, first.line) == (Level.ERROR, "shop/checkout.py", 42)
    assert first.confidence == 0.93
    level, properties, data = read(workflow_commands(report))[0]
    assert level == "error"
    assert properties == {
        "file": "shop/checkout.py",
        "line": "42",
        "title": "KeyError in POST /checkout: 41 events/min since the deploy",
    }
    assert "4be1a90c4b Read the currency from the cart" in data
    assert "Author of the change: Ana Bell. 93%, very likely" in data
    assert "Owner: @acme/payments @ana-bell" in data


def test_leads_are_warnings_and_the_surest_come_first(report: Report) -> None:
    found = annotations_of(report)
    assert [note.confidence for note in found] == sorted((note.confidence for note in found), reverse=True)
    leads = [note for note in found if 0 < note.confidence < 0.5]
    assert leads
    assert {note.level for note in leads} == {Level.WARNING}
    unexplained = found[-1]
    assert unexplained.confidence == 0
    assert "No change of this deploy explains it" in " ".join(unexplained.lines)


def test_never_more_than_github_keeps(report: Report) -> None:
    many = tuple(Finding(samples.regression(issue=samples.issue(number))) for number in range(10, 60))
    assert len(annotations_of(replace(report, findings=(*many, *report.findings)))) == MOST


def test_what_is_not_usual_is_one_note(degenerate: Mapping[str, Report]) -> None:
    (healthy,) = annotations_of(degenerate["healthy"])
    assert (healthy.level, healthy.file) == (Level.NOTICE, None)
    (blind,) = annotations_of(degenerate["inconclusive"])
    assert blind.level is Level.WARNING
    assert "Sentry stopped answering" in blind.lines[1]


@pytest.mark.parametrize("mix", MIXES)
def test_strangers_cannot_write_commands(report: Report, mix: tuple[str, ...]) -> None:
    evil = ("::set-env name=X::1", "\n::error::x", "a,line=1::b", "%0A::stop-commands::x", *mix)
    calm = read(workflow_commands(poisoned(report, prefixed("x"))))
    loud = read(workflow_commands(poisoned(report, prefixed(*evil))))
    assert [(level, sorted(properties)) for level, properties, _ in loud] == [
        (level, sorted(properties)) for level, properties, _ in calm
    ]


@settings(max_examples=25, deadline=None)
@given(text=ANY_TEXT)
def test_every_line_is_one_command_whatever_comes(report: Report, text: str) -> None:
    assert len(read(render(poisoned(report, prefixed(text)), "annotations"))) == len(annotations_of(report))
