"""deploywatch.toml and the command line -> the plan of a watch."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from deploywatch.requests import WatchRequest
from deploywatch.settings import Watch
from deploywatch.watch.ignoring import Ignore
from deploywatch.watch.plan import (
    FailureRateSettings,
    HealthSettings,
    KnownIssueSettings,
    NewIssueSettings,
    SeveritySettings,
    WatchPlan,
)

# A watch that cannot see at its end must not go on for longer than it was to last.
_LONGEST_GRACE: Final = timedelta(minutes=2)
ANYWHERE: Final = "any environment"
"""What stands in sentences where no environment is asked about."""


def plan_of(
    settings: Watch, request: WatchRequest, *, release: str, deployed_at: datetime, projects: tuple[str, ...] = ()
) -> WatchPlan:
    """The plan; what the request says goes before the settings, and both searches apply. Raises ``UsageError``."""
    duration = settings.duration if request.duration is None else request.duration
    return WatchPlan(
        release=release,
        environment=request.place.environment or ANYWHERE,
        deployed_at=deployed_at,
        projects=projects,
        duration=duration,
        interval=settings.every if request.every is None else request.every,
        grace=min(_LONGEST_GRACE, duration),
        alpha=settings.alpha,
        new=NewIssueSettings(min_events=settings.min_events, min_users=settings.min_users),
        known=KnownIssueSettings(min_ratio=settings.min_ratio),
        failures=FailureRateSettings(min_ratio=settings.min_ratio),
        severity=SeveritySettings(**settings.severity.model_dump()),
        health=HealthSettings(power=settings.power, early=settings.stop_when_healthy),
        levels=settings.levels,
        query=" ".join(filter(None, (settings.query, request.query))),
        ignore=tuple(Ignore(**rule.model_dump()) for rule in settings.ignore),
    )
