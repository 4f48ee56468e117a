"""Times and traffic for the tests of watching."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from deploywatch.watch.plan import WatchPlan
from tests.fakes.watching import DEPLOYED, EARLIER, ENVIRONMENT, RELEASE, World


def after(**delta: float) -> datetime:
    """So long after the deploy; negative is before it."""
    return DEPLOYED + timedelta(**delta)


def plan(**changes) -> WatchPlan:
    return WatchPlan(
        **({"release": RELEASE, "environment": ENVIRONMENT, "deployed_at": DEPLOYED, "projects": ("shop",)} | changes)
    )


def every(seconds: float, *, start: datetime, end: datetime) -> Iterator[datetime]:
    """Evenly, from half an interval after ``start``."""
    at = start + timedelta(seconds=seconds / 2)
    while at < end:
        yield at
        at += timedelta(seconds=seconds)


def poisson(per_minute: float, *, start: datetime, end: datetime, seed: int) -> Iterator[datetime]:
    """At random, as independent people do."""
    source, at = random.Random(seed), start
    while True:
        at += timedelta(minutes=source.expovariate(per_minute))
        if at >= end:
            return
        yield at


def steady_world(*, seed: int = 1, per_minute: float = 2.0) -> World:
    """A service with one known issue that goes on as ever, before and after the deploy."""
    world = World()
    world.add("KNOWN", poisson(per_minute, start=after(hours=-4), end=after(), seed=seed), release=EARLIER)
    return world.add("KNOWN", poisson(per_minute, start=after(), end=after(minutes=30), seed=seed + 1))
