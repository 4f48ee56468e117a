"""Did the fix work? Do the issue's events stop in releases that contain it, by what their commits contain and not by date?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from deploywatch.durations import format_duration
from deploywatch.errors import SentryAuthError, SentryError
from deploywatch.model import FixVerdict
from deploywatch.watch.counting import MINUTE, Baseline, counts_before, hits_before
from deploywatch.watch.sequential import dispersion, evidence_of_decrease, threshold
from deploywatch.watch.source import Occurrence, Tally

_AGAIN: Final = 2
# Events arrive late, and a service that restarts is silent for a moment.
_LEAST: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class FixPlan:
    """``containing`` are the releases whose commits contain the fix, whenever they were made.

    The first of them began to serve at ``since``. ``before`` is how often the issue happened without the fix (events, minutes).
    ``skew`` forgives senders' clocks, ``alpha`` is the share of fixes that did nothing and may be believed.
    """

    containing: frozenset[str]
    since: datetime
    before: Baseline
    skew: timedelta = timedelta(minutes=1)
    alpha: float = 0.01


@dataclass(frozen=True, slots=True)
class FixSight:
    """What is seen of the issue since the fix began to serve: its events of any release, in any order.

    ``traffic`` is the share of all requests that releases with the fix serve (``None``: requests are not counted). ``heard``:
    something of such a release has arrived at all.
    """

    events: tuple[Occurrence, ...] = ()
    traffic: float | None = None
    heard: bool = False


@dataclass(frozen=True, slots=True)
class FixDecision:
    """The verdict with its sentence. ``hits`` are events in releases with the fix, ``elsewhere`` those in releases without it.

    ``returned_in`` is the release with the fix in which it happened last, ``at`` when the decision was made.
    """

    verdict: FixVerdict
    why: str
    hits: int = 0
    elsewhere: int = 0
    returned_in: str | None = None
    at: datetime | None = None


def rate_before(tallies: Iterable[Tally], *, start: datetime, end: datetime, width: timedelta) -> Baseline:
    """How often it happened from ``start`` (its first event, at the earliest) to ``end``.

    A rate that begins with an event must not count that one. Time in which the release that has it was rolled back counts, too,
    which makes the rate lower and the proof slower, never wrong.
    """
    known = tuple(tallies)
    counts = counts_before(known, start=start, end=end, width=width, by_client=False)
    hits = hits_before(known, start=start, end=end, by_client=False)
    return Baseline(max(0, hits - 1), (end - start) / MINUTE, dispersion(counts))


def decide_fix(plan: FixPlan, sight: FixSight, *, at: datetime) -> FixDecision:
    """The decision by the issue's events since the fix began to serve. Old releases that still send do not fool it.

    Fixed needs the evidence of a lower rate (the same anytime-valid test as for regressions, the other way round); an issue that
    happened too seldom to miss it stays unsure. One event in a release with the fix may be a straggler; the second is proof.
    Where requests are not counted nobody knows how many of them the fix serves; then all releases together must fail less.
    """
    unique = {event.id: event for event in sight.events}.values()
    own = sorted(
        (event for event in unique if event.release in plan.containing and event.at >= plan.since - plan.skew),
        key=lambda event: event.at,
    )
    elsewhere = sum(event.release not in plan.containing and event.at >= plan.since for event in unique)
    seen = FixDecision(FixVerdict.UNSURE, "", len(own), elsewhere, own[-1].release if own else None, at)
    told = f"{len(own) or 'no'} event{'' if len(own) == 1 else 's'} in {format_duration(max(at - plan.since, timedelta(0)))}"
    if len(own) >= _AGAIN:
        return replace(seen, verdict=FixVerdict.BACK, why=f"{told} in releases that contain the fix")
    return _quiet(plan, sight, seen, told)


def _quiet(plan: FixPlan, sight: FixSight, seen: FixDecision, told: str) -> FixDecision:
    """It does not happen (again) where the fix is: is that because of the fix?"""
    if not sight.heard and not seen.hits:
        return replace(seen, why="nothing that carries a release with the fix has reached Sentry: is it serving?")
    if (seen.at or plan.since) - plan.since < _LEAST:
        return replace(seen, why=f"{told}: too early, for events may come late")
    if not plan.before.hits:
        return replace(seen, why=f"{told}, but it happened too seldom before the fix to be missed")
    minutes = max(0.0, ((seen.at or plan.since) - plan.since) / MINUTE)
    share = 1.0 if sight.traffic is None else min(1.0, sight.traffic)
    expected = plan.before.rate * minutes * share
    evidence = evidence_of_decrease(
        # With an unknown share of the traffic, less must happen in all releases together.
        seen.hits + (seen.elsewhere if sight.traffic is None else 0),
        minutes * share,
        base_hits=plan.before.hits,
        base_exposure=plan.before.exposure,
        dispersion=plan.before.dispersion,
    )
    there = f" ({seen.elsewhere} in releases without it)" if seen.elsewhere else ""
    if evidence >= threshold(plan.alpha):
        why = f"{told} in releases that contain the fix{there}, where {expected:.0f} were to be expected without it"
        return replace(seen, verdict=FixVerdict.FIXED, why=why)
    return replace(seen, why=f"{told}{there} where {expected:.1f} were to be expected without the fix: too few to tell")


def watch_fix(  # noqa: PLR0913 - each is one thing of the world outside
    plan: FixPlan,
    look: Callable[[datetime], FixSight],
    *,
    ends_at: datetime,
    every: timedelta,
    now: Callable[[], datetime],
    sleep: Callable[[float], None],
    stopped: Callable[[], bool] = lambda: False,
) -> FixDecision:
    """Look until the fix is proven or refuted, or the time is over. What is not known then is unsure, and says why.

    ``look`` may raise ``SentryError``: it is tried again, and only the last answer counts. Raises ``SentryAuthError`` from the
    first look. It can be broken off and begun again at any time, because every look asks for everything since the fix.
    """
    last, trouble = FixDecision(FixVerdict.UNSURE, "Sentry was never asked", at=now()), ""
    first = True
    while True:
        at = now()
        try:
            last, trouble = decide_fix(plan, look(at), at=at), ""
        except SentryError as error:
            if isinstance(error, SentryAuthError) and first:
                raise
            trouble = error.message
        first = False
        if last.verdict is not FixVerdict.UNSURE or at >= ends_at or stopped():
            break
        sleep(min(every.total_seconds(), max((ends_at - at).total_seconds(), 0.0)))
    return replace(last, why=f"Sentry could not be seen at the end: {trouble}") if trouble else last
