"""Did the fix work? Its commit, the releases that contain it, a look until that is known, and what Sentry and people are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from deploywatch.errors import SentryError
from deploywatch.history.repository import Repository
from deploywatch.model import (
    FixOutcome,
    FixVerdict,
    Issue,
    Rate,
    Regression,
    RegressionKind,
    Verdict,
    WatchResult,
)
from deploywatch.requests import VerifyRequest
from deploywatch.sentry.events import occurrences
from deploywatch.sentry.issue_source import SentryIssueSource
from deploywatch.sentry.issues import issue as find_issue
from deploywatch.sentry.statuses import reopen, resolve
from deploywatch.steps.events import with_events
from deploywatch.steps.fixes import Carriers, find_carriers, find_fix
from deploywatch.steps.telling import suspects_told_of
from deploywatch.watch.counting import MINUTE, Baseline
from deploywatch.watch.plan import SeveritySettings
from deploywatch.watch.severity import severity
from deploywatch.watch.verify import FixDecision, FixPlan, FixSight, rate_before, watch_fix
from deploywatch.watch.wording import COUNT, EVENTS, name

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.sentry.client import Client

# Plans of Sentry keep events for 30 days or more.
_FURTHEST: Final = timedelta(days=14)
_RECENT: Final = timedelta(hours=4)
_MOST_SERVING: Final = 5
_SKEW: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Verified:
    """The outcome and, where the failure is back, what a watch would say of it."""

    outcome: FixOutcome
    back: WatchResult | None = None


def verify_fix(setup: Setup, client: Client, request: VerifyRequest, stopped: Callable[[], bool]) -> Verified:
    """Watch the issue until it is known whether its fix works; then resolve it in Sentry, or open it again.

    Raises ``UsageError`` where no commit is known that should have fixed it, ``SentryAuthError`` for a token that will not do,
    GitError and its kinds.
    """
    environment = setup.environment_or_none(request.place.environment)
    issue = find_issue(client, request.issue)
    repository = Repository.open(request.code.repo, environ=setup.environ)
    head = repository.resolve(request.code.head)
    fix = find_fix(repository, issue, given=request.fix, head=head, suspects=suspects_told_of(setup, issue, environment))
    carriers = find_carriers(client, repository, fix, environment=environment)
    outcome = FixOutcome(
        issue=issue,
        environment=environment,
        verdict=FixVerdict.UNSURE,
        why=f"no release that contains {fix.sha[:10]} serves {environment or 'any environment'} yet",
        fix=fix.sha,
        found_by=fix.found_by,
        containing=tuple(carrier.version for carrier in carriers.with_fix),
    )
    if not carriers.with_fix:
        return Verified(replace(outcome, warnings=_unknown(carriers, carriers.unknown)))
    return _watched(setup, client, request, outcome, _Eyes(client, outcome, carriers, setup.now), stopped)


def _watched(
    setup: Setup, client: Client, request: VerifyRequest, outcome: FixOutcome, eyes: _Eyes, stopped: Callable[[], bool]
) -> Verified:
    plan = eyes.plan(setup.settings.watch.alpha)
    decision = watch_fix(
        plan,
        eyes.look,
        ends_at=setup.now() + (setup.settings.watch.duration if request.duration is None else request.duration),
        every=setup.settings.watch.every if request.every is None else request.every,
        now=setup.now,
        sleep=setup.sleep,
        stopped=stopped,
    )
    outcome = replace(
        outcome,
        verdict=decision.verdict,
        why=decision.why,
        release=decision.returned_in if decision.verdict is FixVerdict.BACK else eyes.carriers.with_fix[0].version,
        since=plan.since,
        hits=decision.hits,
        elsewhere=decision.elsewhere,
        warnings=_unknown(eyes.carriers, eyes.senders),
    )
    outcome = outcome if request.delivery.dry_run else _told_sentry(client, outcome)
    is_back = decision.verdict is FixVerdict.BACK
    thresholds = SeveritySettings(**setup.settings.watch.severity.model_dump())
    return Verified(outcome, _back(client, outcome, decision, plan.before, thresholds) if is_back else None)


class _Eyes:
    """What is asked of Sentry on every look: the issue's events of any release, and how much of the traffic has the fix."""

    def __init__(self, client: Client, outcome: FixOutcome, carriers: Carriers, now: Callable[[], datetime]) -> None:
        self.carriers = carriers
        self.senders: frozenset[str] = frozenset()
        self._client, self._issue, self._environment, self._now = client, outcome.issue, outcome.environment, now
        self._sources = [self._source(carrier.version) for carrier in carriers.with_fix[-_MOST_SERVING:]]
        self._heard = False

    def plan(self, alpha: float) -> FixPlan:
        """What the decision is made by. The rate before the fix is that of its last hours, or where it was silent then, days."""
        since = self.carriers.with_fix[0].since
        return FixPlan(
            containing=frozenset(carrier.version for carrier in self.carriers.with_fix),
            since=since,
            before=self._before(since, _RECENT, MINUTE) or self._before(since, _FURTHEST, timedelta(hours=1)) or Baseline(0, 0),
            skew=_SKEW,
            alpha=alpha,
        )

    def look(self, at: datetime) -> FixSight:
        """Raises ``SentryError``."""
        since = self.carriers.with_fix[0].since
        found = occurrences(self._client, self._issue.id, since=since - _SKEW, environment=self._environment)
        self.senders = frozenset(event.release for event in found.events if event.release)
        self._heard = self._heard or any(source.can_see().release_heard for source in self._sources)
        return FixSight(found.events, self._traffic(since, at), self._heard)

    def _before(self, since: datetime, span: timedelta, width: timedelta) -> Baseline | None:
        start = max(since - span, self._issue.first_seen or since - span)
        if start >= since:
            return None
        found = rate_before(self._sources[0].baseline(self._issue, start, since, width), start=start, end=since, width=width)
        return found if found.hits else None

    def _traffic(self, since: datetime, at: datetime) -> float | None:
        """The share of all requests that releases with the fix serve, where requests are counted."""
        if len(self._sources) < len(self.carriers.with_fix):
            return None
        width = max(MINUTE, (at - since) / 100)
        counted = self._sources[0].failures(since, at, width, release=None)
        whole = sum(tally.total or 0.0 for tally in counted.tallies) if counted else 0.0
        if not whole:
            return None
        own = (source.failures(since, at, width, release=source.release) for source in self._sources)
        return sum(tally.total or 0.0 for failures in own if failures for tally in failures.tallies) / whole

    def _source(self, version: str) -> SentryIssueSource:
        return SentryIssueSource(
            self._client, release=version, environment=self._environment, projects=self._client.connection.projects
        )


