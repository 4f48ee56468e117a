"""Everything that is shown is rendered here: ``render(report, "html")``. One function and one line in a registry per format.

jinja2 and rich are imported by the formats that need them, so that a command that prints JSON starts at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from deploywatch.errors import UsageError
from deploywatch.model import FixOutcome, Ranking, ReleaseOutcome, Report, WatchResult
from deploywatch.report import as_json, words
from deploywatch.report.build import Setting, build_report
from deploywatch.report.escaping import clip
from deploywatch.report.excerpt import named_suspect
from deploywatch.report.outline import LEVELS, Detail, leads_of, outline, shares_of

MARKDOWN_LIMIT: Final = 65_536
"""Characters that GitHub takes in a comment or an issue; its API answers 422 beyond."""

STEP_SUMMARY_LIMIT: Final = 1024 * 1024
"""Bytes that GitHub takes as the summary of one step; beyond, the upload fails and nothing is shown."""
EMAIL_LIMIT: Final = 100_000
"""Bytes of HTML; Gmail shows 102 KB of a mail and hides the rest behind a link."""

_BLANK_LINES: Final = re.compile(r"\n(?:[ \t]*\n){2,}")


@dataclass(frozen=True, slots=True)
class Look:
    """How to draw: a folder of the user's own templates, and for ``text`` the columns and whether styles may be used."""

    templates: Path | None = None
    width: int = 100
    color: bool = False


def render(report: Report, fmt: str, look: Look | None = None) -> str:
    """The report in a format of ``FORMATS``. A broken template of the user's is replaced by ours, and the report says so.

    Raises UsageError for an unknown format.
    """
    return _pick(FORMATS, fmt)(report, look or Look())


def render_ranking(ranking: Ranking, fmt: str, look: Look | None = None) -> str:
    """A ranking that belongs to no watch, as ``text``, ``markdown`` or ``json``."""
    return _pick(RANKING_FORMATS, fmt)(ranking, look or Look())


def render_release(outcome: ReleaseOutcome, fmt: str, look: Look | None = None) -> str:
    """What the release step did, as ``text``, ``markdown`` or ``json``."""
    return _pick(RELEASE_FORMATS, fmt)(outcome, look or Look())


def render_watch(result: WatchResult, fmt: str, look: Look | None = None) -> str:
    """A watch by itself: ``json`` is its own contract, every other format shows it as a report."""
    if fmt == "json":
        return as_json.dumps(as_json.watch_json(result)) + "\n"
    return render(build_report(result, Setting(made_at=result.ended_at)), fmt, look)


def render_fix(outcome: FixOutcome, fmt: str, look: Look | None = None) -> str:
    """Whether a fix works, as ``text``, ``markdown`` or ``json``."""
    return _pick(FIX_FORMATS, fmt)(outcome, look or Look())


_Subject = TypeVar("_Subject", Report, Ranking, ReleaseOutcome, FixOutcome)
_Value = TypeVar("_Value")


def _pick(formats: Mapping[str, _Value], fmt: str) -> _Value:
    if fmt not in formats:
        raise UsageError(f"there is no format {fmt!r} for this", hint=f"use one of: {', '.join(formats)}")
    return formats[fmt]


def _drawn(subject: _Subject, name: str, values: Callable[[_Subject], Mapping[str, Any]], look: Look) -> str:
    from deploywatch.report.templating import draw, explain

    if look.templates is None:
        return draw(name, values(subject))
    try:
        return draw(name, values(subject), look.templates)
    except Exception as error:  # noqa: BLE001 - whatever a template of the user's does, the report must get out; it is said in it
        note = f"Your templates could not be used for {name}, the shipped ones were: {explain(error)}"
        told = replace(subject, warnings=(*subject.warnings, note))
        return draw(name, values(told))


def _text(report: Report, look: Look) -> str:
    from deploywatch.report.text import to_terminal

    return to_terminal(_drawn(report, "report.txt.j2", _page, look), width=look.width, color=look.color)


def _html(report: Report, look: Look) -> str:
    return _drawn(report, "report.html.j2", _page, look)


def _markdown(report: Report, look: Look) -> str:
    return _tidy(_fitted(report, look, lambda text: len(text) <= MARKDOWN_LIMIT))


