"""One look, now: at what a release brought, or at one issue. It does not wait, and claims no more than it saw."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from deploywatch.errors import SentryError, UsageError
from deploywatch.model import Issue, RegressionKind, Verdict, WatchResult
from deploywatch.requests import InvestigateRequest, WatchRequest
from deploywatch.sentry.events import latest_event
from deploywatch.sentry.issue_source import SentryIssueSource
from deploywatch.sentry.issues import issue as find_issue
from deploywatch.sentry.versions import validate_version
from deploywatch.steps.deployed import first_deployed
from deploywatch.steps.events import with_events
from deploywatch.steps.one_issue import REGRESSED, examine
from deploywatch.steps.watch_plan import plan_of
from deploywatch.watch import wording
from deploywatch.watch.decide import Ending, decide, judge
from deploywatch.watch.doubts import View
from deploywatch.watch.findings import regression, worst_first
from deploywatch.watch.look import Look, take_look
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.seen import Seen

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.sentry.client import Client

# Plans of Sentry keep events for 30 days or more; what is older cannot be counted.
_FURTHEST: Final = timedelta(days=30)
_BROUGHT: Final = (RegressionKind.NEW, RegressionKind.REGRESSED)


def look_now(setup: Setup, client: Client, request: InvestigateRequest) -> WatchResult:
    """What there is now of one issue (``request.issue``), or of everything that ``request.place.release`` brought.

    The environment may be missing: then it is any. An issue that is asked for by name is told of even where the release is not
    shown to be to blame, and ``why`` says so. Raises ``UsageError`` where no release is named or known, and ``SentryError`` where
    nothing could be seen.
    """
    place = replace(request.place, environment=setup.environment_or_none(request.place.environment))
    asked = find_issue(client, request.issue) if request.issue else None
    release = place.release or (_release_of(client, asked, place.environment) if asked else None)
    if not release:
        raise _nothing_to_look_at(asked)
    plan = plan_of(
        setup.settings.watch,
        WatchRequest(place=place),
        release=validate_version(release),
        deployed_at=_began(client, release, place.environment, asked),
        projects=client.connection.projects,
    )
    source = SentryIssueSource(
        client, release=plan.release, environment=place.environment, projects=plan.projects, narrowed=plan.query
    )
    result = examine(plan, source, asked, client.now()) if asked else _brought(plan, source, client.now())
    return with_events(client, replace(result, environment=place.environment or ""), since=plan.since)


def _brought(plan: WatchPlan, source: SentryIssueSource, at: datetime) -> WatchResult:
    """Everything new, whatever its evidence: whoever asks wants to see it all."""
    look = take_look(source, plan, Seen(), at)
    judged = [one for one in judge(plan, look.seen, at) if one.reached is not None or one.kind in _BROUGHT]
    found = tuple(sorted((regression(plan, one, at, look.seen.endpoints) for one in judged), key=worst_first))
    if not found and look.trouble and not look.is_whole:
        raise look.trouble
    view = View(plan.deployed_at, last_look=at, environment_known=look.environment_known is not False)
    decision = decide(plan, look.seen, view, at=at, ending=Ending.OVER)
    return WatchResult(
        release=plan.release,
        environment=plan.environment,
        verdict=Verdict.REGRESSION if found else decision.verdict or Verdict.INCONCLUSIVE,
        why=wording.found(found) if found else decision.why,
        started_at=at,
        ended_at=at,
        regressions=found,
        events_seen=look.seen.event_count(),
        polls=1,
        blind_spots=_blind_spots(look),
        notes=decision.notes if not found else (),
        deployed_at=plan.deployed_at,
    )


def _blind_spots(look: Look) -> tuple[str, ...]:
    trouble = (look.trouble.message,) if look.trouble and not look.is_whole else ()
    return (*trouble, *look.seen.caveats)


def _began(client: Client, release: str, environment: str | None, asked: Issue | None) -> datetime:
    """Since when its events count: since the release was there, and where it brought the issue, since that was first seen."""
    known = first_deployed(client, release, environment)
    moments = [known.at] if known else []
    if asked and asked.first_seen and (known is None or asked.first_release in (release, None)):
        moments.append(asked.first_seen)
    return max(min(moments, default=client.now() - _FURTHEST), client.now() - _FURTHEST)


def _release_of(client: Client, issue: Issue, environment: str | None) -> str | None:
    """The release that brought the issue, or where it came back, the one in which it happens now."""
    if issue.first_release and issue.substatus != REGRESSED:
        return issue.first_release
    try:
        latest = latest_event(client, issue.id, environment=environment)
    except SentryError:
        latest = None
    return (latest.release if latest else None) or issue.last_release or issue.first_release


def _nothing_to_look_at(asked: Issue | None) -> UsageError:
    if asked:
        return UsageError(f"no event of {asked.short_id} names a release", hint="say which one it is about: --release VERSION")
    return UsageError("there is nothing to look at", hint="name an issue (SHOP-4F), or a release: --release VERSION")