def _told_sentry(client: Client, outcome: FixOutcome) -> FixOutcome:
    """Resolved in the first release that has the fix, or opened again; what is refused, or was archived by a person, is said."""
    status = find_issue(client, outcome.issue.id).status
    try:
        if outcome.verdict is FixVerdict.FIXED and outcome.release and status == "unresolved":
            resolve(client, outcome.issue.id, in_release=outcome.release)
            return replace(outcome, resolved=True)
        if outcome.verdict is FixVerdict.BACK and status == "resolved":
            reopen(client, outcome.issue.id)
            return replace(outcome, reopened=True)
    except SentryError as error:
        return replace(outcome, warnings=(*outcome.warnings, f"the issue's status could not be changed: {error.message}"))
    if status == "ignored" and outcome.verdict is not FixVerdict.UNSURE:
        return replace(
            outcome, warnings=(*outcome.warnings, "somebody archived the issue in Sentry, so its status is left alone")
        )
    return outcome


def _back(
    client: Client, outcome: FixOutcome, decision: FixDecision, before: Baseline, thresholds: SeveritySettings
) -> WatchResult:
    """The failure as a regression of the release in which it is back, for its report."""
    at, since = decision.at or client.now(), outcome.since or client.now()
    minutes = (at - since) / MINUTE
    per_minute = decision.hits / max(minutes, 1.0)
    rate = Rate(before.rate, per_minute, EVENTS) if minutes >= 1 else Rate(before.rate * minutes, decision.hits, COUNT)
    issue = replace(outcome.issue, count=decision.hits)
    hurts = severity(thresholds, issue, per_minute=per_minute, users=issue.user_count or 0, share=None)
    why = f"{name(issue)} was to be fixed by {outcome.fix[:10]}, and is back: {decision.why}"
    result = WatchResult(
        release=outcome.release or "",
        environment=outcome.environment or "",
        verdict=Verdict.REGRESSION,
        why=why,
        started_at=since,
        ended_at=at,
        regressions=(Regression(RegressionKind.REGRESSED, hurts, issue, rate, why),),
        events_seen=decision.hits,
        polls=1,
        deployed_at=since,
    )
    return with_events(client, result, since=since)


def _unknown(carriers: Carriers, senders: frozenset[str]) -> tuple[str, ...]:
    """The releases that still send it, or may, and of which nobody knows whether they have the fix."""
    return tuple(
        f"nobody knows the commit of {version}, so it is taken to be without the fix"
        for version in sorted(carriers.unknown & senders)
    )


def is_still_open(client: Client, issue: Issue) -> bool:
    """Whether an issue is not over, as far as Sentry can tell."""
    try:
        return find_issue(client, issue.id).status != "resolved"
    except SentryError:
        return True