def _step_summary(report: Report, look: Look) -> str:
    text = _fitted(report, look, lambda text: len(text.encode()) <= STEP_SUMMARY_LIMIT)
    # No character takes more than four bytes.
    return _tidy(text, len(text) if len(text.encode()) <= STEP_SUMMARY_LIMIT else STEP_SUMMARY_LIMIT // 4)


def _fitted(report: Report, look: Look, fits: Callable[[str], bool], *, name: str = "report.md.j2") -> str:
    text = ""
    for level in LEVELS:
        text = _drawn(report, name, lambda told, level=level: _page(told, level), look)  # type: ignore[misc]
        if fits(text):
            break
    return text


def _annotations(report: Report, _: Look) -> str:
    from deploywatch.report.annotations import workflow_commands

    return workflow_commands(report)


def _variables(report: Report, _: Look) -> str:
    from deploywatch.report.variables import dotenv

    return dotenv(report)


def _tidy(markdown: str, limit: int = MARKDOWN_LIMIT) -> str:
    # Every line of a code block begins with a sign or a number, so that blank lines are always the template's.
    return clip(_BLANK_LINES.sub("\n\n", markdown).strip("\n"), limit - 1) + "\n"


def _slack(report: Report, _: Look) -> str:
    from deploywatch.report.slack import slack_message

    return as_json.dumps(slack_message(report)) + "\n"


def _teams(report: Report, _: Look) -> str:
    from deploywatch.report.teams import teams_message

    return as_json.dumps(teams_message(report), indent=None) + "\n"


def _sarif(report: Report, _: Look) -> str:
    from deploywatch.report.sarif import sarif_log

    return as_json.dumps(sarif_log(report)) + "\n"


def _junit(report: Report, _: Look) -> str:
    from deploywatch.report.junit import junit

    return junit(report)


def _email_html(report: Report, look: Look) -> str:
    return _fitted(report, look, lambda text: len(text.encode()) <= EMAIL_LIMIT, name="email.html.j2")


def _email(report: Report, look: Look) -> str:
    from deploywatch.report.mail import multipart

    return multipart(report, text=_text(report, replace(look, width=78, color=False)), html=_email_html(report, look))


def _json(report: Report, _: Look) -> str:
    return as_json.dumps(as_json.report_json(report)) + "\n"


def _page(report: Report, detail: Detail = LEVELS[0]) -> Mapping[str, Any]:
    return {"report": report, "page": outline(report, detail)}


def _ranking_text(ranking: Ranking, look: Look) -> str:
    from deploywatch.report.text import to_terminal

    return to_terminal(_drawn(ranking, "ranking.txt.j2", _ranked, look), width=look.width, color=look.color)


def _ranking_markdown(ranking: Ranking, look: Look) -> str:
    return _tidy(_drawn(ranking, "ranking.md.j2", _ranked, look))


def _ranking_json(ranking: Ranking, _: Look) -> str:
    return as_json.dumps(as_json.ranking_json(ranking)) + "\n"


def _ranked(ranking: Ranking) -> Mapping[str, Any]:
    return {
        "ranking": ranking,
        "named": named_suspect(ranking),
        "sure": words.verdict_sentence(ranking),
        "leads": leads_of(ranking),
        "shares": shares_of(ranking),
    }


def _release_text(outcome: ReleaseOutcome, look: Look) -> str:
    from deploywatch.report.text import to_terminal

    return to_terminal(_drawn(outcome, "release.txt.j2", _released, look), width=look.width, color=look.color)


def _release_markdown(outcome: ReleaseOutcome, look: Look) -> str:
    return _tidy(_drawn(outcome, "release.md.j2", _released, look))


def _release_json(outcome: ReleaseOutcome, _: Look) -> str:
    return as_json.dumps(as_json.release_json(outcome)) + "\n"


def _released(outcome: ReleaseOutcome) -> Mapping[str, Any]:
    return {"outcome": outcome}


def _fix_text(outcome: FixOutcome, look: Look) -> str:
    from deploywatch.report.text import to_terminal

    return to_terminal(_drawn(outcome, "verify.txt.j2", _fixed, look), width=look.width, color=look.color)


def _fix_markdown(outcome: FixOutcome, look: Look) -> str:
    return _tidy(_drawn(outcome, "verify.md.j2", _fixed, look))


def _fix_json(outcome: FixOutcome, _: Look) -> str:
    return as_json.dumps(as_json.fix_json(outcome)) + "\n"


def _fixed(outcome: FixOutcome) -> Mapping[str, Any]:
    return {"outcome": outcome, "headline": words.fix_headline(outcome), "found": words.FIX_RULES[outcome.found_by]}


FORMATS: Final[Mapping[str, Callable[[Report, Look], str]]] = {
    "text": _text,
    "markdown": _markdown,
    "html": _html,
    "json": _json,
    "slack": _slack,
    "teams": _teams,
    "email": _email,
    "email-html": _email_html,
    "sarif": _sarif,
    "junit": _junit,
    "step-summary": _step_summary,
    "annotations": _annotations,
    "variables": _variables,
}
"""What a report can be rendered to."""

RANKING_FORMATS: Final[Mapping[str, Callable[[Ranking, Look], str]]] = {
    "text": _ranking_text,
    "markdown": _ranking_markdown,
    "json": _ranking_json,
}

RELEASE_FORMATS: Final[Mapping[str, Callable[[ReleaseOutcome, Look], str]]] = {
    "text": _release_text,
    "markdown": _release_markdown,
    "json": _release_json,
}

FIX_FORMATS: Final[Mapping[str, Callable[[FixOutcome, Look], str]]] = {
    "text": _fix_text,
    "markdown": _fix_markdown,
    "json": _fix_json,
}
