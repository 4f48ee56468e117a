"""How long to wait until the next look."""

from __future__ import annotations

from datetime import datetime, timedelta

from deploywatch.watch.plan import WatchPlan

_MOST_DOUBLINGS = 2


def next_wait(plan: WatchPlan, *, at: datetime, ends_at: datetime, failures: int, hint: timedelta | None) -> timedelta:
    """The plan's interval, doubled for each of the last ``failures`` but at most twice, and never less than Sentry's ``hint``.

    The last look falls on ``ends_at``: a wait is cut to it, or stretched where only a stub of an interval would be left.
    After it (in the grace that blindness gets) it is the plain interval. Sentry's hint is obeyed even beyond the end.
    """
    wait = plan.interval * (1 << min(failures, _MOST_DOUBLINGS))
    left = ends_at - at
    if left > timedelta(0):
        if left - wait < plan.interval / 2:
            wait = left
    else:
        wait = plan.interval
    return max(wait, hint or timedelta(0))
