"""Everything that a watch has seen so far, as one value; what is found later is merged in, in any order, any number of times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from deploywatch.model import Issue
from deploywatch.watch.counting import merge
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.source import EndpointTally, Failures, Occurrence, Sight, Tally


class Novelty(StrEnum):
    """What an issue is to the release, harmless first.

    ``elsewhere``: first seen here with this release, but known from somewhere else before.
    """

    KNOWN = "known"
    ELSEWHERE = "elsewhere"
    REGRESSED = "regressed"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class SeenIssue:
    """An issue with the events since the deploy, oldest first, and those before it (``None``: not asked yet)."""

    issue: Issue
    novelty: Novelty
    events: tuple[Occurrence, ...] = ()
    before: tuple[Tally, ...] | None = None

    @property
    def is_ours(self) -> bool:
        """Whether the release brought it, or brought it back, so that every event counts against it."""
        return self.novelty in (Novelty.NEW, Novelty.REGRESSED)


@dataclass(frozen=True, slots=True)
class Seen:
    """``issues`` by id; ``unread`` are candidates whose detail could not be read yet.

    ``failures_after`` are the release's since the deploy, ``failures_all`` those of all releases since then.
    ``discovered`` and ``active`` are numbers of issues before the deploy; ``None`` is "not known", and ``history_asked`` tells
    whether it was asked for. ``endpoints`` are the release's requests to what the issues that count against it happen in, by
    name. ``caveats`` are sentences about what Sentry could not tell.
    """

    issues: Mapping[str, SeenIssue] = field(default_factory=dict)
    unread: Mapping[str, Issue] = field(default_factory=dict)
    sight: Sight | None = None
    failures_before: Failures | None = None
    failures_after: Failures | None = None
    failures_all: Failures | None = None
    discovered: int | None = None
    active: int | None = None
    history_asked: bool = False
    endpoints: Mapping[str, EndpointTally] = field(default_factory=dict)
    caveats: tuple[str, ...] = ()

    def ours(self) -> tuple[SeenIssue, ...]:
        """The issues that the release brought or brought back, by id."""
        return tuple(seen for _, seen in sorted(self.issues.items()) if seen.is_ours)

    def known(self) -> tuple[SeenIssue, ...]:
        """The other ones, by id."""
        return tuple(seen for _, seen in sorted(self.issues.items()) if not seen.is_ours)

    def event_count(self) -> int:
        """Events since the deploy, of every issue: what was listed or what Sentry counted, whichever is more."""
        return sum(max(seen.issue.count, len(seen.events)) for seen in self.issues.values())

    def with_issue(self, issue: Issue, novelty: Novelty) -> Seen:
        """With ``issue`` as it is now; what is known of its novelty can only become worse."""
        old = self.issues.get(issue.id) or SeenIssue(issue, novelty)
        worst = max(old.novelty, novelty, key=list(Novelty).index)
        new = replace(old, issue=_newer(old.issue, issue), novelty=worst)
        unread = {key: value for key, value in self.unread.items() if key != issue.id}
        return replace(self, issues={**self.issues, issue.id: new}, unread=unread)

    def with_events(self, issue_id: str, events: Iterable[Occurrence]) -> Seen:
        """With more events of a seen issue."""
        seen = self.issues[issue_id]
        return replace(self, issues={**self.issues, issue_id: replace(seen, events=merge(seen.events, events))})

    def with_endpoints(self, tallies: Iterable[EndpointTally]) -> Seen:
        """With newer counts of some endpoints; of the others the former ones stay."""
        return replace(self, endpoints={**self.endpoints, **{tally.endpoint: tally for tally in tallies}})

    def with_caveat(self, sentence: str) -> Seen:
        """With one more thing that Sentry could not tell, said once."""
        return self if sentence in self.caveats else replace(self, caveats=(*self.caveats, sentence))


def novelty(issue: Issue, plan: WatchPlan) -> Novelty:
    """What a candidate is, by its detail: new only if its first release is this one *and* it was never seen before the deploy.

    Sentry's own search gives other sets with and without an environment, so both are compared here. A server that does not
    tell the first release (GlitchTip) is believed about the time alone.
    """
    first_here = issue.first_release in (plan.release, None)
    if issue.first_seen is None:
        return Novelty.NEW if issue.first_release == plan.release else Novelty.ELSEWHERE
    return Novelty.NEW if first_here and issue.first_seen >= plan.since else Novelty.ELSEWHERE


def implied_events(issue: Issue, until: datetime) -> tuple[Occurrence, ...]:
    """Stand-ins for events that Sentry counts but does not list: one at the first sight of the issue, the others at the last."""
    if issue.count < 1:
        return ()
    first, last = issue.first_seen or issue.last_seen or until, issue.last_seen or until
    users = issue.user_count or 0
    return tuple(
        Occurrence(f"{issue.id}#{number}", first if number == 0 else last, client=f"#{number % users}" if users else None)
        for number in range(min(issue.count, _MOST_IMPLIED))
    )


# Enough for any decision; a count of millions shall not become millions of values.
_MOST_IMPLIED = 200


def _newer(old: Issue, new: Issue) -> Issue:
    """Lists know less than details: what only the detail told is kept."""
    return replace(
        new,
        first_release=new.first_release or old.first_release,
        last_release=new.last_release or old.last_release,
        first_seen=min(filter(None, (old.first_seen, new.first_seen)), default=None),
        count=max(old.count, new.count),
        user_count=max((users for users in (old.user_count, new.user_count) if users is not None), default=None),
    )
