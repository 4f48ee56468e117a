"""A release in an environment as a watch looks at it: ``watch.source.IssueSource`` over the web API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from deploywatch.errors import SentryRejected
from deploywatch.model import Issue
from deploywatch.sentry import issues
from deploywatch.sentry.addresses import tell
from deploywatch.sentry.buckets import bucketed, continued
from deploywatch.sentry.client import Client
from deploywatch.sentry.endpoints import ReleaseEndpoints
from deploywatch.sentry.events import any_event, occurrences
from deploywatch.sentry.failures import ServiceFailures
from deploywatch.sentry.heard import heard_releases
from deploywatch.sentry.issues import IssueQuery, quoted
from deploywatch.sentry.releases import get_release
from deploywatch.sentry.sessions import session_count
from deploywatch.sentry.stats import SeriesQuery, series
from deploywatch.watch.source import EndpointTally, EventTimes, Failures, Sight, Tally

# For how long back an event proves that events can be seen.
RECENT: Final = timedelta(days=14)
# Events of the last hour tell under which names the SDKs report.
LATELY: Final = timedelta(hours=1)
MAX_OTHERS: Final = 3
MAX_LISTED: Final = 500


class SentryIssueSource:
    """One release in one environment.

    ``projects`` are slugs (none: all that the token sees); ``narrowed`` is added to every search of issues. ``tells_returned``:
    whether the server tells which issues were resolved and came back, ``None`` while no issue has shown it.
    """

    def __init__(
        self, client: Client, *, release: str, environment: str | None, projects: tuple[str, ...] = (), narrowed: str = ""
    ) -> None:
        self._client = client
        self._release = release
        self._environment = environment
        self._projects = projects
        self._narrowed = narrowed
        self._failures = ServiceFailures(client, environment=environment, projects=projects)
        self._endpoints = ReleaseEndpoints(client, release=release, environment=environment, projects=projects)
        self._heard = False
        # Servers that know no substatus (before 2022, GlitchTip) know no search for what came back either, and answer it with
        # an empty list.
        self.tells_returned: bool | None = None

    @property
    def release(self) -> str:
        """The release that it looks at."""
        return self._release

    def can_see(self) -> Sight:
        """See ``IssueSource``. The proof is an event of the last fortnight, or a sign of life of the release itself."""
        self._heard = self._heard or self._release_heard()
        where = f"environment {self._environment}" if self._environment else "any environment"
        newest = any_event(self._client, self._query(self._client.now() - RECENT))
        if newest:
            proof = f"the newest event in {where} is of {newest:%Y-%m-%d %H:%M} UTC"
        elif self._heard:
            proof = f"{self._release} has reported to Sentry"
        else:
            proof = f"Sentry shows no event of any release in {where} in the last {RECENT.days} days"
        others = self._others() if newest and not self._heard else ()
        return Sight(visible=bool(newest) or self._heard, proof=proof, release_heard=self._heard, others=others)

    def new_issues(self, since: datetime) -> tuple[Issue, ...]:
        """See ``IssueSource``."""
        return issues.first_seen_in(self._client, self._query(since), narrowed=self._narrowed)

    def regressed_issues(self, since: datetime) -> tuple[Issue, ...]:
        """See ``IssueSource``."""
        return self._search(f"regressed_in_release:{quoted(self._release)}", since)

    def known_issues(self, since: datetime) -> tuple[Issue, ...]:
        """See ``IssueSource``. The new ones are among them: not every server can leave them out."""
        found = self._search(f"release:{quoted(self._release)}", since)
        for issue in found:
            if issue.status == "unresolved":
                self.tells_returned = bool(self.tells_returned) or issue.substatus is not None
        return found

    def detail(self, issue: Issue) -> Issue:
        """See ``IssueSource``. The counts stay those of the window."""
        whole = issues.issue(self._client, issue.id)
        return replace(whole, count=issue.count, user_count=issue.user_count, last_seen=issue.last_seen or whole.last_seen)

    def event_times(self, issue: Issue, since: datetime) -> EventTimes:
        """See ``IssueSource``."""
        return occurrences(self._client, issue.id, since=since, environment=self._environment)

    def baseline(self, issue: Issue, start: datetime, end: datetime, width: timedelta) -> tuple[Tally, ...]:
        """See ``IssueSource``. Its events one by one, which tells people apart; of a flood the server's counts.

        Where it does not count either, the flood is taken to have been as high before its newest 1000 events.
        """
        times = occurrences(self._client, issue.id, since=start, until=end, environment=self._environment)
        listed = bucketed(times, end, width)
        if times.complete:
            return listed
        counted = self._counted(issue, start, end, width)
        enough = sum(tally.events for tally in counted) >= len(times.events)
        return counted if enough else continued(listed, oldest=min(event.at for event in times.events), start=start, end=end)

    def failures(self, start: datetime, end: datetime, width: timedelta, *, release: str | None) -> Failures | None:
        """See ``IssueSource``. A search of issues cannot be asked of counts, so where one narrows there are none."""
        return None if self._narrowed else self._failures.count(start, end, width, release=release)

    def endpoints(self, names: Sequence[str], start: datetime, end: datetime) -> tuple[EndpointTally, ...] | None:
        """See ``IssueSource``."""
        return self._endpoints.count(names, start, end)

    def discovered(self, start: datetime, end: datetime) -> int | None:
        """See ``IssueSource``. Where there are too many to list, the newest tell how often new ones turned up."""
        listed = self._newest(start, end)
        seen = [issue.first_seen for issue in listed if issue.first_seen]
        if listed and not seen:
            return None
        inside = [at for at in seen if start <= at < end]
        if len(listed) < MAX_LISTED or len(inside) < len(seen):
            return len(inside)
        return round(len(inside) * ((end - start) / max(end - min(inside), timedelta(minutes=1))))

    def active(self, start: datetime, end: datetime) -> int | None:
        """See ``IssueSource``."""
        found = issues.find(self._client, self._query(start, end), self._narrowed, limit=1)
        return len(self._search("", start, end)) if found.hits is None else found.hits

    def wait_hint(self) -> timedelta | None:
        """See ``IssueSource``."""
        return self._client.wait_hint()

    def _query(self, since: datetime, until: datetime | None = None) -> IssueQuery:
        return IssueQuery(self._release, self._environment, self._projects, since, until)

    def _search(self, text: str, since: datetime, until: datetime | None = None) -> tuple[Issue, ...]:
        return issues.search(self._client, self._query(since, until), f"{text} {self._narrowed}".strip())

    def _newest(self, start: datetime, end: datetime) -> tuple[Issue, ...]:
        try:
            return issues.find(self._client, self._query(start, end), self._narrowed, limit=MAX_LISTED, sort="new").issues
        except SentryRejected:
            # GlitchTip has other names for orders.
            return self._search("", start, end)

    def _counted(self, issue: Issue, start: datetime, end: datetime, width: timedelta) -> tuple[Tally, ...]:
        query = SeriesQuery("errors", f"issue:{issue.short_id}", start, end, width, self._environment, self._projects)
        events, people = "count()", "count_unique(user)"
        counted = tell(lambda: series(self._client, query, (events, people)))
        return tuple(
            Tally(point.start, point.width, round(point.values.get(events, 0)), round(point.values.get(people, 0)))
            for point in (counted.points if counted else ())
        )

    def _others(self) -> tuple[str, ...]:
        found = heard_releases(self._client, self._query(self._client.now() - LATELY))
        return tuple(f"{one.version} (last at {one.at:%H:%M} UTC)" for one in found[:MAX_OTHERS])

    def _heard_here(self) -> bool:
        """A release tells its first event anywhere, and one of staging says nothing about production."""
        here = self._query(self._client.now() - RECENT)
        return bool(tell(lambda: issues.search(self._client, here, f"release:{quoted(self._release)}", limit=1)))

    def _release_heard(self) -> bool:
        """An error, a traced request or a session: a healthy release sends none of the first."""
        release = tell(lambda: get_release(self._client, self._release))
        if release and release.first_event and (self._environment is None or self._heard_here()):
            return True
        now = self._client.now()
        yesterday = now - timedelta(days=1)
        if self._failures.any_request(yesterday, now, release=self._release):
            return True
        return bool(tell(lambda: session_count(self._client, self._query(yesterday))))
