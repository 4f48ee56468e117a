"""The rules that judge a simulated deploy. Each answers with the minute of its alarm, or infinity; polls are every ``POLL``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ci.bench.deploys.traffic import AFTER, BEFORE, HISTORY, Deploy, Stream
from deploywatch.model import Issue
from deploywatch.watch.decide import judge
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.seen import Novelty, Seen, SeenIssue
from deploywatch.watch.source import Failures, FailureTally, Occurrence, Tally

POLL: Final = 0.25
"""Minutes between two looks: deploywatch's default."""

_DEPLOYED: Final = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
_MINUTE: Final = timedelta(minutes=1)
_RELEASE, _EARLIER = "shop@2", "shop@1"

PLAN: Final = WatchPlan(
    release=_RELEASE,
    environment="prod",
    deployed_at=_DEPLOYED,
    duration=timedelta(minutes=AFTER),
    history=timedelta(minutes=HISTORY),
)


def polled(minute: float) -> float:
    """When an alarm that was possible at ``minute`` is raised: at the next poll."""
    return math.ceil(minute / POLL - 1e-9) * POLL if math.isfinite(minute) else math.inf


def deploywatch(deploy: Deploy) -> float:
    """Our own code, with its defaults: the decision over everything that Sentry would show."""
    reached = [one.reached for one in judge(PLAN, _seen(deploy), _at(AFTER)) if one.reached is not None]
    return polled(min(reached, default=math.inf))


def ten_in_five_minutes(deploy: Deploy) -> float:
    """As one sets up "N events in M minutes" without knowing the service: some issue has 10 events in 5 minutes."""
    return polled(min((_burst(stream.times, 10, 5.0) for stream in _streams(deploy)), default=math.inf))


def sentry_defaults(deploy: Deploy) -> float:
    """Every new issue, and an issue that is seen more than 10 times in a minute.

    The first is the rule that each project has from its start (Sentry's ``receivers/rules.py``); the second is what its form for
    a new project proposes (``issueAlertOptions.tsx``).
    """
    first = [stream.times[0] for stream in _new(deploy) if len(stream.times)]
    frequent = [_burst(stream.times, 11, 1.0) for stream in _streams(deploy)]
    return polled(min([*first, *frequent], default=math.inf))


def mann_whitney(deploy: Deploy) -> float:
    """Kayenta's judge on counts per minute, once, a quarter of an hour after the deploy against the hour before it.

    As its default configuration has it: 98 % confidence, an alarm when the interval's lower end is above a quarter of the
    Hodges-Lehmann estimate (``NetflixACAJudge``, ``MannWhitneyClassifier``). The metric is all errors of the service.
    """
    before = deploy.before + sum((counts for counts, _ in deploy.others), np.zeros(BEFORE, dtype=np.int64))
    after = np.histogram(np.concatenate([stream.times for stream in _streams(deploy)]), bins=np.arange(16))[0]
    return 15.0 if _is_high(before[-60:].astype(float), after.astype(float)) else math.inf


def _is_high(control: NDArray[np.float64], experiment: NDArray[np.float64]) -> bool:
    differences = np.sort((experiment[:, None] - control[None, :]).ravel())
    count, other = len(experiment), len(control)
    pooled = np.concatenate((experiment, control))
    ties = np.unique(pooled, return_counts=True)[1]
    size = count + other
    variance = count * other / 12 * (size + 1 - float((ties**3 - ties).sum()) / (size * (size - 1)))
    # 98 % two-sided is 99 % to one side.
    place = int(count * other / 2 - 2.326 * math.sqrt(variance))
    if place < 1:
        return False
    return bool(differences[place - 1] > 0.25 * abs(float(np.median(differences))))


def _burst(times: NDArray[np.float64], events: int, minutes: float) -> float:
    if len(times) < events:
        return math.inf
    spans = times[events - 1 :] - times[: len(times) - events + 1]
    found = np.flatnonzero(spans <= minutes)
    return float(times[found[0] + events - 1]) if len(found) else math.inf


def _new(deploy: Deploy) -> list[Stream]:
    return [*deploy.innocent, *(one for one in (deploy.guilty, deploy.shared) if one is not None)]


def _streams(deploy: Deploy) -> list[Stream]:
    return [deploy.after, *(stream for _, stream in deploy.others), *_new(deploy)]


def _seen(deploy: Deploy) -> Seen:
    known = [
        _known(str(number), counts, stream)
        for number, (counts, stream) in enumerate([(deploy.before, deploy.after), *deploy.others])
    ]
    new = [_fresh(f"new-{number}", stream) for number, stream in enumerate(_new(deploy)) if len(stream.times)]
    return Seen(
        issues={one.issue.id: one for one in (*known, *new)},
        failures_before=_failures(deploy.requests_before, deploy.before, start=-BEFORE),
        failures_after=_failures(deploy.requests_after, _per_minute(deploy.after), start=0),
        failures_all=_failures(deploy.requests_all, _per_minute(deploy.after, everybody=True), start=0),
        discovered=deploy.discovered,
        active=len(known),
        history_asked=True,
    )


def _fresh(key: str, stream: Stream) -> SeenIssue:
    """New, unless an older release met it first: then it is known, and had never happened before the deploy."""
    return _issue(key, Novelty.KNOWN, stream, ()) if stream.old[0] else _issue(key, Novelty.NEW, stream, None)


def _known(key: str, counts: NDArray[np.int64], stream: Stream) -> SeenIssue:
    clients = bool((stream.clients >= 0).any())
    before = tuple(
        Tally(_at(minute - BEFORE), _MINUTE, int(count), int(count) if clients else None)
        for minute, count in enumerate(counts)
        if count
    )
    return _issue(key, Novelty.KNOWN, stream, before)


def _issue(key: str, novelty: Novelty, stream: Stream, before: tuple[Tally, ...] | None) -> SeenIssue:
    events = tuple(_occurrences(key, stream))
    first_seen = _at(-60 * 24 * 60) if before else events[0].at if events else None
    issue = Issue(id=key, short_id=key, title=key, culprit=None, project="shop", count=len(events), first_seen=first_seen)
    return SeenIssue(issue, novelty, events, before)


def _occurrences(key: str, stream: Stream) -> Iterator[Occurrence]:
    """Where one client is known all are: who is met once has a name of his own."""
    known = bool((stream.clients >= 0).any())
    for number, (minute, client, old) in enumerate(
        zip(stream.times.tolist(), stream.clients.tolist(), stream.old.tolist(), strict=True)
    ):
        name = (f"client-{client}" if client >= 0 else f"single-{number}") if known else None
        yield Occurrence(f"{key}-{number}", _at(minute), _EARLIER if old else _RELEASE, name)


def _failures(requests: NDArray[np.float64] | None, failed: NDArray[np.int64], *, start: int) -> Failures | None:
    if requests is None:
        return None
    tallies = (
        FailureTally(_at(start + minute), _MINUTE, float(failed[minute]), float(total)) for minute, total in enumerate(requests)
    )
    return Failures("failed HTTP server transactions", tuple(tallies))


def _per_minute(stream: Stream, *, everybody: bool = False) -> NDArray[np.int64]:
    return np.histogram(stream.times if everybody else stream.times[~stream.old], bins=np.arange(AFTER + 1))[0]


def _at(minute: float) -> datetime:
    return _DEPLOYED + _MINUTE * minute
