"""When to ask Sentry again, and how long to wait: its own numbers where it gives some, else longer each time.

The loop is our own because no library waits for the server's ``X-Sentry-Rate-Limit-Reset``, keeps an overall deadline and records
every attempt at once.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from deploywatch.http import DEFAULT_TIMEOUT, HttpFailure, Response
from deploywatch.model import Attempt

# Gateways that could not reach the application; what sentry-cli repeats too.
GATEWAY_STATUSES = frozenset({502, 503, 504, 507, 524})
TOO_MANY_REQUESTS = 429
CONFLICT = 409
_SHORTEST = timedelta(seconds=1)


def _ignore(attempt: Attempt) -> None:
    """The observer of somebody who does not want to know."""


@dataclass(frozen=True, slots=True)
class Retry:
    """How patient to be: at most ``attempts`` in all, never a wait that would end after ``deadline`` (from the first attempt).

    Without a number of the server the n-th wait is ``first_wait * 1.5**(n-1)``, at most 5 s (as sentry-cli waits), spread by
    ``jitter`` (in [0, 1)) to 0.75..1.25 of it. The server's number is kept within 1 s and ``longest_wait``. ``timeout`` is for
    each attempt, and ``observe`` gets every one.
    """

    attempts: int = 6
    deadline: timedelta = timedelta(minutes=2)
    first_wait: timedelta = timedelta(seconds=1)
    longest_wait: timedelta = timedelta(seconds=60)
    timeout: timedelta = DEFAULT_TIMEOUT
    jitter: Callable[[], float] = random.random
    observe: Callable[[Attempt], None] = _ignore

    def wait(self, tried: int, outcome: Response | HttpFailure, now: datetime) -> timedelta:
        """How long to wait after ``tried`` attempts of which the last had this outcome."""
        if isinstance(outcome, Response) and (asked := server_wait(outcome, now)) is not None:
            return min(max(asked, _SHORTEST), self.longest_wait)
        growing = min(self.first_wait * 1.5 ** (tried - 1), timedelta(seconds=5))
        return growing * (0.75 + self.jitter() / 2)


@dataclass(frozen=True, slots=True)
class Repeat:
    """What a request may survive. ``always``: asking twice is the same as asking once. ``statuses`` are worth another try.

    A request that must not be done twice is repeated only where it certainly was not done once: it never left, or the rate
    limiter turned it away at the door.
    """

    always: bool = True
    statuses: frozenset[int] = GATEWAY_STATUSES | {TOO_MANY_REQUESTS}

    def allows(self, outcome: Response | HttpFailure) -> bool:
        """Whether to try again after this outcome."""
        if isinstance(outcome, HttpFailure):
            return outcome.transient and (self.always or not outcome.sent)
        return outcome.status in self.statuses and (self.always or outcome.status == TOO_MANY_REQUESTS)


SAFE = Repeat()
ONCE = Repeat(always=False)
# A commits write that timed out at the gateway may still be running, so it is not repeated as it is; 409 says that one runs.
COMMITS = Repeat(statuses=GATEWAY_STATUSES - {504} | {TOO_MANY_REQUESTS, CONFLICT})
# After such a time-out 409 says that the write before is not done yet: whoever asks looks at what came of that first.
COMMITS_LEFT_RUNNING = Repeat(statuses=COMMITS.statuses - {CONFLICT})


def server_wait(response: Response, now: datetime) -> timedelta | None:
    """The wait that the answer asks for: ``Retry-After`` (seconds or a date), else a 429's ``X-Sentry-Rate-Limit-Reset``."""
    if (seconds := _seconds(response.headers, "retry-after")) is not None:
        return timedelta(seconds=seconds)
    if (until := _date(response.headers.get("retry-after", ""))) is not None:
        return until - now
    reset = _seconds(response.headers, "x-sentry-rate-limit-reset")
    if response.status == TOO_MANY_REQUESTS and reset is not None:
        return timedelta(seconds=reset - now.timestamp())
    return None


def quiet_until(response: Response, now: datetime) -> datetime | None:
    """Until when the answer asks not to be bothered: because it says so, or because no request is left before the reset."""
    if (asked := server_wait(response, now)) is not None:
        return now + asked
    reset = _seconds(response.headers, "x-sentry-rate-limit-reset")
    if reset is not None and response.headers.get("x-sentry-rate-limit-remaining") == "0":
        return datetime.fromtimestamp(reset, UTC)
    return None


def server_time(response: Response) -> datetime | None:
    """When the server gave its answer, by its own clock and to the second (aware UTC)."""
    return _date(response.headers.get("date", ""))


def _seconds(headers: Mapping[str, str], name: str) -> float | None:
    try:
        value = float(headers.get(name, ""))
    except ValueError:
        return None
    return value if 0 <= value < 1e11 else None


def _date(value: str) -> datetime | None:
    try:
        return parsedate_to_datetime(value).astimezone(UTC) if value else None
    except (ValueError, TypeError, OverflowError):
        return None
