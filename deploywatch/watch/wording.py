"""The watch's sentences. Titles and names in them are raw; whoever shows them escapes them for the medium."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Final, TypeGuard

from deploywatch.durations import format_duration
from deploywatch.model import EndpointShare, Issue, Rate, Regression, RegressionKind
from deploywatch.watch.baselines import control_of, exposure_after
from deploywatch.watch.control import Beside
from deploywatch.watch.health import Power
from deploywatch.watch.judgement import Judgement
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.seen import Seen
from deploywatch.watch.state import Outage, WatchState

EVENTS: Final = "events/min"
COUNT: Final = "events"
SHARE: Final = "share of requests"
_LONGEST_TITLE: Final = 120
_LONGEST_ENDPOINT: Final = 80


def name(issue: Issue) -> str:
    """``SHOP-4F (TypeError: ...)``, the title cut."""
    return f"{issue.short_id} ({_cut(issue.title, _LONGEST_TITLE)})"


def counted(count: float, noun: str) -> str:
    """``1 event``, ``12 events``."""
    return f"{count:,.0f} {noun if round(count) == 1 else noun + 's'}"


def rate(value: float, unit: str) -> str:
    """``3.1 events/min``, ``4.2 % of requests``; of a time that was too short for a rate ``3 events``."""
    if unit == SHARE:
        return f"{value:.2g} of requests" if value == 0 else f"{value * 100:.3g} % of requests"
    if unit == COUNT and value == int(value):
        return counted(value, "event")
    return f"{value:.3g} {unit}"


def against(plan: WatchPlan, judgement: Judgement, value: Rate) -> str:
    """Why an issue counts against the release, with both numbers."""
    if judgement.issue is None or judgement.kind is RegressionKind.SPIKING:
        return _more_often(judgement, value)
    span = timedelta(minutes=judgement.exposure)
    path = judgement.path
    first = timedelta(minutes=path.times[0]) if path else timedelta(0)
    clients = f" from {counted(path.clients, 'client')}" if path and path.clients else ""
    events = max(judgement.issue.count, len(path.events) if path else 0)
    what = "is new in" if judgement.kind is RegressionKind.NEW else "was resolved and is back in"
    return (
        f"{name(judgement.issue)} {what} {plan.release}: {counted(events, 'event')}{clients} "
        f"in {format_duration(span)}, the first one {format_duration(first)} after the deploy"
    )


def _more_often(judgement: Judgement, value: Rate) -> str:
    what = name(judgement.issue) if judgement.issue else f"the service as a whole ({judgement.definition})"
    before = value.before or 0.0
    times = f", {value.after / before:.3g} times as often" if before else ", and it had not happened in the time before"
    ago = "in as long a time before it" if value.unit == COUNT else "before it"
    others = f", {rate(judgement.beside.others_rate, SHARE)} in the releases beside it" if _tells(judgement.beside) else ""
    return f"{what}: {rate(value.after, value.unit)} since the deploy, {rate(before, value.unit)} {ago}{times}{others}"


def _tells(beside: Beside | None) -> TypeGuard[Beside]:
    return beside is not None and beside.others_requests > 0


def shared(plan: WatchPlan, judgement: Judgement) -> str:
    """Why an issue that happens more often is not held against the release."""
    what = name(judgement.issue) if judgement.issue else f"the service as a whole ({judgement.definition})"
    if judgement.kind is RegressionKind.NEW:
        return f"{what} is new, but not in {plan.release} alone: the releases beside it meet it as often per request"
    now = rate(judgement.hits / judgement.exposure, SHARE) if judgement.exposure else ""
    return (
        f"{what}: {now} of {plan.release} since the deploy is more than before it, but the releases before it fail as often per "
        f"request now{_of_others(judgement)}: that speaks for something that they share, and is not held against the release"
    )


def _of_others(judgement: Judgement) -> str:
    beside = judgement.beside
    if not _tells(beside):
        return ""
    return f" ({counted(beside.others_failed, 'time')} in {beside.others_requests:,.0f} requests)"


def failing(found: EndpointShare | None) -> str:
    """``; it fails 18 of 20 requests of POST /checkout (90 %)``; nothing where that is not known, or none of them fails."""
    if found is None or round(found.failed) < 1:
        return ""
    endpoint = _cut(found.endpoint, _LONGEST_ENDPOINT)
    share = f"{found.share * 100:.3g} %"
    if found.is_extrapolated:
        samples = counted(found.samples, "sample")
        return f"; it fails about {found.failed:,.0f} of {found.requests:,.0f} requests of {endpoint} ({share}, from {samples})"
    return f"; it fails {found.failed:,.0f} of {found.requests:,.0f} requests of {endpoint} ({share})"


def known_by(plan: WatchPlan, seen: Seen) -> str:
    """By what the failure rate is known, and whether it is one: without requests there are only counts."""
    failures = seen.failures_before
    if failures is None:
        return (
            "Sentry does not tell the failures of the service as a whole, so each issue was judged by itself, "
            "in events per minute: more traffic looks like more failures"
        )
    exposure = exposure_after(plan, seen)
    if exposure.everybody:
        return (
            f"failures are {failures.definition}; those of {plan.release} are not counted by themselves, so all "
            "releases together were compared with the time before the deploy, out of all their requests"
        )
    if exposure.points is not None:
        beside = ", with the releases that serve beside it as a control" if control_of(plan, seen) else ""
        return f"the failure rate is that of {failures.definition}, out of all requests of the release{beside}"
    return (
        f"failures are {failures.definition}; requests are not counted, "
        "so events per minute were compared: more traffic looks like more failures"
    )


def found(regressions: tuple[Regression, ...]) -> str:
    """The verdict's sentence for a regression: the worst one, and how many more."""
    more = len(regressions) - 1
    return regressions[0].why + (f"; and {counted(more, 'more regression')}" if more else "")


