"""One look at Sentry: asks what is new since the last one, and keeps whatever it got when an answer fails half-way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from deploywatch.errors import SentryEndpointMissing, SentryError, SentryNotFound, SentryUnavailable
from deploywatch.model import Issue
from deploywatch.watch.baselines import baseline_of, exposure_after
from deploywatch.watch.extras import HELPFUL, Step
from deploywatch.watch.health import is_release_heard
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.seen import Novelty, Seen, SeenIssue, novelty
from deploywatch.watch.source import IssueSource

# Events may arrive late and out of order. Up to a page of them are read again each time; of more, so much before the newest.
_PAGE: Final = 100
_LATENESS: Final = timedelta(minutes=5)
# Of an issue with so many events, more make no difference to any decision.
_ENOUGH_EVENTS: Final = 1000
_MOST_BASELINES: Final = 20
# A known issue is read event by event once it happens so many times as often as before.
_WORTH_READING: Final = 1.2


@dataclass(frozen=True, slots=True)
class Look:
    """What is seen after a look. ``trouble``: why it was not a whole one. ``environment_known``: ``None`` if nobody answered."""

    seen: Seen
    trouble: SentryError | None = None
    environment_known: bool | None = None

    @property
    def is_whole(self) -> bool:
        """Whether everything that the verdict rests on was answered. An unknown environment is an answer."""
        return self.trouble is None or self.environment_known is False


def take_look(source: IssueSource, plan: WatchPlan, seen: Seen, at: datetime) -> Look:
    """Asks everything that may have changed until ``at``. Raises nothing of Sentry's.

    Each step gives what is seen after each answer, so that an error loses only what was not answered.
    """
    environment_known = None
    try:
        for step in _NEEDED:
            for newer in step(source, plan, seen, at):
                seen, environment_known = newer, True
    except SentryNotFound as error:
        return Look(seen, error, environment_known or False)
    except SentryError as error:
        return Look(seen, error, environment_known)
    return _extras(source, plan, seen, at)


def _extras(source: IssueSource, plan: WatchPlan, seen: Seen, at: datetime) -> Look:
    """What makes the verdict better and is not to be had everywhere: to miss it is told, and is not to be blind."""
    for step in HELPFUL:
        try:
            for newer in step(source, plan, seen, at):
                seen = newer
        except SentryError as error:
            seen = seen.with_caveat(error.message)
            if isinstance(error, SentryUnavailable) and not isinstance(error, SentryEndpointMissing):
                break
    return Look(seen, environment_known=True)


def _candidates(source: IssueSource, plan: WatchPlan, seen: Seen, _: datetime) -> Iterator[Seen]:
    """New issues as Sentry lists them; each is looked up once to see whether it is new indeed."""
    listed = source.new_issues(plan.since)
    seen = _noted(seen, listed)
    yield seen
    for issue in listed:
        if issue.id in seen.unread:
            seen = _read(source, plan, seen, issue)
            yield seen


def _returned(source: IssueSource, plan: WatchPlan, seen: Seen, _: datetime) -> Iterator[Seen]:
    for issue in source.regressed_issues(plan.since):
        seen = seen.with_issue(issue, Novelty.REGRESSED)
    yield seen


def _others(source: IssueSource, plan: WatchPlan, seen: Seen, _: datetime) -> Iterator[Seen]:
    """Known issues; one that was first seen after the deploy is a candidate whatever list it stands in."""
    listed = source.known_issues(plan.since)
    young = tuple(issue for issue in listed if issue.first_seen is not None and issue.first_seen >= plan.since)
    seen = _noted(seen, young)
    for issue in listed:
        if issue not in young:
            seen = seen.with_issue(issue, Novelty.KNOWN)
    yield seen
    for issue in young:
        if issue.id in seen.unread:
            seen = _read(source, plan, seen, issue)
            yield seen


def _sight(source: IssueSource, plan: WatchPlan, seen: Seen, _: datetime) -> Iterator[Seen]:
    if seen.sight is None or not seen.sight.visible or (plan.health.release_heard and not is_release_heard(seen)):
        yield replace(seen, sight=source.can_see())


def _baselines(source: IssueSource, plan: WatchPlan, seen: Seen, _: datetime) -> Iterator[Seen]:
    """The time before the deploy of every issue that happens since, the busiest first; asked once each, a few in every look."""
    unasked = [one for one in seen.known() if one.before is None and one.issue.count]
    end = plan.deployed_at
    for one in sorted(unasked, key=lambda one: -one.issue.count)[:_MOST_BASELINES]:
        try:
            tallies = source.baseline(one.issue, end - plan.baseline, end, plan.bucket)
        except SentryNotFound:
            seen = seen.with_caveat(_gone(one.issue))
        else:
            seen = replace(seen, issues={**seen.issues, one.issue.id: replace(one, before=tallies)})
        yield seen


def _events(source: IssueSource, plan: WatchPlan, seen: Seen, at: datetime) -> Iterator[Seen]:
    """The events of the issues that count already or soon might; not of those where nothing has changed since."""
    for one in (*seen.ours(), *seen.known()):
        if _is_worth_reading(plan, seen, one, at):
            since = plan.since if len(one.events) <= _PAGE else max(plan.since, one.events[-1].at - _LATENESS)
            try:
                found = source.event_times(one.issue, since)
            except SentryNotFound:
                seen = seen.with_caveat(_gone(one.issue))
            else:
                seen = seen.with_events(one.issue.id, found.events)
            yield seen


_NEEDED: Final[tuple[Step, ...]] = (_candidates, _returned, _others, _sight, _baselines, _events)


def _noted(seen: Seen, listed: tuple[Issue, ...]) -> Seen:
    """With the present counts of the candidates, and those that are not looked up yet put down as such."""
    for issue in listed:
        known = seen.issues.get(issue.id)
        if known is None or known.novelty is Novelty.KNOWN:
            seen = replace(seen, unread={**seen.unread, issue.id: issue})
        else:
            seen = seen.with_issue(issue, known.novelty)
    return seen


def _read(source: IssueSource, plan: WatchPlan, seen: Seen, listed: Issue) -> Seen:
    try:
        detail = source.detail(listed)
    except SentryNotFound:
        unread = {key: issue for key, issue in seen.unread.items() if key != listed.id}
        return replace(seen, unread=unread).with_caveat(_gone(listed))
    # A detail counts the whole life of the issue, the list only what happened since the deploy.
    issue = replace(detail, count=listed.count, user_count=listed.user_count, last_seen=listed.last_seen or detail.last_seen)
    return seen.with_issue(issue, novelty(issue, plan))


def _gone(issue: Issue) -> str:
    return f"{issue.short_id} was listed, and then Sentry did not know it (deleted or merged?)"


def _is_worth_reading(plan: WatchPlan, seen: Seen, one: SeenIssue, at: datetime) -> bool:
    if len(one.events) >= min(one.issue.count, _ENOUGH_EVENTS):
        return False
    if one.is_ours:
        return True
    if one.before is None:
        return False
    expected = baseline_of(plan, seen, one, by_client=False).rate * exposure_after(plan, seen).until(plan.minutes(at))
    return one.issue.count >= _WORTH_READING * expected
