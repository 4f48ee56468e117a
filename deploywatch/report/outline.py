"""A Report in the order in which a reader asks: what every template draws from.

Sentences are made here, once, so that all media say the same; text in them is raw, as in the Report.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from deploywatch.model import Commit, Evidence, Finding, Ranking, RankingVerdict, Report, Suspect, Verdict
from deploywatch.report import reverting, words
from deploywatch.report.build import explained_by
from deploywatch.report.charts import TimeChart, time_chart
from deploywatch.report.escaping import clip
from deploywatch.report.excerpt import hunk_evidence, named_suspect, without_excess

LATER: Final = 5
"""Later commits of the same lines that are named."""

_NEGLIGIBLE: Final = 0.01
_HEADLINE_PART: Final = 90


@dataclass(frozen=True, slots=True)
class Detail:
    """How much to tell. A medium with a limit asks for less until it fits: other issues go first, evidence last."""

    others: int = 50
    suspects: int = 8
    evidence: int = 12
    code: bool = True


LEVELS: Final = (Detail(), Detail(10, 5, 6), Detail(3, 3, 3), Detail(0, 2, 2), Detail(0, 1, 1, code=False))
"""From everything to the least that still answers who and why."""


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a hunk; ``sign`` is ``+`` or ``-``."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class Diff:
    """The hunk that speaks most against a suspect; ``cut`` lines of it are left out."""

    file: str | None
    header: str | None
    lines: tuple[DiffLine, ...]
    cut: int = 0


@dataclass(frozen=True, slots=True)
class Lead:
    """A suspect with its evidence for and against, and the hunk to look at."""

    suspect: Suspect
    author: str
    sureness: str
    percent: str
    reasons: tuple[Evidence, ...]
    doubts: tuple[Evidence, ...]
    diff: Diff | None


@dataclass(frozen=True, slots=True)
class Share:
    """One bar of the suspects' chart. ``suspect`` is ``None`` for "none of these" and for those that are not shown."""

    label: str
    probability: float
    percent: str
    suspect: Suspect | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """One finding, told. ``named`` is the change that explains it, if one does; ``leads`` are the other suspects.

    ``why`` is why it counts, where the page has not said so already. ``gist`` says who owns it and whether it can be undone, for
    those who read three lines; ``undo`` says what is known about undoing it, and ``later`` has the commits that stand in the way.
    ``same_change`` is set where the page's first story names the same change.
    """

    finding: Finding
    what: str
    change: str
    kind: str
    rate_before: str
    rate_after: str
    first_seen: str | None
    after_deploy: str | None
    where: str | None
    sure: str
    named: Lead | None
    leads: tuple[Lead, ...]
    shares: tuple[Share, ...]
    chart: TimeChart | None
    why: str | None = None
    gist: str | None = None
    undo: tuple[str, ...] = ()
    later: tuple[Commit, ...] = ()
    commit_url: str | None = None
    pull_request_url: str | None = None
    same_change: bool = False

    @property
    def headline(self) -> str:
        """What broke and what explains it, as one sentence without its full stop."""
        return f"{self.what}; {self.change}"


@dataclass(frozen=True, slots=True)
class Outline:
    """The page: the worst finding in full, the others after it; ``hidden`` of them are left out."""

    report: Report
    headline: str
    lead: Story | None
    others: tuple[Story, ...]
    hidden: int
    not_visible: tuple[str, ...]
    detail: Detail


def outline(report: Report, detail: Detail = LEVELS[0]) -> Outline:
    """Arrange a report; pure, so that the same report always tells the same."""
    stories = [_story(finding, report, detail) for finding in report.findings[: detail.others + 1]]
    lead = stories[0] if stories else None
    others = tuple(_beside(lead, story) for story in stories[1:]) if lead else ()
    return Outline(
        report=report,
        headline=lead.headline if lead and report.verdict is Verdict.REGRESSION else words.calm_headline(report),
        lead=lead,
        others=others,
        hidden=len(report.findings) - len(stories),
        not_visible=_not_visible(report, lead),
        detail=detail,
    )


def leads_of(ranking: Ranking, detail: Detail = LEVELS[0]) -> tuple[Lead, ...]:
    """The suspects of a ranking that are worth a look, most probable first."""
    return tuple(_lead(suspect, ranking, detail) for suspect in _worth_a_look(ranking, detail))


def _worth_a_look(ranking: Ranking, detail: Detail) -> tuple[Suspect, ...]:
    """Where one change is named, nobody reads of those that it all but clears; where none is, every lead counts."""
    shown = ranking.suspects[: detail.suspects]
    if named_suspect(ranking) is None:
        return shown
    return tuple(each for each in shown if each.rank == 1 or each.probability >= _NEGLIGIBLE)


