"""One watch in progress: what each look changes, when the next one is due, and when it is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from deploywatch.errors import SentryAuthError, SentryError
from deploywatch.model import Verdict, WatchResult
from deploywatch.watch import wording
from deploywatch.watch.decide import Decision, Ending, decide
from deploywatch.watch.doubts import View
from deploywatch.watch.look import Look, take_look
from deploywatch.watch.pacing import next_wait
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.source import CheckpointStore, IssueSource
from deploywatch.watch.state import Outage, WatchState, from_json, to_json
from deploywatch.watch.tick import Tick

Clock = Callable[[], datetime]


class Watch:
    """One watch in progress: ``look()`` when it is ``due_at``, until ``result`` is there."""

    def __init__(self, source: IssueSource, plan: WatchPlan, *, now: Clock, checkpoint: CheckpointStore | None = None) -> None:
        self._source, self._plan, self._now, self._checkpoint = source, plan, now, checkpoint
        self._state = self._resumed() or WatchState(started_at=now())
        self.due_at = now()
        self.result: WatchResult | None = None

    @property
    def ends_at(self) -> datetime:
        """When its time is over."""
        return self._state.started_at + self._plan.duration

    def look(self) -> Tick:
        """Looks once and decides. Raises ``SentryAuthError`` where nothing was ever seen, and ``StateError``."""
        at = self._now()
        look = take_look(self._source, self._plan, self._state.seen, at)
        if isinstance(look.trouble, SentryAuthError) and self._state.last_look is None:
            raise look.trouble
        state = self._state = _after(self._state, look, at)
        running = self._decide(at, Ending.RUNNING)
        if running.verdict is not None and state.settling_since is None:
            state = self._state = replace(state, settling_since=at)
        elif running.verdict is None and state.settling_since is not None:
            # The releases beside it turned out to fail as well, or an event was another's: it goes on as if nothing had been.
            state = self._state = replace(state, settling_since=None)
        ending = _ending(self._plan, state, self.ends_at, at)
        decision = running if ending is Ending.RUNNING else self._decide(at, ending)
        if ending is Ending.RUNNING and self._plan.health.early and running.verdict is None:
            early = self._decide(at, Ending.OVER)
            ending, decision = (Ending.OVER, early) if early.verdict is Verdict.HEALTHY else (ending, decision)
        return self._tick(at, ending, decision, look.trouble)

    def stop(self) -> Tick:
        """Ends it now with what it has."""
        at = self._now()
        return self._tick(at, Ending.STOPPED, self._decide(at, Ending.STOPPED), None)

    def _tick(self, at: datetime, ending: Ending, decision: Decision, trouble: SentryError | None) -> Tick:
        wait = None
        if ending is Ending.RUNNING:
            hint = self._source.wait_hint()
            wait = next_wait(self._plan, at=at, ends_at=self.ends_at, failures=self._state.failures, hint=hint)
            self.due_at = at + wait
        else:
            self.result = self._result(decision)
        self._keep(finished=ending is Ending.OVER)
        return Tick(
            plan=self._plan,
            at=at,
            started_at=self._state.started_at,
            ends_at=self.ends_at,
            polls=self._state.polls,
            seen=self._state.seen,
            verdict=decision.verdict,
            why=decision.why,
            trouble=trouble.message if trouble else None,
            wait=wait,
            result=self.result,
        )

    def _decide(self, at: datetime, ending: Ending) -> Decision:
        state = self._state
        blind = state.outages[-1].reason if state.outages and state.outages[-1].end is None else None
        known = state.environment_known is not None or state.last_look is None
        view = View(state.started_at, state.last_look, blind, environment_known=known)
        return decide(self._plan, state.seen, view, at=at, ending=ending)

    def _result(self, decision: Decision) -> WatchResult:
        state = self._state
        return WatchResult(
            release=self._plan.release,
            environment=self._plan.environment,
            verdict=decision.verdict or Verdict.INCONCLUSIVE,
            why=decision.why,
            started_at=state.started_at,
            ended_at=self._now(),
            regressions=decision.regressions,
            events_seen=state.seen.event_count(),
            polls=state.polls,
            blind_spots=(*wording.blind_spots(state), *state.seen.caveats, *state.notes),
            notes=decision.notes,
        )

    def _resumed(self) -> WatchState | None:
        kept = self._checkpoint.get(_key(self._plan)) if self._checkpoint else None
        if not kept:
            return None
        state = from_json(kept)
        if state is None:
            return WatchState(started_at=self._now(), notes=("what an earlier run had seen could not be read, so it began anew",))
        return None if state.finished else state

    def _keep(self, *, finished: bool) -> None:
        if self._checkpoint:
            self._checkpoint.put(_key(self._plan), to_json(replace(self._state, finished=finished)))


def _after(state: WatchState, look: Look, at: datetime) -> WatchState:
    """What is known after a look: how much was seen, since when Sentry is out of sight, and whether it is back."""
    state = replace(state, seen=look.seen, polls=state.polls + 1)
    if look.environment_known and state.environment_known is None:
        state = replace(state, environment_known=state.started_at if state.polls == 1 else at)
    is_whole = look.is_whole and (look.environment_known or state.environment_known is None)
    open_one = state.outages[-1] if state.outages and state.outages[-1].end is None else None
    if is_whole:
        ended = (*state.outages[:-1], replace(open_one, end=at)) if open_one else state.outages
        return replace(state, last_look=at, failures=0, outages=ended)
    reason = look.trouble.message if look.trouble else "it gave no whole answer"
    outages = state.outages if open_one else (*state.outages, Outage(at, reason))
    return replace(state, failures=state.failures + 1, outages=outages)


def _ending(plan: WatchPlan, state: WatchState, ends_at: datetime, at: datetime) -> Ending:
    """Over: at the end of the time with sight, after the grace without, or once a regression has settled."""
    if plan.early_stop and state.settling_since is not None and at >= state.settling_since + plan.settling:
        return Ending.OVER
    if at < ends_at:
        return Ending.RUNNING
    is_blind = state.failures > 0 and at < ends_at + plan.grace
    return Ending.RUNNING if is_blind else Ending.OVER


def _key(plan: WatchPlan) -> str:
    parts = (plan.release, plan.environment, ",".join(plan.projects), plan.deployed_at.isoformat())
    return "watch\n" + "\n".join(parts)
