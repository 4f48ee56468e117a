"""Numbers and verdicts as words: short, honest, and the same in every medium.

Nothing here is escaped; that is the renderer's work.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from deploywatch.model import (
    BaseRule,
    Commit,
    FixOutcome,
    FixVerdict,
    Issue,
    Ranking,
    RankingVerdict,
    Rate,
    RegressionKind,
    Report,
    Suspect,
    Verdict,
)

SHARE: Final = "share of requests"
"""The unit of a ``Rate`` that is a share (0..1) and not a count per time."""

COUNT: Final = "events"
"""The unit of a ``Rate`` of so short a time that it can only be counted."""

KINDS: Final = {
    RegressionKind.NEW: "new in this release",
    RegressionKind.REGRESSED: "back after it had been resolved",
    RegressionKind.SPIKING: "far more often than before",
}

_BASE_RULES: Final[Mapping[str, str]] = {
    BaseRule.LAST_DEPLOY: "what was deployed to the environment before, as Sentry knows it",
    BaseRule.OWN_STATE: "what was deployed to the environment before, as deploywatch remembers it",
    BaseRule.EARLIER_DEPLOY: "an earlier deploy to the environment; the commit of the last one is not known here",
    BaseRule.NEAREST_ANCESTOR: "the nearest commit that head shares with what was deployed before",
    BaseRule.VERSION_TAG: "the version tag before head",
}

# Lowest probability of each word. They are about the ranking's probabilities as they stand, not a second opinion.
_SURENESS: Final = ((0.9, "very likely"), (0.7, "likely"), (0.5, "more likely than not"), (0.1, "possible"), (0.0, "unlikely"))


_PLAIN_WORD: Final = re.compile(r"[a-z]+(?=[ ,])")


def percent(share: float) -> str:
    """A share of 1 in percent; never "0%" nor "100%" of what is neither."""
    if 0 < share < 0.01:
        return "<1%"
    if 0.99 < share < 1:
        return ">99%"
    return f"{share:.0%}"


def number(value: float) -> str:
    """A count or rate with as many digits as a reader needs: 1,204, 41, 6.1, 0.02."""
    if value >= 10 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 0.1 else f"{value:.1g}"


def counted(count: int, noun: str, plural: str | None = None) -> str:
    """``1 commit``, ``17 commits``."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def duration(span: timedelta) -> str:
    """The two largest units: ``2 min 11 s``, ``1 h``, ``3 d 4 h``; below a second, ``0 s``."""
    left, parts = int(span.total_seconds()), []
    for name, seconds in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, seconds)
        if count:
            parts.append(f"{count} {name}")
        elif parts:
            break
    return " ".join(parts[:2]) or "0 s"


def moment(at: datetime) -> str:
    """``20 Nov 2026, 14:07 UTC``."""
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y, %H:%M} UTC"


def after_deploy(at: datetime | None, deployed_at: datetime | None) -> str | None:
    """How long after (or before) the deploy something was, or ``None`` where one of them is not known."""
    if at is None or deployed_at is None:
        return None
    if at >= deployed_at:
        return f"{duration(at - deployed_at)} after the deploy"
    return f"{duration(deployed_at - at)} before the deploy"


def rate_value(value: float, unit: str) -> str:
    """One side of a rate with its unit: ``41 events/min``, ``12% of requests``, ``1 event``."""
    if unit == COUNT and value == 1:
        return "1 event"
    return f"{percent(value)} of requests" if unit == SHARE else f"{number(value)} {unit}"


def rate_before(rate: Rate) -> str:
    """The rate before the deploy, or that it is not known."""
    return "not known" if rate.before is None else rate_value(rate.before, rate.unit)


def sureness(probability: float) -> str:
    """How sure, as a word: ``very likely``, ``likely``, ``more likely than not``, ``possible``, ``unlikely``."""
    return next(word for least, word in _SURENESS if probability >= least)


