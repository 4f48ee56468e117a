"""A world that a watch can look at: a clock that only sleeping moves, and a Sentry that holds what the test says happened."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from deploywatch.errors import SentryError, SentryNotFound, SentryUnknownEnvironment
from deploywatch.model import Issue
from deploywatch.watch.source import EndpointTally, EventTimes, Failures, FailureTally, Occurrence, Sight, Tally

DEPLOYED = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
RELEASE = "shop@2.4.0"
EARLIER = "shop@2.3.9"
ENVIRONMENT = "prod"


class FakeClock:
    """Time that passes only while somebody sleeps."""

    def __init__(self, start: datetime = DEPLOYED) -> None:
        self.time = start
        self.naps: list[float] = []

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.time += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Happening:
    """One event that happens in the world. It shows ``delay`` after it happened (ingestion)."""

    issue: str
    at: datetime
    release: str = RELEASE
    client: str | None = None
    delay: timedelta = timedelta(0)
    endpoint: str | None = None

    @property
    def id(self) -> str:
        return f"{self.issue}-{self.at.isoformat()}-{self.client}-{self.release}"


@dataclass(frozen=True, slots=True)
class Served:
    """Requests that a release served in a bucket, and how many of them failed."""

    start: datetime
    total: float
    failed: float
    release: str = RELEASE


@dataclass
class World:
    """Everything that happens, ever; the source shows what has happened by its clock's time.

    ``about`` fixes an issue's values beyond those that follow from its events; ``elsewhere`` are issues that another
    environment saw earlier; ``returned`` are those that Sentry says were resolved and came back.
    """

    happenings: list[Happening] = field(default_factory=list)
    about: dict[str, dict[str, Any]] = field(default_factory=dict)
    elsewhere: dict[str, tuple[datetime, str]] = field(default_factory=dict)
    returned: set[str] = field(default_factory=set)
    served: list[Served] | None = None
    definition: str = "failed HTTP server transactions"
    environment_from: datetime | None = None
    release_heard: bool = True
    visible: bool = True
    tells_history: bool = True
    lists_events: bool = True
    endpoints: tuple[EndpointTally, ...] | None = None

    def add(self, issue: str, times: Iterable[datetime], **values: Any) -> World:
        self.happenings += [Happening(issue, at, **values) for at in times]
        return self


Fault = Callable[[int, str], SentryError | None]


class FakeSource:
    """An ``IssueSource`` over a ``World``. ``fault(call, method)`` may give the error that a call ends with."""

    def __init__(self, world: World, clock: FakeClock, fault: Fault = lambda _call, _method: None) -> None:
        self.world, self.clock, self.fault = world, clock, fault
        self.calls: list[str] = []
        self.hint: timedelta | None = None
        self._shown_at: datetime | None = None
        self._of = -1

    def can_see(self) -> Sight:
        self._called("can_see")
        heard = self.world.release_heard or any(one.release == RELEASE for one in self._shown())
        return Sight(self.world.visible, "an event of yesterday" if self.world.visible else "none in 30 days", heard)

    def new_issues(self, since: datetime) -> tuple[Issue, ...]:
        self._called("new_issues")
        if self.world.environment_from is not None and self.clock.now() < self.world.environment_from:
            raise SentryUnknownEnvironment("unknown environment", hint="compare its name", status=404)
        return tuple(self._listed(key, since) for key in self._keys() if self._first_here(key) == RELEASE)

    def regressed_issues(self, since: datetime) -> tuple[Issue, ...]:
        self._called("regressed_issues")
        back = (key for key in self._keys() if key in self.world.returned)
        return tuple(self._listed(key, since) for key in back if self._of_release(key, since))

    def known_issues(self, since: datetime) -> tuple[Issue, ...]:
        self._called("known_issues")
        others = (key for key in self._keys() if self._first_here(key) != RELEASE)
        return tuple(self._listed(key, since) for key in others if self._of_release(key, since))

    def detail(self, issue: Issue) -> Issue:
        self._called("detail")
        key = self._key(issue)
        all_events = self._events(key)
        first_seen, first_release = self.world.elsewhere.get(key, (all_events[0].at, self._first_here(key)))
        found = replace(issue, first_seen=first_seen, first_release=first_release, count=len(all_events))
        return replace(found, **self.world.about.get(key, {}))

    def event_times(self, issue: Issue, since: datetime) -> EventTimes:
        self._called("event_times")
        shown = self._shown(since) if self.world.lists_events else ()
        mine = (one for one in shown if one.issue == self._key(issue))
        return EventTimes(tuple(Occurrence(one.id, one.at, one.release, one.client, one.endpoint) for one in mine))

    def baseline(self, issue: Issue, start: datetime, end: datetime, width: timedelta) -> tuple[Tally, ...]:
        self._called("baseline")
        found: dict[datetime, list[Happening]] = {}
        for one in self._shown(start):
            if one.issue == self._key(issue) and one.at < end:
                back = -(-(end - one.at) // width)
                found.setdefault(end - width * back, []).append(one)
        return tuple(Tally(at, width, len(some), _clients(some)) for at, some in sorted(found.items()))

    def failures(self, start: datetime, end: datetime, width: timedelta, *, release: str | None) -> Failures | None:
        self._called("failures")
        if self.world.served is None:
            return None
        inside = [one for one in self.world.served if start <= one.start and one.start + width <= min(end, self.clock.now())]
        mine: dict[datetime, FailureTally] = {}
        for one in (one for one in inside if release in (one.release, None)):
            known = mine.get(one.start, FailureTally(one.start, width, 0.0, 0.0))
            mine[one.start] = replace(known, failed=known.failed + one.failed, total=(known.total or 0.0) + one.total)
        return Failures(self.world.definition, tuple(mine.values()))

    def endpoints(self, names: Sequence[str], start: datetime, end: datetime) -> tuple[EndpointTally, ...] | None:
        self._called("endpoints")
        known = self.world.endpoints
        return None if known is None else tuple(one for one in known if one.endpoint in names)

    def discovered(self, start: datetime, end: datetime) -> int | None:
        self._called("discovered")
        firsts = [self._events(key)[0].at for key in self._keys()]
        return sum(start <= at < end for at in firsts) if self.world.tells_history else None

    def active(self, start: datetime, end: datetime) -> int | None:
        self._called("active")
        active = {one.issue for one in self._shown(start) if one.at < end}
        return len(active) if self.world.tells_history else None

    def wait_hint(self) -> timedelta | None:
        return self.hint

    def _called(self, method: str) -> None:
        self.calls.append(method)
        if error := self.fault(len(self.calls) - 1, method):
            raise error

    def _shown(self, since: datetime | None = None) -> list[Happening]:
        """Oldest first; worked out again only when the time is another."""
        if self._shown_at is not self.clock.now() or self._of != len(self.world.happenings):
            self._shown_at, self._of = self.clock.now(), len(self.world.happenings)
            visible = (one for one in self.world.happenings if one.at + one.delay <= self._shown_at)
            self._by_time = sorted(visible, key=lambda one: one.at)
            self._by_issue: dict[str, list[Happening]] = {}
            for one in self._by_time:
                self._by_issue.setdefault(one.issue, []).append(one)
            self._names = sorted(self._by_issue)
        return self._by_time if since is None else self._by_time[bisect_left(self._by_time, since, key=lambda one: one.at) :]

    def _keys(self) -> list[str]:
        self._shown()
        return self._names

    def _events(self, key: str) -> list[Happening]:
        self._shown()
        return self._by_issue.get(key, [])

    def _key(self, issue: Issue) -> str:
        if issue.short_id not in self._keys():
            raise SentryNotFound(f"no issue {issue.id}", hint="look", status=404)
        return issue.short_id

    def _first_here(self, key: str) -> str:
        return self._events(key)[0].release

    def _of_release(self, key: str, since: datetime) -> bool:
        return any(one.issue == key and one.release == RELEASE for one in self._shown(since))

    def _listed(self, key: str, since: datetime) -> Issue:
        mine = self._events(key)
        inside = [one for one in mine if one.at >= since]
        issue = Issue(
            id=str(sum(map(ord, key))) + key,
            short_id=key,
            title=f"ValueError: {key}",
            culprit=f"shop.{key}",
            project="shop",
            level="error",
            is_unhandled=True,
            count=len(inside),
            user_count=len({one.client for one in inside if one.client}),
            first_seen=self.world.elsewhere.get(key, (mine[0].at, ""))[0],
            last_seen=mine[-1].at,
            error_type="ValueError",
            error_value=key,
        )
        return replace(issue, **self.world.about.get(key, {}))


class FakeStore:
    """A ``CheckpointStore`` in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Mapping[str, Any]] = {}

    def get(self, key: str) -> Mapping[str, Any] | None:
        return self.kept.get(key)

    def put(self, key: str, value: Mapping[str, Any]) -> None:
        self.kept[key] = value


def _clients(some: list[Happening]) -> int | None:
    known = {one.client for one in some if one.client}
    return len(known) or None
