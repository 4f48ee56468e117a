"""What a look asks for beyond what it needs: it makes the verdict better, and is not to be had everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from deploywatch.watch.baselines import has_requests
from deploywatch.watch.decide import judge
from deploywatch.watch.endpoints import in_question
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.seen import Seen
from deploywatch.watch.source import IssueSource

Step = Callable[[IssueSource, WatchPlan, Seen, datetime], Iterator[Seen]]
"""Asks, and gives what is seen after each answer. May raise ``SentryError``."""


def _history(source: IssueSource, plan: WatchPlan, seen: Seen, _: datetime) -> Iterator[Seen]:
    """How many issues turned up, and were active, before the deploy: asked once."""
    if not seen.history_asked:
        end = plan.deployed_at
        discovered = source.discovered(end - plan.history, end)
        yield replace(seen, discovered=discovered, active=source.active(end - plan.baseline, end), history_asked=True)


def _failures(source: IssueSource, plan: WatchPlan, seen: Seen, at: datetime) -> Iterator[Seen]:
    start = plan.deployed_at
    if seen.failures_before is None:
        seen = replace(seen, failures_before=source.failures(start - plan.baseline, start, plan.bucket, release=None))
        yield seen
    if seen.failures_before is not None:
        after = source.failures(start, at, plan.bucket, release=plan.release)
        for caveat in after.caveats if after else ():
            seen = seen.with_caveat(caveat)
        seen = replace(seen, failures_after=after)
        yield seen
    if has_requests(seen.failures_before):
        yield replace(seen, failures_all=source.failures(start, at, plan.bucket, release=None))


def _endpoints(source: IssueSource, plan: WatchPlan, seen: Seen, at: datetime) -> Iterator[Seen]:
    """The requests to the endpoints of what is held against the release: one question, and none while there is nothing."""
    if names := in_question(plan, judge(plan, seen, at)):
        yield seen.with_endpoints(source.endpoints(names, plan.deployed_at, at) or ())


HELPFUL: Final[tuple[Step, ...]] = (_history, _failures, _endpoints)
