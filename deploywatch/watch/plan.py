"""What a watch is asked to do: which release, where, for how long, and what counts against it.

The defaults are chosen for a deploy pipeline that waits a quarter of an hour. Where a number is not just a choice, its source
stands beside it; ``ci/bench/detection.py`` shows what they do to false alarms and to delay.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from deploywatch.errors import UsageError
from deploywatch.watch.ignoring import Ignore


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIssueSettings:
    """Issues that nobody saw before this release, and those that it brought back after they had been resolved.

    ``min_events`` and ``min_users`` are the least that may be held against a release, whatever the evidence.
    ``background_per_hour`` is how often an innocent new issue may go on happening; ``discoveries_per_hour`` is how many innocent
    ones turn up, used only where Sentry does not tell how many did so before. ``alpha_share`` is this test's share of the alarms.
    """

    min_events: int = 1
    min_users: int = 0
    background_per_hour: float = 1.0
    discoveries_per_hour: float = 1.0
    alpha_share: float = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownIssueSettings:
    """Issues that were there before. ``min_ratio`` is the effect size floor: how many times as often is worth speaking of."""

    min_events: int = 3
    min_ratio: float = 1.5
    alpha_share: float = 0.45


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureRateSettings:
    """The service as a whole: its failed requests, or all its unhandled errors."""

    min_failures: int = 3
    min_ratio: float = 1.5
    alpha_share: float = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveritySettings:
    """From which rate (events per minute), number of users or share of requests on an issue is high, and critical.

    The share is of the requests to the endpoint that the issue hurts most, as far as it is certain (see ``endpoints``), or of
    the service's. Of fewer than ``min_requests`` to an endpoint no share is told: of fewer than ten a single failure is more
    than the critical tenth. An endpoint of which less than ``low_share`` fails is not critical for its events per minute alone.
    """

    high_per_minute: float = 5.0
    critical_per_minute: float = 30.0
    high_users: int = 20
    critical_users: int = 200
    high_share: float = 0.02
    critical_share: float = 0.1
    min_requests: int = 10
    low_share: float = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthSettings:
    """What must have been possible to see before "healthy" may be said.

    A doubling of what fails anyway, or where less than ``smallest_rate`` events per minute do, so many more (where requests are
    counted: not less than ``smallest_share`` of them nor more than ``largest_share``), would have been seen with the probability
    ``power`` (0.8 as is usual: Cohen 1988, "Statistical power analysis"). ``early`` ends the watch as soon as that holds.
    ``release_heard`` asks for a sign of life of the release itself: where nothing of it ever arrives, its name may be wrong.
    """

    power: float = 0.8
    smallest_rate: float = 1.0
    smallest_share: float = 0.01
    largest_share: float = 0.1
    early: bool = False
    release_heard: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchPlan:
    """One watch. ``projects`` are slugs (none: all that the token sees); ``deployed_at`` is when the release began to serve.

    It lasts ``duration`` from its start, asking every ``interval``. ``skew`` is by how much the clocks of senders may be wrong.
    Before the deploy it looks at ``baseline`` for how noisy the counts are, at the last ``level`` of it for how high they are
    (a rate drifts over a day: the nearer the truer; so many times longer as the counts are noisier than Poisson's), and at
    ``history`` for how often new issues turn up anyway.
    Counts are made in buckets of ``bucket``, and one client counts once in each, so that one user's retries are not an incident.
    ``alpha`` is the share of innocent deploys that may be called a regression. After the first evidence it goes on for ``settle``
    (at most a tenth of the duration), so that counts mean something and what broke beside it is seen too; ``early_stop`` off
    makes it use its whole time. When Sentry cannot be seen at the end it tries for ``grace`` longer.
    ``levels`` (none: all), ``query`` (Sentry's search) and ``ignore`` narrow what counts.
    Raises ``UsageError`` for numbers that make no sense.
    """

    release: str
    environment: str
    deployed_at: datetime
    projects: tuple[str, ...] = ()
    duration: timedelta = timedelta(minutes=15)
    interval: timedelta = timedelta(seconds=15)
    skew: timedelta = timedelta(minutes=1)
    baseline: timedelta = timedelta(hours=4)
    level: timedelta = timedelta(minutes=75)
    history: timedelta = timedelta(days=7)
    bucket: timedelta = timedelta(minutes=1)
    settle: timedelta = timedelta(seconds=30)
    grace: timedelta = timedelta(minutes=2)
    alpha: float = 0.01
    early_stop: bool = True
    new: NewIssueSettings = field(default_factory=NewIssueSettings)
    known: KnownIssueSettings = field(default_factory=KnownIssueSettings)
    failures: FailureRateSettings = field(default_factory=FailureRateSettings)
    severity: SeveritySettings = field(default_factory=SeveritySettings)
    health: HealthSettings = field(default_factory=HealthSettings)
    levels: tuple[str, ...] = ()
    query: str = ""
    ignore: tuple[Ignore, ...] = ()

    def __post_init__(self) -> None:
        for name in ("duration", "interval", "baseline", "level", "history", "bucket"):
            if getattr(self, name) <= timedelta(0):
                raise UsageError(f"the watch's {name} must be longer than nothing", hint="write durations like 90s, 15m or 2h")
        if self.deployed_at.tzinfo is None:
            raise UsageError("the time of the deploy has no time zone", hint="add Z or an offset like +02:00")
        shares = self.new.alpha_share + self.known.alpha_share + self.failures.alpha_share
        if not 0 < self.alpha < 1 or shares > 1.000_001:
            raise UsageError(
                "alpha is a share of deploys, and the tests' shares of it add up to at most 1", hint="alpha is 0.01 unless set"
            )

    @property
    def since(self) -> datetime:
        """From when on events are asked for: the deploy, less what clocks may be wrong."""
        return self.deployed_at - self.skew

    @property
    def settling(self) -> timedelta:
        """How long it goes on after the first evidence."""
        return min(self.settle, self.duration / 10)

    def minutes(self, at: datetime) -> float:
        """Minutes from the deploy to ``at``; 0 for what a wrong clock puts before it."""
        return max(0.0, (at - self.deployed_at) / timedelta(minutes=1))
