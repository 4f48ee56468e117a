"""The cases whose culprit is not named first, and what stood in the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from ci.bench.ranking.answers import Answer
from ci.bench.ranking.layout import table
from ci.bench.ranking.study import Window
from deploywatch.report.escaping import clip, markdown, markdown_code
from deploywatch.suspects.model import Model, load_model

_CONTACT: Final = (
    ("line", "changed a line of the stack"),
    ("function", "changed a function of the stack"),
    ("file", "changed a file of the stack"),
)
_SHORT: Final = 60
_DECIDES: Final = 0.1


def misses(answers: Sequence[Answer], windows: Sequence[Window]) -> str:
    """A row a case: how the culprit meets the stack, and which evidence put another commit before it."""
    known = {window.case: window for window in windows if window.culprit}
    missed = [answer for answer in answers if answer.culprit is not None and answer.hit(1) < 1]
    head = ("case", "error", "the culprit's rank", "told of the first", "the culprit", "before it came", "for")
    rows = (_row(answer, known[answer.case]) for answer in sorted(missed, key=lambda a: (a.repo, a.case)))
    return table(head, rows) if missed else "None.\n"


def _row(answer: Answer, window: Window) -> Sequence[str]:
    order = [sha for group in answer.groups for sha in group]
    first = order[0] if order else ""
    rank = str(order.index(window.culprit) + 1) if window.culprit in order else "not ranked"
    return (
        f"{answer.repo} {answer.case[:7]}",
        markdown(window.error),
        rank,
        f"{answer.confidence:.0%}" if answer.confidence is not None else "–",
        f"{(window.culprit or '')[:10]} {contact(window)}",
        f"{first[:10]} {_subject(window.subjects.get(first, ''))}",
        ", ".join(_ahead(window, first, load_model())) or "its place, newer",
    )


def _subject(text: str) -> str:
    return markdown_code(clip(text, _SHORT)).replace("|", "\\|")


def contact(window: Window) -> str:
    """The nearest that the culprit's change comes to the stack."""
    if window.found.culprit is None:
        return "was ruled out: it changed tests or documentation only"
    values = window.found.signals[window.found.culprit]
    return next((words for name, words in _CONTACT if values.get(name)), "touched no file of the stack")


def _ahead(window: Window, first: str, model: Model) -> Iterator[str]:
    """The evidence of which the first commit has clearly more than the culprit, heaviest first."""
    rows, place = window.found.signals, window.found.culprit
    if first not in window.found.shas:
        return
    theirs, own = rows[window.found.shas.index(first)], rows[place] if place is not None else {}
    gains = {name: weight * (theirs.get(name, 0.0) - own.get(name, 0.0)) for name, weight in model.signals.items()}
    for name in sorted(gains, key=lambda name: -gains[name])[:3]:
        if gains[name] > _DECIDES:
            yield name
