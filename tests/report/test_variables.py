"""What later steps of a pipeline read: one line a name, whatever strangers wrote."""

from __future__ import annotations

import re
from dataclasses import replace

from hypothesis import given, settings

from deploywatch.model import Report, Verdict
from deploywatch.report.render import render
from tests.report import samples
from tests.report.hostile import ANY_TEXT, poisoned

NAMES = ("verdict release environment regressions suspect probability author pull_request owner issue").split()


def read(text: str) -> dict[str, str]:
    lines = text.split("\n")
    assert lines.pop() == ""
    return {name.removeprefix("deploywatch_"): value for name, _, value in (line.partition("=") for line in lines)}


def test_a_regression_names_its_cause(report: Report) -> None:
    found = read(render(report, "variables"))
    assert list(found) == NAMES
    assert (found["verdict"], found["release"]) == ("regression", report.release)
    assert re.fullmatch(r"4be1a90c4b[0-9a-f]{30}", found["suspect"])
    assert (found["probability"], found["author"]) == ("0.93", "Ana Bell")
    assert found["owner"]
    assert found["regressions"] == str(len(report.findings))


def test_a_healthy_release_names_nobody(report: Report) -> None:
    found = read(render(replace(report, verdict=Verdict.HEALTHY, findings=(), environment=None), "variables"))
    assert (found.pop("verdict"), found.pop("release"), found.pop("regressions")) == ("healthy", report.release, "0")
    assert set(found.values()) == {""}


@settings(max_examples=50)
@given(ANY_TEXT)
def test_no_text_makes_a_line_of_its_own(text: str) -> None:
    found = render(poisoned(samples.report(), text), "variables")
    assert list(read(found)) == NAMES
    assert all(line.startswith("deploywatch_") for line in found.splitlines())
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", found)
