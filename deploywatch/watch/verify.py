"""Did the fix work? Do the issue's events stop in releases that contain it, by what their commits contain and not by date?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from deploywatch.durations import format_duration
from deploywatch.watch.counting import MINUTE, Baseline
from deploywatch.watch.sequential import evidence_of_decrease, threshold
from deploywatch.watch.source import Occurrence

_AGAIN: Final = 2


class FixVerdict(StrEnum):
    """``fixed``: it stopped; ``back``: it still happens in what contains the fix; ``unsure``: too early, or too rare, to tell."""

    FIXED = "fixed"
    BACK = "back"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True, kw_only=True)
class FixPlan:
    """``containing`` are the releases whose commits contain the fix, whenever they were made.

    The first of them began to serve at ``since``. ``before`` is how often the issue happened without the fix (events, minutes).
    ``skew`` forgives senders' clocks, ``alpha`` is the share of fixes that did nothing and may be believed, and ``traffic`` the
    share of all requests that such releases serve.
    """

    containing: frozenset[str]
    since: datetime
    before: Baseline
    skew: timedelta = timedelta(minutes=1)
    alpha: float = 0.01
    traffic: float = 1.0


@dataclass(frozen=True, slots=True)
class FixDecision:
    """The verdict with its sentence. ``hits`` are events in releases with the fix, ``elsewhere`` those in releases without it."""

    verdict: FixVerdict
    why: str
    hits: int
    elsewhere: int


def decide_fix(plan: FixPlan, events: Iterable[Occurrence], *, at: datetime) -> FixDecision:
    """The decision by the issue's events since the fix began to serve. Old releases that still send do not fool it.

    Fixed needs the evidence of a lower rate (the same anytime-valid test as for regressions, the other way round); an issue that
    happened too seldom to miss it stays unsure. One event in a release with the fix may be a straggler; the second is proof.
    """
    recent = {event.id: event for event in events if event.at >= plan.since - plan.skew}.values()
    hits = sum(event.release in plan.containing for event in recent)
    elsewhere = len(recent) - hits
    minutes = max(0.0, (at - plan.since) / MINUTE)
    seen = f"{hits or 'no'} event{'' if hits == 1 else 's'} in {format_duration(at - plan.since)}"
    if hits >= _AGAIN:
        return FixDecision(FixVerdict.BACK, f"{seen} in releases that contain the fix", hits, elsewhere)
    evidence = evidence_of_decrease(
        hits,
        minutes * plan.traffic,
        base_hits=plan.before.hits,
        base_exposure=plan.before.exposure,
        dispersion=plan.before.dispersion,
    )
    expected = plan.before.rate * minutes * plan.traffic
    if evidence >= threshold(plan.alpha):
        why = f"{seen} in releases that contain the fix, where {expected:.0f} were to be expected without it"
        return FixDecision(FixVerdict.FIXED, why, hits, elsewhere)
    why = f"{seen} where {expected:.1f} were to be expected without the fix: too few to tell"
    return FixDecision(FixVerdict.UNSURE, why, hits, elsewhere)
