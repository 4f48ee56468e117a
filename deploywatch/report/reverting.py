"""How to undo a change, in words: the command, and what a branch and a pull request that do it say."""

from __future__ import annotations

import re
import textwrap
from typing import Final

from deploywatch.model import Commit, Finding, Report, Revert, RevertOutcome
from deploywatch.report import words
from deploywatch.report.escaping import clip, markdown, markdown_code, markdown_link, muted
from deploywatch.report.excerpt import named_suspect

_FILES: Final = 5
_REASONS: Final = 6
_SUBJECT: Final = 80
_TITLE: Final = 200
_SHA: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def revert_command(*commits: Commit) -> str | None:
    """What undoes the commits, in this order; ``None`` where a name is no object name, as it is run in a shell.

    Merges are undone one at a time, against their first parent: ``git revert`` takes no merge together with other commits.
    """
    if not commits or not all(_SHA.fullmatch(commit.sha) for commit in commits):
        return None
    if len(commits) > 1 and any(commit.is_merge for commit in commits):
        return None
    mainline = " -m 1" if commits[0].is_merge else ""
    return f"git revert --no-edit{mainline} {' '.join(commit.sha for commit in commits)}"


def told(revert: Revert) -> tuple[str, ...]:
    """What is known about undoing the change, in sentences."""
    made = f"The branch {revert.branch} undoes it." if revert.branch else None
    return tuple(sentence for sentence in (_applies(revert), revert.note, made) if sentence)


def in_short(revert: Revert) -> str:
    """What is known about undoing the change, in a few words."""
    if revert.pull_request:
        return "A pull request that reverts it is open."
    match revert.outcome:
        case RevertOutcome.CLEAN:
            return "Reverting it applies cleanly."
        case RevertOutcome.CONFLICTS if revert.with_later:
            return f"Reverting it applies cleanly together with {words.counted(len(revert.later), 'later commit')}."
        case RevertOutcome.CONFLICTS:
            return "Reverting it conflicts."
        case RevertOutcome.DONE:
            return "It is reverted already."
    return ""


def _applies(revert: Revert) -> str | None:
    head = f"the deployed commit {revert.head[:10]}"
    later = words.counted(len(revert.later), "later commit")
    match revert.outcome:
        case RevertOutcome.CLEAN if revert.later:
            return f"Tried out: it applies cleanly to {head}, but {later} changed lines right beside it. Read first:"
        case RevertOutcome.CLEAN:
            return f"Tried out: it applies cleanly to {head}, and no later commit touched the same lines."
        case RevertOutcome.DONE:
            return f"{head.capitalize()} does not hold the change any more: it has been undone since, or written over."
        case RevertOutcome.CONFLICTS if revert.with_later:
            return (
                f"Tried out: alone it conflicts with {later} in {_files(revert)}. Together, as below, they are undone cleanly at "
                f"{head}. What goes as well:"
            )
        case RevertOutcome.CONFLICTS:
            because = f", where {later} changed the same lines" if revert.later else ""
            return f"Tried out: it does not apply cleanly to {head}. It conflicts in {_files(revert)}{because}."
    return None


def _files(revert: Revert) -> str:
    more = len(revert.conflicts) - _FILES
    return ", ".join(revert.conflicts[:_FILES]) + (f" and {words.counted(more, 'more file')}" if more > 0 else "")


# --- a branch and a pull request -----------------------------------------------------------------------------


def branch_name(commit: Commit) -> str:
    """The branch that undoes the commit: always the same, so that it is made once."""
    return f"deploywatch/revert-{commit.short_sha}"


def commit_message(commit: Commit, finding: Finding, report: Report) -> str:
    """As ``git revert`` writes it, and why."""
    why = f"It {_sure(finding)} caused {words.error_name(finding.regression.issue)} in {report.release}."
    lines = (
        f'Revert "{clip(muted(commit.subject), _SUBJECT)}"',
        "",
        f"This reverts commit {commit.sha}.",
        "",
        *textwrap.wrap(muted(why), 72),
        *(f"{muted(link.label)}: {link.url}" for link in finding.links[:1]),
    )
    return "\n".join(lines) + "\n"


def pull_request_title(commit: Commit) -> str:
    """One line."""
    return f'Revert "{clip(muted(commit.subject), _TITLE)}"'


def pull_request_body(commit: Commit, finding: Finding, report: Report) -> str:
    """Markdown: what it undoes, why, and what is known about undoing it."""
    regression = finding.regression
    named = named_suspect(regression.ranking)
    place = f" in {markdown_code(report.environment)}" if report.environment else ""
    reasons = (f"- {markdown(words.sentence(each.text))}" for each in (named.evidence[:_REASONS] if named else ()))
    change = (
        f"{markdown_code(commit.short_sha)} {markdown(commit.subject)}, author of the change: {markdown(words.author(commit))}"
    )
    parts = (
        f"This undoes {change}. It {_sure(finding)} caused this in {markdown_code(report.release)}{place}:",
        markdown_code(regression.issue.title),
        markdown(words.sentence(regression.why)),
        "Why:\n\n" + "\n".join(reasons),
        " ".join(markdown(sentence) for sentence in told(finding.revert)) if finding.revert else "",
        "\n".join(f"- {markdown_link(link.label, link.url)}" for link in finding.links),
        "Opened by deploywatch, because it was asked to with --open-revert. It merges nothing.",
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def _sure(finding: Finding) -> str:
    named = named_suspect(finding.regression.ranking)
    return f"{words.sureness(named.probability)} ({words.percent(named.probability)})" if named else "may have"
