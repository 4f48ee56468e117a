"""Fewer messages: one per incident and not per issue, a budget per owner, quiet at night; and nothing is ever dropped unsaid."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from deploywatch.model import RankingVerdict, Regression, Severity
from deploywatch.watch.findings import worst_first

_DEEPEST: Final = 5
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Incident:
    """Regressions with one cause, worst first. ``key`` stays the same while it goes on, so that updates find their thread."""

    key: str
    regressions: tuple[Regression, ...]

    @property
    def severity(self) -> Severity:
        """That of its worst regression."""
        return self.regressions[0].severity

    @property
    def owners(self) -> tuple[str, ...]:
        """Everybody who owns one of its regressions, once; "" where nobody was looked for."""
        found = (name for regression in self.regressions for name in (regression.owner.names if regression.owner else ("",)))
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From ``start`` to ``end`` by the clock of ``zone``, over midnight where ``end`` is the earlier one."""

    start: time
    end: time
    zone: tzinfo

    def covers(self, at: datetime) -> bool:
        """Whether people want to sleep at the moment ``at``."""
        clock = at.astimezone(self.zone).time()
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseSettings:
    """At most ``per_hour`` new incidents to one owner in any hour; the same one again only after ``cool_down``, or if worse."""

    per_hour: int = 5
    cool_down: timedelta = timedelta(minutes=30)
    quiet: QuietHours | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A message that went out: about which incident, to which owner, when, and how severe it was then.

    ``in_digest``: together with others, which does not count against the owner's budget.
    """

    key: str
    owner: str
    at: datetime
    severity: Severity
    in_digest: bool = False


class Way(StrEnum):
    """What becomes of an incident: a message of its own, a word in its thread, a line in the next digest, or a later one."""

    MESSAGE = "message"
    UPDATE = "update"
    DIGEST = "digest"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Sending:
    """What to do about one incident for one owner. ``why`` is set where it is held back; ``until`` when to ask again."""

    incident: Incident
    owner: str
    way: Way
    why: str = ""
    until: datetime | None = None


@dataclass(slots=True)
class _Ledger:
    """What was said to one owner, and what has been decided to be said now."""

    said: list[Said] = field(default_factory=list)

    def last(self, key: str) -> Said | None:
        return max((one for one in self.said if one.key == key), key=lambda one: one.at, default=None)

    def opened_since(self, moment: datetime) -> int:
        firsts: dict[str, datetime] = {}
        for one in (one for one in self.said if not one.in_digest):
            firsts[one.key] = min(one.at, firsts.get(one.key, one.at))
        return sum(at > moment for at in firsts.values())

    def digest_due(self, at: datetime) -> datetime | None:
        """When the next digest may go out, an hour after the last; ``None`` is now."""
        last = max((one.at for one in self.said if one.in_digest), default=None)
        return last + _HOUR if last is not None and at < last + _HOUR else None


def incidents(regressions: Iterable[Regression]) -> tuple[Incident, ...]:
    """The regressions by cause, worst first: the commit that is named for them, else the stack, the culprit, or each alone."""
    groups: dict[str, list[Regression]] = {}
    for regression in sorted(regressions, key=worst_first):
        groups.setdefault(_cause(regression), []).append(regression)
    return tuple(Incident(hashlib.sha256(cause.encode()).hexdigest()[:16], tuple(group)) for cause, group in groups.items())


def sendings(found: Sequence[Incident], said: Iterable[Said], settings: NoiseSettings, at: datetime) -> tuple[Sending, ...]:
    """What to do about each incident for each of its owners now, worst first, by what was said before.

    What is critical is always said at once. An incident that was told of gets updates in its thread: after the cool-down, or at
    once if it got worse. A new one gets a message while its owner's budget lasts, and a line in the digest afterwards.
    """
    ledgers: dict[str, _Ledger] = {}
    for one in said:
        ledgers.setdefault(one.owner, _Ledger()).said.append(one)
    answer = []
    for incident in sorted(found, key=lambda one: worst_first(one.regressions[0])):
        for owner in incident.owners:
            ledger = ledgers.setdefault(owner, _Ledger())
            sending = _sending(incident, owner, ledger, settings, at)
            if sending.way in (Way.MESSAGE, Way.UPDATE):
                ledger.said.append(Said(incident.key, owner, at, incident.severity))
            answer.append(sending)
    return tuple(answer)


def _sending(incident: Incident, owner: str, ledger: _Ledger, settings: NoiseSettings, at: datetime) -> Sending:
    last = ledger.last(incident.key)
    steps = list(Severity)
    is_worse = last is not None and steps.index(incident.severity) > steps.index(last.severity)
    way = Way.MESSAGE if last is None else Way.UPDATE
    if incident.severity is Severity.CRITICAL and (last is None or is_worse):
        return Sending(incident, owner, way)
    if settings.quiet is not None and settings.quiet.covers(at) and incident.severity is not Severity.CRITICAL:
        return Sending(incident, owner, Way.WAIT, "quiet hours", _end_of_quiet(settings.quiet, at))
    if last is not None and not is_worse and at < last.at + settings.cool_down:
        return Sending(incident, owner, Way.WAIT, "said a short while ago", last.at + settings.cool_down)
    if last is None and ledger.opened_since(at - _HOUR) >= settings.per_hour:
        return Sending(incident, owner, Way.DIGEST, f"more than {settings.per_hour} incidents in an hour", ledger.digest_due(at))
    return Sending(incident, owner, way)


def _cause(regression: Regression) -> str:
    ranking = regression.ranking
    if ranking is not None and ranking.verdict is RankingVerdict.SUSPECT and ranking.first is not None:
        return f"commit {ranking.first.commit.sha}"
    issue = regression.issue
    if stack := _stack(regression):
        return f"stack {issue.project} {stack}"
    return f"culprit {issue.project} {issue.culprit}" if issue.culprit else f"issue {issue.id}"


def _stack(regression: Regression) -> str:
    """The innermost frames of the application by name, without line numbers: those move with every change."""
    final = regression.event.stacktrace.final if regression.event else None
    frames = [frame for frame in reversed(final.frames) if frame.in_app is not False] if final else []
    names = [f"{frame.path or frame.module}:{frame.function}" for frame in frames[:_DEEPEST] if frame.function]
    return " ".join(names)


def _end_of_quiet(quiet: QuietHours, at: datetime) -> datetime:
    here = at.astimezone(quiet.zone)
    end = here.replace(hour=quiet.end.hour, minute=quiet.end.minute, second=quiet.end.second, microsecond=0)
    return end if end > here else end + timedelta(days=1)
