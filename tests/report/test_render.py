"""The registry of formats, and hostile text in every field of every medium."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from itertools import cycle

import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt

from deploywatch.errors import UsageError
from deploywatch.model import Finding, Gate, Report
from deploywatch.report import as_json
from deploywatch.report.formats import ENDINGS
from deploywatch.report.render import (
    FIX_FORMATS,
    FORMATS,
    MARKDOWN_LIMIT,
    RANKING_FORMATS,
    RELEASE_FORMATS,
    STEP_SUMMARY_LIMIT,
    Look,
    render,
    render_ranking,
    render_release,
    render_watch,
)
from tests.report import samples
from tests.report.hostile import ANY_TEXT, MIXES, poisoned, prefixed
from tests.report.test_as_json import OUTCOME

# What a stranger cannot write: our own object names, Sentry's address, the words that we made.
OURS = frozenset({"sha", "base", "head", "permalink", "url", "parents", "revert_command", "command"})
STYLES = re.compile(r"\x1b\[[0-9;]*m")


def markdown_shape(text: str) -> list[str]:
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    inner = [
        child.type
        for token in tokens
        for child in token.children or []
        if child.type not in ("text", "text_special", "code_inline")
    ]
    return [token.type for token in tokens] + inner


@pytest.mark.parametrize("fmt", [fmt for fmt in FORMATS if fmt != "variables"])
def test_every_format_tells_the_story(report: Report, fmt: str) -> None:
    told = render(report, fmt)
    for part in ("KeyError", "POST /checkout", "4be1a90c4b", "Ana Bell", "@acme/payments", "git revert --no-edit", "318"):
        assert part in told, part
    assert told.endswith("\n")


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_format_can_tell_what_is_not_usual(degenerate: Mapping[str, Report], fmt: str) -> None:
    for report in degenerate.values():
        told = render(report, fmt)
        assert report.release in told.replace("\u200b", "")
        assert "None" not in told


@pytest.mark.parametrize("fmt", ["text", "markdown", "html"])
def test_no_person_is_called_a_culprit(report: Report, fmt: str) -> None:
    told = render(report, fmt)
    assert "author of the change" in told.lower()
    assert "culprit" not in told.lower()


@pytest.mark.parametrize("fmt", ["text", "markdown", "html"])
def test_the_page_answers_in_the_order_of_the_questions(report: Report, fmt: str) -> None:
    told = render(report, fmt)
    body = told[told.index("</style>") :] if fmt == "html" else told
    places = [
        body.index(part)
        for part in (
            "What broke",
            "The change",
            "Who owns it",
            "How to undo it",
            "The other suspects",
            "The other issues",
            "What was not visible",
        )
    ]
    assert places == sorted(places)


@pytest.mark.parametrize("fmt", ["text", "markdown", "html", "json"])
def test_the_gate_is_told_of_where_it_was_lifted(report: Report, fmt: str) -> None:
    def told(gate: Gate | None) -> str:
        return " ".join(STYLES.sub("", render(replace(report, gate=gate), fmt)).lower().split())

    assert "on trial, so the pipeline goes on" in told(Gate(0, 3, "on trial, so the pipeline goes on"))
    assert ("a regression was found" in told(Gate(3, 3, "a regression was found"))) is (fmt == "json")


@pytest.mark.parametrize("fmt", ["text", "markdown", "html"])
def test_what_did_not_count_is_told_of(report: Report, fmt: str) -> None:
    notes = tuple(f"note {number} of many" for number in range(14))
    said = " ".join(STYLES.sub("", render(replace(report, notes=notes), fmt)).split())
    assert "Note 11 of many." in said
    assert "note 12" not in said.lower()
    assert "And 2 more." in said


def test_formats_that_are_not_there() -> None:
    with pytest.raises(UsageError, match="no format 'pdf'") as caught:
        render(samples.bare_report(), "pdf")
    assert "text, markdown, html, json, slack" in caught.value.hint
    with pytest.raises(UsageError):
        render_ranking(samples.ranking(), "html")


def test_json_is_the_contract(report: Report) -> None:
    assert json.loads(render(report, "json")) == as_json.report_json(report)
    assert json.loads(render_ranking(samples.ranking(), "json")) == as_json.ranking_json(samples.ranking())
    assert json.loads(render_release(OUTCOME, "json")) == as_json.release_json(OUTCOME)
    assert json.loads(render_watch(samples.watch_result(), "json")) == as_json.watch_json(samples.watch_result())


def test_a_watch_by_itself_reads_as_a_report() -> None:
    assert "git revert --no-edit" in render_watch(samples.watch_result(), "text")


@pytest.mark.parametrize("fmt", ["text", "markdown"])
def test_a_ranking_tells_who_and_why(fmt: str) -> None:
    told = render_ranking(samples.ranking(), fmt)
    assert "Commit 4be1a90c4b by Ana Bell explains it, 93% sure" in told
    assert "The line that raised, shop/checkout.py:42, was last changed by this commit." in told
    assert '+    currency = cart["currency"]' in told
    unsure, none = (render_ranking(samples.ranking(verdict), fmt) for verdict in list(samples.RankingVerdict)[1:])
    assert "Not sure which change explains it" in unsure
    assert "No change of this window explains it" in none


@pytest.mark.parametrize("fmt", ["text", "markdown"])
def test_a_release_tells_what_was_done(fmt: str) -> None:
    told = render_release(OUTCOME, fmt)
    assert "created" in told
    assert "17 commits" in told
    assert "what was deployed to the environment before, as Sentry knows it (last-deploy)" in " ".join(told.split())
    assert "a rollback" in render_release(replace(OUTCOME, rollback=True), fmt)


# --- hostile text in every field ---------------------------------------------------------------------------


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("mix", MIXES)
def test_whatever_strangers_write_is_rendered(report: Report, fmt: str, mix: tuple[str, ...]) -> None:
    told = render(poisoned(report, cycle(mix)), fmt, Look(color=True))
    told.encode("utf-8")
    seen = STYLES.sub("", told) if fmt == "text" else told
    assert not [char for char in seen if unicodedata.category(char) in ("Cc", "Cs") and char != "\n"]
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", seen)


@pytest.mark.parametrize("fmt", FORMATS)
@settings(max_examples=6, deadline=None)
@given(text=ANY_TEXT)
def test_whatever_comes_is_rendered_in_every_format(report: Report, fmt: str, text: str) -> None:
    told = render(poisoned(report, prefixed(text), keep=OURS), fmt)
    told.encode("utf-8")
    assert not [char for char in told if unicodedata.category(char) in ("Cc", "Cs") and char != "\n"]
    if ENDINGS[fmt].endswith("json") or fmt == "sarif":
        json.loads(told)


@pytest.fixture(scope="module")
def mild_shape(report: Report) -> list[str]:
    return markdown_shape(render(poisoned(report, prefixed(""), keep=OURS), "markdown"))


@pytest.mark.parametrize("mix", MIXES)
def test_markdown_keeps_its_shape(report: Report, mild_shape: list[str], mix: tuple[str, ...]) -> None:
    assert markdown_shape(render(poisoned(report, prefixed(*mix), keep=OURS), "markdown")) == mild_shape


@pytest.mark.parametrize("fmt", ["text", "markdown"])
@pytest.mark.parametrize("mix", MIXES)
def test_rankings_and_releases_stay_text(fmt: str, mix: tuple[str, ...]) -> None:
    for told in (
        render_ranking(poisoned(samples.ranking(), cycle(mix)), fmt, Look(color=True)),
        render_release(poisoned(OUTCOME, cycle(mix)), fmt, Look(color=True)),
    ):
        seen = STYLES.sub("", told)
        assert not [char for char in seen if unicodedata.category(char) in ("Cc", "Cs") and char != "\n"]


@settings(max_examples=15, deadline=None)
@given(text=ANY_TEXT)
def test_markdown_keeps_its_shape_whatever_comes(report: Report, mild_shape: list[str], text: str) -> None:
    assert markdown_shape(render(poisoned(report, prefixed(text), keep=OURS), "markdown")) == mild_shape


# --- what CI systems read from a log -------------------------------------------------------------------------

CI_COMMANDS = (
    "::set-output name=x::y",
    "::add-mask::a",
    "##[add-path]/evil",
    "##vso[task.setvariable variable=x]y",
    "##teamcity[setParameter name='x']",
    "a ##vso[task.complete result=Succeeded;]",
    "  ::stop-commands::x",
    "%0A::error::x",
    "words that are wrapped " * 4 + "::warning::x",
)


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("at", range(0, len(CI_COMMANDS), 3))
def test_strangers_give_no_commands_to_the_pipeline(report: Report, fmt: str, at: int) -> None:
    evil = cycle(CI_COMMANDS[at:] + CI_COMMANDS[:at])
    for width in (40, 100) if fmt == "text" else (100,):
        told = render(poisoned(report, evil, keep=OURS), fmt, Look(width=width, color=True))
        assert not re.search(r"##(\[|vso\[|teamcity\[)", told)
        if fmt not in ("annotations", "email"):  # the one is such commands, the other is no log: its lines are cut anywhere
            assert not [line for line in STYLES.sub("", told).splitlines() if line.lstrip().startswith("::")]


# --- limits ------------------------------------------------------------------------------------------------


def test_markdown_fits_a_comment_and_drops_the_least_important_first(report: Report) -> None:
    many = tuple(Finding(samples.regression(issue=samples.issue(number), why="because " * 60)) for number in range(10, 400))
    told = render(replace(report, findings=(*report.findings, *many)), "markdown")
    assert len(told) <= MARKDOWN_LIMIT
    assert "git revert --no-edit" in told
    assert "more issues, less severe than these" in told


def test_a_step_summary_has_room_for_more_and_a_limit_in_bytes(report: Report) -> None:
    seen = replace(report, not_visible=tuple(f"{number} was not seen, " * 20 for number in range(400)))
    told = render(seen, "step-summary")
    assert MARKDOWN_LIMIT < len(told.encode()) <= STEP_SUMMARY_LIMIT
    assert "399 was not seen" in told
    loud = poisoned(report, "\u6f22&<*_`[]" * 1000, keep=OURS)
    full = render(replace(loud, not_visible=tuple(f"{number}\u6f22" * 200 for number in range(5000))), "step-summary")
    assert len(full.encode()) <= STEP_SUMMARY_LIMIT


def test_markdown_fits_even_where_every_field_is_full_of_what_must_be_escaped(report: Report) -> None:
    loud = poisoned(report, "&<*_`[]" * 1000, keep=OURS)
    told = render(replace(loud, not_visible=("&" * 500,) * 500), "markdown")
    assert len(told) <= MARKDOWN_LIMIT


# --- cost --------------------------------------------------------------------------------------------------


def test_what_prints_json_imports_neither_templates_nor_terminal() -> None:
    script = "import sys, deploywatch.report.render; sys.exit(any(m in sys.modules for m in ('jinja2', 'rich', 'httpx', 'git')))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
    assert set(RANKING_FORMATS) == set(RELEASE_FORMATS) == set(FIX_FORMATS) == {"text", "markdown", "json"}


STEPS = "The failure belongs to none of the services."


@pytest.mark.parametrize("fmt", ["text", "markdown", "html"])
def test_the_search_for_the_owner_is_told_in_its_order(report: Report, fmt: str) -> None:
    told = " ".join(render(report, fmt).split())
    assert STEPS in told
    assert told.index("the last match wins") < told.index("What was asked before") < told.index(STEPS)


@pytest.mark.parametrize("fmt", ["text", "markdown", "html"])
def test_the_failing_service_is_told(report: Report, fmt: str) -> None:
    finding = report.findings[0]
    owned = replace(finding.regression, owner=samples.fallback_owner())
    told = render(replace(report, findings=(replace(finding, regression=owned),)), fmt)
    assert "basket" in told
    assert "of Shop" in (re.sub(r"<[^>]+>", "", told) if fmt == "html" else told)
    assert "Holds what people want to buy." in told
    assert "What was asked before" not in told
