"""What speaks against one issue, or against the service, and since when it says enough.

The evidence is worked out at every event, as if somebody had looked at each of them. So the answer depends on the events alone,
not on when Sentry was asked, in which order they arrived, or for how long it could not be reached; and as the tests may be looked
at at any time, looking at all times costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from deploywatch.model import Issue, RegressionKind
from deploywatch.watch.control import Beside
from deploywatch.watch.counting import Baseline, hits, since_deploy
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.seen import SeenIssue, implied_events
from deploywatch.watch.source import Occurrence, Tally


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One issue (``None``: the service as a whole) and what speaks against it.

    ``evidence`` is as of now and ``needed`` what it must reach; ``reached`` is when it first did, in minutes since the deploy,
    or ``None``. ``hits`` are the events that count, in ``exposure`` minutes, or requests if ``by_request``.
    ``path`` holds all events since the deploy, and ``before`` the buckets before it. ``definition`` says what counts as a
    failure of the service. ``beside`` is what happened in the releases beside it, where those are the measure; it is ``shared``
    if they are why it is not held against the release.
    """

    kind: RegressionKind
    issue: Issue | None
    evidence: float
    needed: float
    reached: float | None
    hits: float
    exposure: float
    by_request: bool = False
    baseline: Baseline | None = None
    path: Path | None = None
    before: tuple[Tally, ...] = ()
    definition: str = ""
    beside: Beside | None = None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Path:
    """An issue's ``events`` since the deploy, oldest first, and the ``times`` (minutes since it, rising) of those that count.

    ``others`` are the times of those of other releases, where only the release's own count.
    """

    events: tuple[Occurrence, ...]
    times: tuple[float, ...]
    clients: int | None
    others: tuple[float, ...] = ()

    @classmethod
    def of(cls, plan: WatchPlan, seen: SeenIssue, at: datetime, *, by_client: bool, own: bool, named: bool = False) -> Path:
        """Of the release itself if ``own``, else of whichever release; what Sentry counts but does not list is stood in for.

        An event that names no release is the release's own, unless others serve beside it whose requests are counted (``named``).
        """
        listed = seen.events or (implied_events(seen.issue, at) if seen.is_ours else ())
        events = since_deploy(listed, release=plan.release, deployed_at=plan.deployed_at, until=at)
        ours = (plan.release,) if named and seen.events else (plan.release, None)
        mine = tuple(event for event in events if event.release in ours) if own else events
        others = tuple(event for event in events if event.release not in ours) if own else ()
        clients = len({event.client for event in mine if event.client is not None})
        times = hits(mine, deployed_at=plan.deployed_at, width=plan.bucket, by_client=by_client)
        elsewhere = hits(others, deployed_at=plan.deployed_at, width=plan.bucket, by_client=by_client)
        return cls(mine, times, max(clients, seen.issue.user_count or 0) or None, elsewhere)
