"""The results of several services that one deploy changed -> one result. The worst of them is the deploy's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from deploywatch.model import Regression, Verdict, WatchResult
from deploywatch.watch import wording
from deploywatch.watch.findings import SERVICE_ISSUE, worst_first

_WORST_FIRST: Final = (Verdict.REGRESSION, Verdict.INCONCLUSIVE, Verdict.HEALTHY)


def together(results: Mapping[str, WatchResult]) -> WatchResult:
    """One result of the ``results`` by service, of which there is at least one.

    A regression of one is the deploy's; and it is healthy only if all of them are. What a sentence is about is said in it.
    """
    (first, *_), named = results.values(), tuple(results.items())
    if len(named) == 1:
        return first
    verdict = min((result.verdict for result in results.values()), key=_WORST_FIRST.index)
    found = tuple(sorted((one for name, result in named for one in _regressions(name, result)), key=worst_first))
    return replace(
        first,
        verdict=verdict,
        why=wording.found(found) if found else "; ".join(_whys(results, verdict)),
        started_at=min(result.started_at for result in results.values()),
        ended_at=max(result.ended_at for result in results.values()),
        regressions=found,
        events_seen=sum(result.events_seen for result in results.values()),
        polls=sum(result.polls for result in results.values()),
        blind_spots=tuple(f"{name}: {spot}" for name, result in named for spot in result.blind_spots),
        notes=(*(f"{name}: {note}" for name, result in named for note in result.notes), *_others(results, verdict)),
    )


def _regressions(name: str, result: WatchResult) -> tuple[Regression, ...]:
    """Each says of which service it is; what is made up for a whole service needs a name of its own."""
    told = (replace(one, why=f"{name}: {one.why}") for one in result.regressions)
    return tuple(replace(one, issue=replace(one.issue, id=_own_id(one, name))) for one in told)


def _own_id(regression: Regression, name: str) -> str:
    return f"{SERVICE_ISSUE} {name}" if regression.issue.id == SERVICE_ISSUE else regression.issue.id


def _whys(results: Mapping[str, WatchResult], verdict: Verdict) -> list[str]:
    """Why the deploy has this verdict: by the services that have it."""
    return [f"{name}: {result.why}" for name, result in results.items() if result.verdict is verdict]


def _others(results: Mapping[str, WatchResult], verdict: Verdict) -> list[str]:
    """What is to be said of the services that fared better."""
    return [
        f"{name} is {result.verdict.value}: {result.why}" for name, result in results.items() if result.verdict is not verdict
    ]