def healthy(watched: timedelta, events: int, could: Power, *, rare: int) -> str:
    """The verdict's sentence for health: what was looked at, what would have been seen, and how many new issues were too rare."""
    unit = SHARE if could.by_request else EVENTS
    new = f"{counted(rare, 'new or returned issue')}, too rare to count, but" if rare else "nothing new, nothing back and"
    return (
        f"{new} nothing more often than before in {format_duration(watched)} "
        f"({counted(events, 'event')} of issues seen); {could.what} rising from {rate(could.before, unit)} to "
        f"{rate(could.doubled, unit)} would have been noticed with a probability of {could.chance:.0%}"
    )


def too_little(plan: WatchPlan, watched: timedelta, could: Power) -> str:
    """Why there is no verdict: too little happened."""
    unit = SHARE if could.by_request else EVENTS
    return (
        f"too little traffic in {format_duration(watched)} to tell: {could.what} rising from {rate(could.before, unit)} to "
        f"{rate(could.doubled, unit)} would have been noticed with a probability of only {math.floor(could.chance * 100)}% "
        f"({plan.health.power:.0%} is asked for); watch longer"
    )


def blind_spots(state: WatchState) -> tuple[str, ...]:
    """When Sentry could not be seen, and since when it knows the environment."""
    sentences = [
        f"Sentry could not be seen {_span(one)} ({one.reason})" + ("" if one.end else ", and not any more until the end")
        for one in state.outages
    ]
    known = state.environment_known
    if known is not None and state.polls > 1 and known > state.started_at and not _was_out(state, known):
        sentences.append(f"the environment was unknown to Sentry for the first {format_duration(known - state.started_at)}")
    return tuple(sentences)


def _span(outage: Outage) -> str:
    start = f"from {outage.start:%H:%M:%S} UTC"
    return f"{start} for {format_duration(outage.end - outage.start)}" if outage.end else start


def _was_out(state: WatchState, known: datetime) -> bool:
    return any(one.start <= known and (one.end is None or one.end >= known) for one in state.outages)


def _cut(text: str, longest: int) -> str:
    """In one line, and not longer than that."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
