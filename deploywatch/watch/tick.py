"""What one look of a watch found, for whoever shows progress."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from deploywatch.model import Verdict, WatchResult
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.seen import Seen


@dataclass(frozen=True, slots=True)
class Tick:
    """A look. ``wait`` is until the next one; ``result`` is set on the last.

    ``trouble`` says why this look could not see; ``verdict`` and ``why`` are as far as it can be told yet.
    """

    plan: WatchPlan
    at: datetime
    started_at: datetime
    ends_at: datetime
    polls: int
    seen: Seen
    verdict: Verdict | None
    why: str
    trouble: str | None = None
    wait: timedelta | None = None
    result: WatchResult | None = None

    @property
    def elapsed(self) -> timedelta:
        """Since the watch began."""
        return self.at - self.started_at
