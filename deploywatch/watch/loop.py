"""Watching: look, decide, tell, wait; until the answer is certain or the time is over.

"I could not see" is never "healthy": every way to end goes through ``decide``, with how well it could see. Whatever may be lost
half-way (an answer, Sentry for minutes, the whole process) changes when something is found, not what is found, because every
look asks for everything since the deploy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from deploywatch.model import WatchResult
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.running import Clock, Watch
from deploywatch.watch.source import CheckpointStore, IssueSource
from deploywatch.watch.tick import Tick

Progress = Callable[[Tick], None]
"""Is told of every look, the last one included."""


def watch(  # noqa: PLR0913 - each is one thing of the world outside
    source: IssueSource,
    plan: WatchPlan,
    *,
    now: Clock,
    sleep: Callable[[float], None],
    progress: Progress = lambda _: None,
    checkpoint: CheckpointStore | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> WatchResult:
    """Watches until there is a verdict.

    ``now`` gives aware UTC times; ``sleep`` takes seconds and may return early; ``stopped`` is asked after each sleep, and a
    stopped watch answers at once with what it has. With a ``checkpoint`` a watch of the same plan goes on where it was killed.
    Raises ``SentryAuthError`` when the first answer of all is that the token will not do, and ``StateError``; any other trouble
    with Sentry is waited out and told in ``blind_spots``.
    """
    (result,) = watch_all([(source, plan)], now=now, sleep=sleep, progress=progress, checkpoint=checkpoint, stopped=stopped)
    return result


def watch_all(
    watches: Sequence[tuple[IssueSource, WatchPlan]],
    *,
    now: Clock,
    sleep: Callable[[float], None],
    progress: Progress = lambda _: None,
    checkpoint: CheckpointStore | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> tuple[WatchResult, ...]:
    """Several watches side by side, each at its own pace; results are in the order of ``watches``. Else as ``watch``."""
    running = [Watch(source, plan, now=now, checkpoint=checkpoint) for source, plan in watches]
    while open_ones := [one for one in running if one.result is None]:
        if stopped():
            for one in open_ones:
                progress(one.stop())
            break
        due = min(open_ones, key=lambda one: one.due_at)
        wait = (due.due_at - now()).total_seconds()
        if wait > 0:
            sleep(wait)
        else:
            progress(due.look())
    return tuple(one.result for one in running if one.result is not None)