def shares_of(ranking: Ranking, detail: Detail = LEVELS[0]) -> tuple[Share, ...]:
    """The bars of a ranking: the suspects, the rest of them together, and "none of these"."""
    shown = _worth_a_look(ranking, detail)
    bars = [Share(each.commit.subject, each.probability, words.percent(each.probability), each) for each in shown]
    rest = 1.0 - ranking.none_probability - sum(each.probability for each in shown)
    if rest > 0.005:
        bars.append(Share("all other changes", rest, words.percent(rest)))
    none = ranking.none_probability
    return (*bars, Share("none of these changes", none, words.percent(none)))


def _story(finding: Finding, report: Report, detail: Detail) -> Story:
    regression = finding.regression
    ranking, issue, rate = regression.ranking, regression.issue, regression.rate
    named = named_suspect(ranking)
    commit = named.commit if named else None
    leads = leads_of(ranking, detail) if ranking else ()
    return Story(
        finding=finding,
        what=_what(finding),
        change=words.change_clause(ranking, named),
        kind=words.KINDS[regression.kind],
        rate_before=words.rate_before(rate),
        rate_after=words.rate_value(rate.after, rate.unit),
        first_seen=words.moment(issue.first_seen) if issue.first_seen else None,
        after_deploy=words.after_deploy(issue.first_seen, report.deployed_at),
        where=_where(ranking),
        sure=words.verdict_sentence(ranking),
        named=leads[0] if named else None,
        leads=leads[1:] if named else leads,
        shares=shares_of(ranking, detail) if ranking else (),
        chart=time_chart(regression, report.deployed_at),
        why=regression.why if regression.why != report.why else None,
        gist=_gist(finding),
        undo=reverting.told(finding.revert) if finding.revert else (),
        later=finding.revert.later[:LATER] if finding.revert else (),
        commit_url=_url_ending(finding, f"/{commit.sha}") if commit else None,
        pull_request_url=_url_ending(finding, f"/{commit.pull_request}") if commit and commit.pull_request else None,
    )


def _gist(finding: Finding) -> str | None:
    owner = finding.regression.owner
    owned = f"Owner: {' '.join(owner.names)}." if owner else ""
    undone = reverting.in_short(finding.revert) if finding.revert else ""
    return " ".join(part for part in (owned, undone) if part) or None


def _beside(lead: Story, story: Story) -> Story:
    if lead.named is None or explained_by(lead.finding) != explained_by(story.finding):
        return story
    return replace(story, same_change=True)


def _url_ending(finding: Finding, end: str) -> str | None:
    return next((link.url for link in finding.links if link.url.endswith(end)), None)


def _what(finding: Finding) -> str:
    rate = finding.regression.rate
    place = f" in {clip(finding.endpoint, _HEADLINE_PART)}" if finding.endpoint else ""
    error = clip(words.error_name(finding.regression.issue), _HEADLINE_PART)
    return f"{error}{place}: {words.rate_value(rate.after, rate.unit)} since the deploy"


def _where(ranking: Ranking | None) -> str | None:
    frame = next((each for each in ranking.frames if each.in_app and each.file), None) if ranking else None
    if frame is None:
        return None
    place = f"{frame.file}:{frame.line}" if frame.line else f"{frame.file}"
    return f"{place} in {frame.frame.function}" if frame.frame.function else place


def _lead(suspect: Suspect, ranking: Ranking, detail: Detail) -> Lead:
    shown = suspect.evidence[: detail.evidence]
    return Lead(
        suspect=suspect,
        author=words.author_of(suspect),
        sureness=words.sureness(suspect.probability),
        percent=words.percent(suspect.probability),
        reasons=tuple(each for each in shown if each.contribution >= 0),
        doubts=tuple(each for each in shown if each.contribution < 0),
        diff=_diff(hunk_evidence(suspect), ranking) if detail.code else None,
    )


def _diff(evidence: Evidence | None, ranking: Ranking) -> Diff | None:
    if evidence is None:
        return None
    shown = without_excess(evidence, ranking.frames)
    lines = (*(DiffLine("-", text) for text in shown.removed), *(DiffLine("+", text) for text in shown.added))
    return Diff(shown.file, shown.hunk, lines, shown.cut)


def _not_visible(report: Report, lead: Story | None) -> tuple[str, ...]:
    ranking = lead.finding.regression.ranking if lead else None
    of_ranking = (*ranking.warnings, *ranking.ruled_out) if ranking else ()
    unranked = ("The suspects of this deploy could not be ranked.",) if lead and ranking is None else ()
    unsure = ranking is not None and ranking.verdict is not RankingVerdict.SUSPECT and not ranking.frames
    unmapped = ("The error came without a stack trace.",) if unsure else ()
    said = (*report.not_visible, *report.warnings, *unranked, *of_ranking, *unmapped)
    return tuple(dict.fromkeys(map(words.sentence, said)))
