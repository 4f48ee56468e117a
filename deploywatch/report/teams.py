"""Report -> a message for Microsoft Teams: one Adaptive Card, within Teams' limit by leaving out the least important first.

All text stands in runs of ``RichTextBlock``, in which Teams knows no Markdown, link or mention. Limits: "Format cards in Teams"
(28 KB a message, version 1.5 of the schema, 6 actions) and the Adaptive Cards' schema explorer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from deploywatch.model import Link, Report, RevertOutcome, Verdict
from deploywatch.report import words
from deploywatch.report.as_json import dumps
from deploywatch.report.escaping import card, card_code, clip, safe_url
from deploywatch.report.outline import Diff, Lead, Outline, Story, outline

MAX_BYTES: Final = 28_000
"""Teams says 28 KB, and does not say which; this is the smaller one."""

_MAX_ACTIONS: Final = 6
_DIFF_LINES: Final = 14
_RUN: Final = 300
_COLORS: Final = {Verdict.HEALTHY: "Good", Verdict.REGRESSION: "Attention", Verdict.INCONCLUSIVE: "Warning"}

Element = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Part:
    """An element of the card and how early it may be left out: 0 never, the highest first."""

    dispensable: int
    element: Element


def teams_message(report: Report) -> dict[str, Any]:
    """The message for a Workflows webhook."""
    page = outline(report)
    parts = list(_parts(page))
    actions = [_action(link) for link in _links(page)][:_MAX_ACTIONS]
    while len(dumps(_message(parts, actions), indent=None).encode()) > MAX_BYTES and any(part.dispensable for part in parts):
        worst = max(range(len(parts)), key=lambda at: (parts[at].dispensable, at))
        del parts[worst]
    return _message(parts, actions)


def _message(parts: Iterable[_Part], actions: list[Element]) -> dict[str, Any]:
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "msteams": {"width": "Full"},
        "body": [part.element for part in parts],
        "actions": actions,
    }
    return {"type": "message", "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": content}]}


def _parts(page: Outline) -> Iterator[_Part]:
    report = page.report
    headline = page.lead.what if page.lead and report.verdict is Verdict.REGRESSION else page.headline
    yield _Part(0, _text(_run(headline, weight="Bolder", size="Large", color=_COLORS[report.verdict])))
    place = f"{report.release} in {report.environment}" if report.environment else report.release
    yield _Part(0, _text(_run(f"{report.verdict} · {place}. {words.sentence(report.why)}", isSubtle=True)))
    if page.lead:
        yield from _lead_parts(page.lead)
        yield from (_Part(5, _other(story)) for story in page.others)
        if page.hidden:
            yield _Part(6, _text(_run(f"And {words.counted(page.hidden, 'more issue')}.", isSubtle=True)))
    if page.not_visible:
        yield _Part(1, _text(_run("What was not visible", weight="Bolder"), separator=True))
        yield from (_Part(3, _text(_run(sentence, isSubtle=True), spacing="small")) for sentence in page.not_visible[:10])


def _lead_parts(story: Story) -> Iterator[_Part]:
    regression = story.finding.regression
    yield _Part(0, _text(_run(regression.issue.title, fontType="Monospace")))
    yield _Part(0, _text(_run(_numbers(story))))
    yield _Part(0, _text(_run("The change" if story.named else "Which change", weight="Bolder"), separator=True))
    yield from _change(story)
    if regression.owner:
        yield _Part(0, _text(_run("Owner: ", weight="Bolder"), _run(" ".join(regression.owner.names)), separator=True))
        yield _Part(2, _text(_run(words.sentence(regression.owner.why), isSubtle=True)))
    yield from _undo(story)
    if story.leads:
        yield _Part(4, _text(_run("The other suspects" if story.named else "The leads", weight="Bolder"), separator=True))
        yield from (_Part(4, _text(_run(_suspect(lead)), spacing="small")) for lead in story.leads[:5])


def _numbers(story: Story) -> str:
    issue = story.finding.regression.issue
    events = words.counted(issue.count, "event")
    users = [words.counted(issue.user_count, "user")] if issue.user_count is not None else []
    seen = [f"first seen {story.after_deploy or story.first_seen}"] if story.first_seen else []
    return " · ".join(
        [
            f"{story.rate_after} since the deploy, before: {story.rate_before}",
            *([events] if events != story.rate_after else []),
            *users,
            *seen,
            f"{story.finding.regression.severity}, {story.kind}",
        ]
    )


def _change(story: Story) -> Iterator[_Part]:
    if story.named is None:
        yield _Part(0, _text(_run(story.sure)))
        return
    commit = story.named.suspect.commit
    yield _Part(0, _text(_run(f"{commit.short_sha} ", fontType="Monospace"), _run(commit.subject, weight="Bolder")))
    yield _Part(0, _text(_run(f"Author of the change: {story.named.author} · {story.named.percent} {story.named.sureness}")))
    reasons = [f"+ {words.sentence(each.text)}" for each in story.named.reasons[:4]]
    doubts = [f"− Against it: {words.sentence(each.text)}" for each in story.named.doubts[:2]]
    yield from (_Part(2, _text(_run(text), spacing="small")) for text in (*reasons, *doubts))
    if story.named.diff:
        yield _Part(4, _code(story.named.diff))


def _code(diff: Diff) -> Element:
    """Each line a block of its own: a run has no line breaks that every client shows."""
    lines = [
        _text(
            {
                "type": "TextRun",
                "text": card_code(line.sign + line.text, _RUN // 2),
                "fontType": "Monospace",
                "size": "Small",
                "color": "Good" if line.sign == "+" else "Attention",
            },
            spacing="none",
        )
        for line in diff.lines[:_DIFF_LINES]
    ]
    return {"type": "Container", "style": "emphasis", "items": [_text(_run(diff.file or "", isSubtle=True)), *lines]}


def _undo(story: Story) -> Iterator[_Part]:
    command, revert = story.finding.revert_command, story.finding.revert
    if not command:
        return
    yield _Part(0, _text(_run("How to undo it", weight="Bolder"), separator=True))
    if story.undo:
        yield _Part(1, _text(_run(story.undo[0])))
    yield from (_Part(2, _text(_run(f"{each.short_sha} {each.subject}"), spacing="small")) for each in story.later)
    yield from (_Part(1, _text(_run(sentence))) for sentence in story.undo[1:])
    if revert is None or revert.outcome is not RevertOutcome.DONE:
        yield _Part(0, _text({"type": "TextRun", "text": card_code(command, 600), "fontType": "Monospace", "size": "Small"}))


def _suspect(lead: Lead) -> str:
    commit = lead.suspect.commit
    return f"{lead.percent} {commit.short_sha} {commit.subject}, author of the change: {lead.author}"


def _other(story: Story) -> Element:
    explained = "The same change explains it." if story.same_change else words.sentence(story.change)
    return _text(_run(f"{story.what}. ", weight="Bolder"), _run(explained), separator=True)


def _links(page: Outline) -> Iterator[Link]:
    links = (*(page.lead.finding.links if page.lead else ()), *page.report.links)
    yield from (link for link in links if safe_url(link.url))


def _action(link: Link) -> Element:
    return {"type": "Action.OpenUrl", "title": clip(card(link.label), 60), "url": safe_url(link.url)}


def _text(*runs: Element, **how: Any) -> Element:
    return {"type": "RichTextBlock", "inlines": list(runs)} | how


def _run(text: str, **how: Any) -> Element:
    return {"type": "TextRun", "text": card(text, _RUN) or " "} | how
