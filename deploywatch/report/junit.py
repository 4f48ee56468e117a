"""Report -> JUnit XML, for the test pages of CI systems: the release is the suite, each issue a case that failed.

There is no standard; this is what Jenkins, GitLab, Azure Pipelines and CircleCI have in common (suites, cases, failures, errors).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final
from xml.etree import ElementTree as ET

from deploywatch.model import Report, Verdict
from deploywatch.report import words
from deploywatch.report.annotations import Annotation, notes_of
from deploywatch.report.escaping import no_commands, plain
from deploywatch.report.outline import Story

MAX_CASES: Final = 500
"""GitLab shows test reports of up to 500,000 cases, but a page of them helps nobody."""


def junit(report: Report) -> str:
    """The XML. A healthy release is a case that passed, one that could not be seen enough is an error."""
    place = plain(f"{report.release} in {report.environment}" if report.environment else report.release)
    told = notes_of(report)
    found = [(story, [note for _, note in notes]) for story, notes in groupby(told, key=itemgetter(0)) if story][:MAX_CASES]
    blind = report.verdict is Verdict.INCONCLUSIVE
    counts = {"tests": len(found) + 1, "failures": len(found), "errors": int(blind)}
    watched = f"{report.watched.total_seconds():.3f}" if report.watched else "0"
    numbers = {name: str(value) for name, value in counts.items()} | {"time": watched}
    root = ET.Element("testsuites", {"name": "deploywatch", **numbers})
    made = report.made_at.replace(tzinfo=None).isoformat(timespec="seconds")
    suite = ET.SubElement(root, "testsuite", {"name": place, "timestamp": made, "skipped": "0", **numbers})
    whole = ET.SubElement(suite, "testcase", {"classname": place, "name": "could be watched", "time": watched})
    if blind:
        ET.SubElement(whole, "error", {"message": plain(words.sentence(report.why))}).text = _unseen(report)
    for story, notes in found:
        _case(suite, place, story, notes)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ET.Element, place: str, story: Story, notes: Sequence[Annotation]) -> None:
    note = notes[0]
    issue = story.finding.regression.issue
    known = {"classname": place, "name": plain(f"{issue.short_id}: {issue.title}"), "time": "0"}
    if note.file:
        known["file"] = plain(note.file)
    if note.file and note.line:
        known["line"] = str(note.line)
    case = ET.SubElement(suite, "testcase", known)
    failure = ET.SubElement(case, "failure", {"message": note.title, "type": plain(words.error_name(issue))})
    failure.text = no_commands("\n".join(line for each in notes for line in ("", *each.lines, "")))


def _unseen(report: Report) -> str:
    return no_commands("\n".join(("", *(plain(sentence) for sentence in (*report.not_visible, *report.warnings)), "")))
