"""Report -> a Slack message in Block Kit, within Slack's limits by leaving out the least important first.

Limits: Slack's Block Kit reference (50 blocks a message, 3,000 characters of a section's text, 150 of a header's, 2,000 of a
section field's) and chat.postMessage (4,000 recommended for ``text``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from deploywatch.model import Report, RevertOutcome, Verdict
from deploywatch.report import words
from deploywatch.report.escaping import clip, plain, slack, slack_code, slack_fence, slack_link
from deploywatch.report.outline import Diff, Lead, Outline, Story, outline

MAX_BLOCKS: Final = 50
MAX_SECTION: Final = 3000
MAX_HEADER: Final = 150
MAX_FALLBACK: Final = 3000

_ICONS: Final = {
    Verdict.HEALTHY: ":white_check_mark:",
    Verdict.REGRESSION: ":rotating_light:",
    Verdict.INCONCLUSIVE: ":grey_question:",
}
_DIFF_LINES: Final = 12

Block = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Part:
    """A block and how early it may be left out: 0 never, the highest first."""

    dispensable: int
    block: Block


def slack_message(report: Report) -> dict[str, Any]:
    """The message for a webhook or ``chat.postMessage``: ``text`` is for notifications, ``blocks`` for the eye."""
    page = outline(report)
    return {
        "text": clip(slack(page.headline), MAX_FALLBACK),
        "blocks": slack_blocks(report),
        "unfurl_links": False,
        "unfurl_media": False,
    }


def slack_blocks(report: Report) -> list[Block]:
    """At most 50 blocks in the order of the page: what broke, the change, the owner, what to do, the rest."""
    return _fitted(list(_parts(outline(report))))


def _fitted(parts: list[_Part]) -> list[Block]:
    while len(parts) > MAX_BLOCKS:
        worst = max(range(len(parts)), key=lambda at: (parts[at].dispensable, at))
        del parts[worst]
    return [part.block for part in parts]


def _parts(page: Outline) -> Iterator[_Part]:
    report = page.report
    yield _Part(0, _header(page.lead.what if page.lead and report.verdict is Verdict.REGRESSION else page.headline))
    yield _Part(
        0, _section(f"{_ICONS[report.verdict]} *{slack(report.verdict)}* · {_where(report)}\n{slack(words.sentence(report.why))}")
    )
    if page.lead:
        yield from _lead_parts(page.lead)
        yield from (_Part(5, _section(_other(story))) for story in page.others)
        if page.hidden:
            yield _Part(6, _context(f"And {words.counted(page.hidden, 'more issue')}."))
    if page.not_visible:
        yield _Part(3, _context("Not visible: " + " · ".join(slack(sentence) for sentence in page.not_visible[:10])))


def _lead_parts(story: Story) -> Iterator[_Part]:
    regression = story.finding.regression
    yield _Part(0, _section(f"{slack_code(regression.issue.title)}\n{_numbers(story)}"))
    yield _Part(0, _section(_change(story)))
    if story.named and story.named.diff:
        yield _Part(4, _section(_diff(story.named.diff)))
    if regression.owner:
        owners = " ".join(slack_code(name) for name in regression.owner.names)
        yield _Part(1, _section(f"*Owner:* {owners}\n{slack(words.sentence(regression.owner.why))}"))
    yield _Part(1, _section(_next(story)))
    if story.leads:
        yield _Part(5, _context("Other suspects: " + " · ".join(_suspect(lead) for lead in story.leads[:5])))


def _where(report: Report) -> str:
    return slack_code(report.release) + (f" in {slack_code(report.environment)}" if report.environment else "")


def _numbers(story: Story) -> str:
    issue = story.finding.regression.issue
    parts = [f"*{slack(story.rate_after)}* since the deploy, before: {slack(story.rate_before)}"]
    if (events := words.counted(issue.count, "event")) != story.rate_after:
        parts.append(events)
    if issue.user_count is not None:
        parts.append(words.counted(issue.user_count, "user"))
    if story.after_deploy or story.first_seen:
        parts.append(f"first seen {story.after_deploy or story.first_seen}")
    return " · ".join([*parts, f"{story.finding.regression.severity}, {story.kind}"])


def _change(story: Story) -> str:
    if story.named is None:
        return slack(story.sure)
    commit = story.named.suspect.commit
    place = slack_link(commit.short_sha, story.commit_url)
    request = f" · {slack_link(f'pull request {commit.pull_request}', story.pull_request_url)}" if commit.pull_request else ""
    lines = [
        f"*{slack(commit.subject)}*",
        f"{place}{request} · author of the change: {slack(story.named.author)}",
        f"*{story.named.percent}* {story.named.sureness}",
        *(f"• {slack(words.sentence(each.text))}" for each in story.named.reasons[:4]),
        *(f"• Against it: {slack(words.sentence(each.text))}" for each in story.named.doubts[:2]),
    ]
    return "\n".join(lines)


def _diff(diff: Diff) -> str:
    file = f"{slack_code(diff.file)}\n" if diff.file else ""
    return file + slack_fence(tuple(line.sign + line.text for line in diff.lines[:_DIFF_LINES]))


def _next(story: Story) -> str:
    links = " · ".join(slack_link(link.label, link.url) for link in story.finding.links)
    command = story.finding.revert_command
    if not command:
        return f"*Next*\nNothing is sure enough to revert.\n{links}".rstrip("\n")
    later = (f"• {slack_code(commit.short_sha)} {slack(commit.subject)}" for commit in story.later)
    said = (slack(story.undo[0]), *later, *map(slack, story.undo[1:])) if story.undo else ()
    done = story.finding.revert is not None and story.finding.revert.outcome is RevertOutcome.DONE
    return "\n".join(("*Undo it*", *said, *(() if done else (slack_fence((command,)),)), links)).rstrip("\n")


def _suspect(lead: Lead) -> str:
    return f"{lead.percent} {slack_code(lead.suspect.commit.short_sha)} {slack(lead.suspect.commit.subject)}"


def _other(story: Story) -> str:
    explained = "the same change explains it" if story.same_change else story.change
    link = next((slack_link(link.label, link.url) for link in story.finding.links), "")
    return f"*{slack(story.what)}*\n{slack(explained)}\n{link}".rstrip("\n")


def _header(text: str) -> Block:
    return {
        "type": "header",
        "text": {"type": "plain_text", "text": clip(plain(text), MAX_HEADER) or "deploywatch", "emoji": False},
    }


def _section(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(text)}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [_mrkdwn(text)]}


def _mrkdwn(text: str) -> Block:
    # ``verbatim`` keeps Slack from making links and mentions of bare addresses and names.
    return {"type": "mrkdwn", "text": _whole_lines(text), "verbatim": True}


def _whole_lines(text: str) -> str:
    """Cut between lines, where no entity, span or link can be cut in two, and close a code block that the cut left open."""
    if len(text) <= MAX_SECTION:
        return text
    kept, size = [], 0
    for line in text.split("\n"):
        size += len(line) + 1
        if size > MAX_SECTION - 8:
            break
        kept.append(line)
    cut = "\n".join(kept)
    return cut + ("\n```" if cut.count("```") % 2 else "\n…")
