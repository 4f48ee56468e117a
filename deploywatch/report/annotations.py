"""Report -> annotations on the lines of a commit, and GitHub's workflow commands that make them from a step's output.

GitHub keeps ten annotations of a level for each step and drops later ones without a word, so that the surest come first and there
are never more than ten. Sources: "Workflow commands for GitHub Actions" and the runner's own ``ActionCommand`` for the escaping,
"Check runs" of GitHub's REST API for the levels and the length of a title and a message.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from deploywatch.model import Evidence, Report, Suspect, Verdict
from deploywatch.report import words
from deploywatch.report.escaping import plain
from deploywatch.report.outline import Detail, Lead, Story, outline

MOST: Final = 10
TITLE_LIMIT: Final = 255
_REASONS: Final = 3
_POSSIBLE: Final = 0.1

# The percent sign first, or it would escape the others' escapes.
_DATA: Final = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_PROPERTY: Final = (*_DATA, (":", "%3A"), (",", "%2C"))


class Level(StrEnum):
    """GitHub's three kinds of annotation, in the words of workflow commands."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Annotation:
    """One note, on a line (1-based, at head) of a file where one is known. ``lines`` and ``title`` are plain text.

    ``confidence`` (0..1) is how sure it is that this is the change that broke it.
    """

    level: Level
    title: str
    lines: tuple[str, ...]
    confidence: float = 0.0
    file: str | None = None
    line: int | None = None


def annotations_of(report: Report) -> tuple[Annotation, ...]:
    """At most ten, the surest first. A report without findings has one, which says so."""
    found = (note for _, note in notes_of(report))
    return tuple(sorted(found, key=lambda note: note.confidence, reverse=True)[:MOST])


def notes_of(report: Report) -> tuple[tuple[Story | None, Annotation], ...]:
    """Every note with the story that it is of, worst issue first; the one of a report without findings is of none."""
    page = outline(report, Detail(others=len(report.findings)))
    stories = (page.lead, *page.others) if page.lead else ()
    found = [(story, note) for story in stories for note in _of_story(story, _facts(report, story))]
    return tuple(found) or ((None, _of_calm(report, page.headline)),)


def workflow_commands(report: Report) -> str:
    """The annotations as lines that GitHub's runner reads from a step's output."""
    return "".join(f"{_command(note)}\n" for note in annotations_of(report))


def _of_story(story: Story, facts: str) -> Iterator[Annotation]:
    if story.named:
        yield _on_change(story, story.named, facts)
        return
    leads = [lead for lead in story.leads if lead.suspect.probability >= _POSSIBLE]
    for lead in leads:
        yield _on_change(story, lead, facts)
    if not leads:
        excerpt = story.finding.excerpt
        failing = next((line.number for line in excerpt.lines if line.is_failing), None) if excerpt else None
        place = (excerpt.file, failing) if excerpt and failing else (None, None)
        yield Annotation(Level.WARNING, plain(story.what, TITLE_LIMIT), (facts, plain(story.sure), *_ends(story)), 0.0, *place)


def _facts(report: Report, story: Story) -> str:
    issue = story.finding.regression.issue
    place = f"{report.release} in {report.environment}" if report.environment else report.release
    users = f" from {words.counted(issue.user_count, 'user')}" if issue.user_count else ""
    return plain(f"In {place}: {words.counted(issue.count, 'event')}{users}, {story.kind}.")


def _on_change(story: Story, lead: Lead, facts: str) -> Annotation:
    commit = lead.suspect.commit
    level = Level.ERROR if lead == story.named else Level.WARNING
    said = (
        f"{commit.short_sha} {commit.subject}",
        f"Author of the change: {lead.author}. {lead.percent}, {lead.sureness}, that it caused this.",
        *(words.sentence(each.text) for each in lead.reasons[:_REASONS]),
    )
    shown = _placed(lead.suspect)
    place = (shown.file, shown.line) if shown else (None, None)
    return Annotation(
        level, plain(story.what, TITLE_LIMIT), (facts, *map(plain, said), *_ends(story)), lead.suspect.probability, *place
    )


def _placed(suspect: Suspect) -> Evidence | None:
    return next((each for each in suspect.evidence if each.file and each.line and each.contribution > 0), None)


def _ends(story: Story) -> Iterator[str]:
    owner = story.finding.regression.owner
    if owner:
        yield plain(f"Owner: {' '.join(owner.names)}")
    if story.finding.revert_command:
        yield plain(f"Undo it: {story.finding.revert_command}")
    for link in story.finding.links[:1]:
        yield plain(f"{link.label}: {link.url}")


def _of_calm(report: Report, headline: str) -> Annotation:
    level = Level.NOTICE if report.verdict is Verdict.HEALTHY else Level.WARNING
    return Annotation(
        level, plain(headline, TITLE_LIMIT), (plain(f"Release {report.release}."), plain(words.sentence(report.why)))
    )


def _command(note: Annotation) -> str:
    known = {"file": note.file, "line": note.line, "title": note.title}
    named = ",".join(f"{key}={_escaped(plain(str(value)), _PROPERTY)}" for key, value in known.items() if value)
    return f"::{note.level} {named}::{_escaped(chr(10).join(note.lines), _DATA)}"


def _escaped(text: str, table: tuple[tuple[str, str], ...]) -> str:
    for character, code in table:
        text = text.replace(character, code)
    return text
