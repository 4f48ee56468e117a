"""What was normal before the deploy, for one issue and for the service, and in which unit it is counted."""

from __future__ import annotations

from datetime import datetime, timedelta

from deploywatch.watch.counting import MINUTE, Baseline, Exposure, counts_before, hits_before
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.seen import Seen, SeenIssue
from deploywatch.watch.sequential import dispersion
from deploywatch.watch.source import Failures


def failure_baseline(plan: WatchPlan, failures: Failures | None) -> Baseline | None:
    """How often the service failed before the deploy, per request if those are counted; ``None`` without any bucket."""
    if failures is None or not failures.tallies:
        return None
    tallies = sorted(failures.tallies, key=lambda tally: tally.start)
    totals = [tally.total or 0.0 for tally in tallies] if any(tally.total for tally in tallies) else None
    recent = [tally for tally in tallies if tally.start + tally.width > plan.deployed_at - plan.level]
    failed = sum(tally.failed for tally in recent)
    exposure = sum(tally.total or 0.0 for tally in recent) if totals else sum((t.width for t in recent), timedelta(0)) / MINUTE
    return Baseline(round(failed), exposure, dispersion([tally.failed for tally in tallies], totals))


def exposure_after(plan: WatchPlan, seen: Seen) -> Exposure:
    """Requests where they are counted before *and* after the deploy, else minutes."""
    before, after = seen.failures_before, seen.failures_after
    if before and after and any(tally.total for tally in before.tallies) and any(tally.total for tally in after.tallies):
        return Exposure.of_requests(after.tallies, plan.deployed_at)
    return Exposure()


def baseline_of(plan: WatchPlan, seen: Seen, issue: SeenIssue, *, by_client: bool) -> Baseline:
    """How often an issue happened before the deploy, since its first event at the earliest."""
    tallies, end = issue.before or (), plan.deployed_at
    born = issue.issue.first_seen or end - plan.baseline
    start = max(end - plan.level, min(born, end))
    count = hits_before(tallies, start=start, end=end, by_client=by_client)
    # What made it known began its time and is no event in it.
    count -= 1 if count and start == born else 0
    noise = counts_before(
        tallies, start=max(end - plan.baseline, min(born, end)), end=end, width=plan.bucket, by_client=by_client
    )
    requests = _requests_before(plan, seen, start)
    return Baseline(count, (end - start) / MINUTE if requests is None else requests, dispersion(noise))


def _requests_before(plan: WatchPlan, seen: Seen, start: datetime) -> float | None:
    if exposure_after(plan, seen).points is None or seen.failures_before is None:
        return None
    tallies = (tally for tally in seen.failures_before.tallies if tally.start + tally.width > start)
    return sum(tally.total or 0.0 for tally in tallies)