def sentence(text: str) -> str:
    """The text with a capital where it starts with a plain word, and a full stop: signals write clauses, a page sentences."""
    said = text.strip()
    if _PLAIN_WORD.match(said):
        said = said[0].upper() + said[1:]
    return said if not said or said[-1] in ".!?…" else f"{said}."


def author(commit: Commit) -> str:
    """The author's name, marked where it is a robot."""
    name = commit.author.name or commit.author.email or "an unnamed author"
    return f"{name} (a bot)" if commit.author.is_bot else name


def author_of(suspect: Suspect) -> str:
    """Whom to ask about a change: its human author, else the human behind the robot or the merge that git names."""
    human = suspect.people[0] if suspect.people else None
    if human is None or human.known_by == "author":
        return author(suspect.commit)
    name = human.person.name or human.person.email
    return f"{name} ({human.known_by}; git says {suspect.commit.author.name or suspect.commit.author.email})"


def error_name(issue: Issue) -> str:
    """The exception's type, or the issue's title where there is none."""
    return issue.error_type or issue.title


def verdict_sentence(ranking: Ranking | None) -> str:
    """How sure and about what, in one honest sentence or two."""
    if ranking is None:
        return "The changes of this deploy were not ranked for this issue, so none is named."
    window = counted(ranking.commits, "commit")
    if ranking.verdict is RankingVerdict.SUSPECT and ranking.first:
        sure = ranking.first.probability
        return f"It is {sureness(sure)} ({percent(sure)}) that this change caused it, out of {window}."
    none = percent(ranking.none_probability)
    if ranking.verdict is RankingVerdict.UNSURE and ranking.first:
        lead = percent(ranking.first.probability)
        return (
            f"Not sure: no single change of {window} stands out. "
            f"The strongest lead has {lead}, and there is a chance of {none} that none of them did it."
        )
    return (
        f"No change of this deploy explains it: the chance that none of its {window} did it is {none}. "
        "Look at what else changed: configuration, data, infrastructure, or a service that it calls."
    )


def change_clause(ranking: Ranking | None, named: Suspect | None) -> str:
    """The second half of a headline."""
    if named:
        return f"commit {named.commit.short_sha} by {author_of(named)} explains it, {percent(named.probability)} sure"
    if ranking is None:
        return "its cause was not looked for"
    if ranking.verdict is RankingVerdict.UNSURE and ranking.suspects:
        return f"no single change explains it, {counted(len(ranking.suspects), 'lead')}"
    return "the only commit does not explain it" if ranking.commits == 1 else f"none of {ranking.commits:,} commits explains it"


def calm_headline(report: Report) -> str:
    """The headline of a report without findings."""
    place = f"{report.release} in {report.environment}" if report.environment else report.release
    if report.verdict is Verdict.HEALTHY:
        return f"{place} looks healthy"
    if report.verdict is Verdict.INCONCLUSIVE:
        return f"Could not tell whether {place} is healthy"
    return f"{place} has a regression"


def base_rule(rule: str) -> str:
    """How a ``BaseRule`` is said, and its name; another text as it is."""
    return f"{_BASE_RULES[BaseRule(rule)]} ({rule})" if rule in _BASE_RULES else rule


FIX_RULES: Final = {
    "given": "as given",
    "message": "its message names the issue",
    "revert": "it takes back a commit that was suspected",
}
"""How the fix was found, in words."""

_FIX_VERDICTS: Final = {
    FixVerdict.FIXED: "Fixed",
    FixVerdict.BACK: "Not fixed",
    FixVerdict.UNSURE: "Not known yet whether it is fixed",
}


def fix_headline(outcome: FixOutcome) -> str:
    """``Fixed: KeyError (SHOP-9)``."""
    return f"{_FIX_VERDICTS[outcome.verdict]}: {error_name(outcome.issue)} ({outcome.issue.short_id})"
