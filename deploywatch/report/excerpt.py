"""Which suspect may be named, which hunk shows why, and which lines of source stand beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from deploywatch.model import CodeExcerpt, CodeLine, Evidence, MappedFrame, Ranking, RankingVerdict, Regression, Suspect
from deploywatch.report.escaping import CODE_LIMIT

HUNK_LINES: Final = 24
"""Lines shown of each side of a hunk; more would bury what they should prove."""

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


def presentable(ranking: Ranking) -> Ranking:
    """The same ranking with no more of each change than a report can show.

    A minified file is one hunk of megabytes, and a commit that formats all code is a list of every file.
    """
    return replace(ranking, suspects=tuple(_presentable(suspect, ranking.frames) for suspect in ranking.suspects))


def _presentable(suspect: Suspect, frames: Sequence[MappedFrame]) -> Suspect:
    shown = hunk_evidence(suspect)
    kept = (without_excess(e, frames) if e is shown else replace(e, removed=(), added=()) for e in suspect.evidence)
    return replace(suspect, commit=replace(suspect.commit, files=()), evidence=tuple(kept))


def without_excess(evidence: Evidence, frames: Sequence[MappedFrame]) -> Evidence:
    """The evidence with at most ``HUNK_LINES`` lines of each side of its hunk, the line that failed among them, none overlong."""
    start = _first_shown(evidence, frames)
    removed, added = evidence.removed[:HUNK_LINES], evidence.added[start : start + HUNK_LINES]
    cut = len(evidence.removed) - len(removed) + len(evidence.added) - len(added)
    return replace(evidence, removed=_clipped(removed), added=_clipped(added), cut=evidence.cut + cut)


def _clipped(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(line[: 4 * CODE_LIMIT] for line in lines)


def _first_shown(evidence: Evidence, frames: Sequence[MappedFrame]) -> int:
    """Where to start in a long hunk, so that the line that failed is seen in it: a new file is one hunk."""
    failing = {each.frame.context_line.strip() for each in frames if each.index == evidence.frame and each.frame.context_line}
    at = next((at for at, text in enumerate(evidence.added) if text.strip() in failing), 0)
    return max(0, min(at - HUNK_LINES // 2, len(evidence.added) - HUNK_LINES))


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
    """The lines of ``source`` (the file at head) around a place, or ``None`` where the file has no such line.

    Blank lines at its ends are left out.
    """
    lines = source.split("\n")
    if not 1 <= place.line <= len(lines):
        return None
    first, last = max(place.line - around, 1), min(place.line + around, len(lines))
    while first < place.line and not lines[first - 1].strip():
        first += 1
    while last > place.line and not lines[last - 1].strip():
        last -= 1
    shown = enumerate(lines[first - 1 : last], start=first)
    return CodeExcerpt(place.file, tuple(CodeLine(number, text.rstrip("\r"), number == place.line) for number, text in shown))
