"""Which suspect may be named, which hunk shows why, and which lines of source stand beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from deploywatch.model import CodeExcerpt, CodeLine, Evidence, Ranking, RankingVerdict, Regression, Suspect

AROUND: Final = 5
"""Lines of source shown before and after the failing one."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line (1-based) of a file at head."""

    file: str
    line: int


def named_suspect(ranking: Ranking | None) -> Suspect | None:
    """The suspect that may be named: the first one, and only where the ranking is sure enough to say so."""
    return ranking.first if ranking and ranking.verdict is RankingVerdict.SUSPECT else None


def hunk_evidence(suspect: Suspect | None) -> Evidence | None:
    """The strongest evidence that carries the text of a hunk."""
    return next((each for each in suspect.evidence if each.removed or each.added), None) if suspect else None


def failing_place(regression: Regression) -> Place | None:
    """Which line of head to show beside the hunk: of the frame that the hunk's evidence is about, else of the first own frame."""
    ranking = regression.ranking
    if ranking is None:
        return None
    own = [each for each in ranking.frames if each.in_app]
    places = {each.index: Place(each.file, each.line) for each in own if each.file and each.line}
    shown = hunk_evidence(ranking.first)
    if shown and shown.frame in places:
        return places[shown.frame]
    return next(iter(places.values()), None)


def excerpt_around(source: str, place: Place, *, around: int = AROUND) -> CodeExcerpt | None:
    """The lines of ``source`` (the file at head) around a place, or ``None`` where the file has no such line."""
    lines = source.split("\n")
    if not 1 <= place.line <= len(lines):
        return None
    first = max(place.line - around, 1)
    shown = enumerate(lines[first - 1 : place.line + around], start=first)
    return CodeExcerpt(place.file, tuple(CodeLine(number, text.rstrip("\r"), number == place.line) for number, text in shown))
