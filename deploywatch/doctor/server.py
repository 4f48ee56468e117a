"""The server and the clock: who answers, what it cannot do, whether the times agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from deploywatch.doctor.finding import Code, DoctorFinding
from deploywatch.durations import format_duration

# A page of events that the watch reads again; beyond it what is new may look old.
MOST_SKEW: Final = timedelta(seconds=45)
_DONE_WITHOUT: Final = (
    "nothing: it is done without (the watch counts single events, suspects come from git, the state folder remembers deploys)"
)


@dataclass(frozen=True, slots=True)
class Answering:
    """A server that answered. ``kind`` and ``version`` are its own words, ``""`` where it does not tell; ``took`` is one request.

    ``lacks`` are the parts of the API that it has not; ``region`` is where it says that the organisation lives.
    """

    url: str
    kind: str
    version: str
    took: timedelta
    lacks: Sequence[str] = ()
    region: str | None = None


def server_findings(server: Answering) -> Iterator[DoctorFinding]:
    """Who answers, and what it lacks."""
    what = f"{server.kind} {server.version}".strip() if server.kind else "a server of a version that it does not tell"
    took = round(server.took.total_seconds() * 1000)
    yield DoctorFinding("sentry", Code.SENTRY_REACHED, f"{server.url} answers as {what}, within {took} ms")
    if server.lacks:
        yield DoctorFinding("sentry", Code.SENTRY_LACKS, f"this server has no {', '.join(server.lacks)}", _DONE_WITHOUT)
    if server.region and server.region != server.url:
        yield DoctorFinding(
            "sentry",
            Code.SENTRY_REGION,
            f"the organisation lives at {server.region}, and {server.url} is asked",
            f"set SENTRY_URL to {server.region}, so that no request goes a way round or is redirected",
        )


def doubts(warnings: Sequence[str]) -> Iterator[DoctorFinding]:
    """What is odd about how Sentry is reached."""
    for warning in warnings:
        yield DoctorFinding("sentry", Code.SENTRY_DOUBTFUL, warning, "correct SENTRY_URL, SENTRY_ORG or the token")


def clock_findings(skew: timedelta | None) -> Iterator[DoctorFinding]:
    """``skew`` is how far Sentry's clock is ahead of this machine's, ``None`` where it did not say."""
    if skew is None:
        yield DoctorFinding("clock", Code.CLOCK_UNTOLD, "the server's answers bear no date, so the clocks could not be compared")
    elif abs(skew) <= MOST_SKEW:
        yield DoctorFinding("clock", Code.CLOCK_RIGHT, "this machine's clock agrees with Sentry's")
    else:
        way = "behind" if skew > timedelta(0) else "ahead of"
        yield DoctorFinding(
            "clock",
            Code.CLOCK_WRONG,
            f"this machine's clock is {format_duration(abs(skew))} {way} Sentry's: what is new may look old, and what is old new",
            "set the clock by a time server (timedatectl set-ntp true)",
        )
