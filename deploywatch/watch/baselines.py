"""What was normal before the deploy, for one issue and for the service, and in which unit it is counted.

Nothing has a rate before it existed: a baseline begins with the first event at the earliest, and then that one does not count.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from deploywatch.watch.control import Control
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
    alive = next((number for number, tally in enumerate(tallies) if tally.failed or tally.total), 0)
    tallies = tallies[alive:]
    totals = [tally.total or 0.0 for tally in tallies] if any(tally.total for tally in tallies) else None
    noise = dispersion([tally.failed for tally in tallies], totals)
    start = max(tallies[0].start, _level_start(plan, noise))
    recent = [tally for tally in tallies if tally.start + tally.width > start]
    failed = round(sum(tally.failed for tally in recent))
    if totals:
        return Baseline(failed, sum(tally.total or 0.0 for tally in recent), noise)
    failed -= 1 if failed and alive and len(recent) == len(tallies) else 0
    return Baseline(failed, sum((tally.width for tally in recent), timedelta(0)) / MINUTE, noise)


def exposure_after(plan: WatchPlan, seen: Seen) -> Exposure:
    """The release's requests where they are counted before *and* after the deploy; else those of all releases; else minutes."""
    if not has_requests(seen.failures_before):
        return Exposure()
    if seen.failures_after and has_requests(seen.failures_after):
        return Exposure.of_requests(seen.failures_after.tallies, plan.deployed_at)
    if seen.failures_all and has_requests(seen.failures_all):
        return Exposure.of_requests(seen.failures_all.tallies, plan.deployed_at, everybody=True)
    return Exposure()


def control_of(plan: WatchPlan, seen: Seen) -> Control:
    """When the releases beside are the measure; never where the release's own requests are not counted."""
    if not exposure_after(plan, seen).is_own:
        return Control()
    return Control.of(seen.failures_after, seen.failures_all, plan.deployed_at)


def exposure_alone(plan: WatchPlan, seen: Seen, control: Control) -> Exposure:
    """The exposure while there is no such measure, and only the time before the deploy is one."""
    if not control or seen.failures_after is None:
        return exposure_after(plan, seen)
    tallies = seen.failures_after.tallies
    return Exposure.of_requests(
        tallies, plan.deployed_at, worth=lambda minutes: 1.0 if control.share_at(minutes) is None else 0.0
    )


def has_requests(failures: Failures | None) -> bool:
    """Whether requests are counted, and there were some."""
    return failures is not None and any(tally.total for tally in failures.tallies)


def baseline_of(plan: WatchPlan, seen: Seen, issue: SeenIssue, *, by_client: bool) -> Baseline:
    """How often an issue happened before the deploy."""
    tallies, end = issue.before or (), plan.deployed_at
    born = min(issue.issue.first_seen or end - plan.baseline, end)
    counts = counts_before(tallies, start=max(end - plan.baseline, born), end=end, width=plan.bucket, by_client=by_client)
    noise = dispersion(counts)
    start = max(born, _level_start(plan, noise))
    count = hits_before(tallies, start=start, end=end, by_client=by_client)
    count -= 1 if count and start == born else 0
    requests = _requests_before(plan, seen, start)
    return Baseline(count, (end - start) / MINUTE if requests is None else requests, noise)


def _level_start(plan: WatchPlan, noise: float) -> datetime:
    """From when on the level is taken: noisy counts need longer to show it, and drift matters less in them."""
    return plan.deployed_at - min(plan.baseline, plan.level * noise)


def _requests_before(plan: WatchPlan, seen: Seen, start: datetime) -> float | None:
    if exposure_after(plan, seen).points is None or seen.failures_before is None:
        return None
    tallies = (tally for tally in seen.failures_before.tallies if tally.start + tally.width > start)
    return sum(tally.total or 0.0 for tally in tallies)
