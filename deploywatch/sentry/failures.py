"""The failures of a service as a whole: failed requests where tracing is on, else crashed sessions, else unhandled errors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from deploywatch.errors import SentryAuthError, SentryEndpointMissing, SentryRejected
from deploywatch.sentry.addresses import tell
from deploywatch.sentry.client import Client
from deploywatch.sentry.issues import quoted
from deploywatch.sentry.sessions import CRASHED, TOTAL, session_series
from deploywatch.sentry.stats import Point, Series, SeriesQuery, series
from deploywatch.watch.source import Failures, FailureTally


@dataclass(frozen=True, slots=True)
class Definition:
    """What counts as a failure, and out of how many: axes of a time series, over what any of the searches finds."""

    name: str
    dataset: str
    searches: tuple[str, ...]
    legacy_searches: tuple[str, ...]
    failed: str
    total: str | None

    def axes(self) -> tuple[str, ...]:
        """What to ask for."""
        return (self.failed, self.total) if self.total else (self.failed,)

    def tally(self, point: Point) -> FailureTally:
        """The failures of a point."""
        total = point.values.get(self.total, 0.0) if self.total else None
        return FailureTally(point.start, point.width, point.values.get(self.failed, 0.0), total)


# An error event of Python carries no status code; Sentry's SDKs mark the *request* as failed for 5xx.
REQUESTS: Final = Definition(
    "failed HTTP server transactions",
    "spans",
    ("is_transaction:true span.op:http.server",),
    ("event.type:transaction transaction.op:http.server",),
    failed="failure_count()",
    total="count()",
)
_UNHANDLED: Final = "error.unhandled:1"
_STATUS_5XX: Final = "http.status_code:5*"
ERRORS: Final = Definition("unhandled errors", "errors", (_UNHANDLED,), (_UNHANDLED,), failed="count()", total=None)
# Some SDKs, and what stands before an application, do put the status on the error, handled or not.
ANSWERED: Final = replace(
    ERRORS,
    name="unhandled errors, and errors with an HTTP status of 5xx",
    searches=(_UNHANDLED, _STATUS_5XX),
    legacy_searches=(_UNHANDLED, _STATUS_5XX),
)


# Of web servers a session is a request, and a crashed one ended in an unhandled error.
SESSIONS: Final = Definition("crashed sessions", "sessions", ("",), ("",), failed=CRASHED, total=TOTAL)


class ServiceFailures:
    """Counts failures in an environment and in projects. What counts as one is decided by the first counts, and then stays so."""

    def __init__(self, client: Client, *, environment: str | None, projects: tuple[str, ...]) -> None:
        self._client = client
        self._environment = environment
        self._projects = projects
        self._definition: Definition | None = None
        self._is_able = True

    def count(self, start: datetime, end: datetime, width: timedelta, *, release: str | None) -> Failures | None:
        """Failures in ``[start, end)``, of ``release`` or of all; ``None`` where this server cannot tell.

        Raises ``SentryAuthError``, once, where it is the token that may not.
        """
        if not self._is_able:
            return None
        chosen = self._definition or self._choose(start, end, width)
        try:
            counted = self._series(chosen, start, end, width, release=release)
        except SentryRejected:
            # Also the answer to a question that took too long; so it is asked again next time, in the plainest words.
            self._definition = ERRORS if chosen is ANSWERED else self._definition
            return None
        except SentryEndpointMissing:
            self._is_able = False
            return None
        except SentryAuthError:
            self._is_able = False
            raise
        return Failures(chosen.name, tuple(chosen.tally(point) for point in counted.points), counted.caveats)

    def any_request(self, start: datetime, end: datetime, *, release: str) -> bool:
        """Whether a traced request of the release arrived, as far as this server, or this token, can tell."""
        requests = tell(lambda: self._series(REQUESTS, start, end, timedelta(minutes=15), release=release))
        return requests is not None and requests.total("count()") > 0

    def _choose(self, start: datetime, end: datetime, width: timedelta) -> Definition:
        requests = tell(lambda: self._series(REQUESTS, start, end, width, release=None))
        chosen = REQUESTS if requests and requests.total("count()") > 0 else self._without_tracing(start, end, width)
        if requests is None or requests.points:
            self._definition = chosen
        return chosen

    def _without_tracing(self, start: datetime, end: datetime, width: timedelta) -> Definition:
        sessions = tell(lambda: self._series(SESSIONS, start, end, width, release=None))
        return SESSIONS if sessions and sessions.total(TOTAL) > 0 else ANSWERED

    def _series(self, what: Definition, start: datetime, end: datetime, width: timedelta, *, release: str | None) -> Series:
        def any_of(searches: tuple[str, ...]) -> str:
            return " OR ".join(f"{search} release:{quoted(release)}".strip() if release else search for search in searches)

        query = SeriesQuery(what.dataset, any_of(what.searches), start, end, width, self._environment, self._projects)
        if what is SESSIONS:
            return session_series(self._client, query)
        return series(self._client, replace(query, legacy_text=any_of(what.legacy_searches)), what.axes())
