"""A watch in production: what Sentry knows of the deploy, the plan, the loop with its memory, an event for each regression."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from deploywatch.model import WatchResult
from deploywatch.requests import WatchRequest
from deploywatch.sentry.issue_source import SentryIssueSource
from deploywatch.sentry.versions import validate_version
from deploywatch.steps.checkpoint import WatchCheckpoint, unfinished_since
from deploywatch.steps.deployed import last_deployed
from deploywatch.steps.events import with_events
from deploywatch.steps.services import watched_apart
from deploywatch.steps.watch_plan import plan_of
from deploywatch.store.store import Store
from deploywatch.watch.loop import Progress, watch_all
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.together import together

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.sentry.client import Client
    from deploywatch.store.checkpoints import Checkpoints

_NO_RETURNS: Final = (
    "this server does not tell which issues were resolved and came back: they are judged as known ones, by how often they happen"
)


def watch_release(
    setup: Setup, client: Client, request: WatchRequest, progress: Progress, stopped: Callable[[], bool]
) -> WatchResult:
    """Watch ``request.place.release`` in ``request.place.environment`` (both are given), until there is a verdict.

    The services of the configuration are watched side by side, each against its own past. A watch whose process was killed goes
    on. Raises ``SentryAuthError`` for a token that will not do, ``StateError`` where the memory cannot be kept, ``UsageError``
    for numbers that make no sense; other trouble with Sentry is told in the result.
    """
    release, environment = validate_version(request.place.release or ""), request.place.environment
    with Store.open(setup.state_url(), sleep=setup.sleep) as store:
        known = last_deployed(client, release, environment)
        assumed = None if known and known.is_recorded else _assumed(setup, request, store.checkpoints, release)
        deployed_at = assumed or (known.at if known else setup.now())
        plan = plan_of(
            setup.settings.watch, request, release=release, deployed_at=deployed_at, projects=client.connection.projects
        )
        parts = watched_apart(setup.settings.services, plan.projects)
        watches = [_watch(client, plan, projects, environment, share=1 / len(parts)) for _, projects in parts]
        results = watch_all(
            watches,
            now=setup.now,
            sleep=setup.sleep,
            progress=progress,
            checkpoint=WatchCheckpoint(store.checkpoints, release, environment, deployed_at=deployed_at, now=setup.now),
            stopped=stopped,
        )
    result = together({name: result for (name, _), result in zip(parts, results, strict=True)})
    if known is None or known.at != deployed_at:
        result = _with_doubt(result, deployed_at)
    if any(source.tells_returned is False for source, _ in watches):
        result = replace(result, blind_spots=(*result.blind_spots, _NO_RETURNS))
    return with_events(client, replace(result, deployed_at=deployed_at), since=plan.since)


def _watch(
    client: Client, plan: WatchPlan, projects: tuple[str, ...], environment: str | None, *, share: float
) -> tuple[SentryIssueSource, WatchPlan]:
    """One service's watch. Each gets its share of the alarms, so that many services make no more false alarms than one."""
    source = SentryIssueSource(client, release=plan.release, environment=environment, projects=projects, narrowed=plan.query)
    return source, replace(plan, projects=projects, alpha=plan.alpha * share)


def _assumed(setup: Setup, request: WatchRequest, checkpoints: Checkpoints, release: str) -> datetime | None:
    """What a watch that was killed a short while ago took for the time of the deploy: it goes on, whatever is known by now."""
    within = 2 * (request.duration or setup.settings.watch.duration)
    return unfinished_since(checkpoints, release, request.place.environment, within=within, now=setup.now())


def _with_doubt(result: WatchResult, deployed_at: datetime) -> WatchResult:
    doubt = (
        f"Sentry shows no deploy of {result.release} to {result.environment}, so it is taken to have begun at "
        f"{deployed_at:%H:%M:%S} UTC: what it broke before that may pass for old"
    )
    return replace(result, blind_spots=(doubt, *result.blind_spots))
