"""Why a release cannot be called healthy though nothing certain speaks against it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from deploywatch.model import RegressionKind
from deploywatch.watch import wording
from deploywatch.watch.findings import rate
from deploywatch.watch.health import is_release_heard, is_suspiciously_silent, power
from deploywatch.watch.judgement import Judgement
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.seen import Seen
from deploywatch.watch.sequential import threshold

# Ten to one is where Jeffreys ("Theory of probability", 1961) begins to call evidence strong: too much to call it healthy.
_UNSETTLED: Final = threshold(0.1)


@dataclass(frozen=True, slots=True)
class View:
    """How well the watch could see. ``last_look`` is when Sentry last answered; ``blind`` says why it does not now."""

    started_at: datetime
    last_look: datetime | None = None
    blind: str | None = None
    environment_known: bool = True


def doubts(plan: WatchPlan, seen: Seen, view: View, judged: Sequence[Judgement], at: datetime) -> Iterator[str]:
    """Each doubt as a sentence, the most fundamental first."""
    yield from _could_not_see(plan, view)
    yield from _heard_nothing(plan, seen, at)
    yield from _unsettled(plan, seen, judged)
    could = power(plan, seen, at)
    if could.chance < plan.health.power:
        yield wording.too_little(plan, at - view.started_at, could)


def _could_not_see(plan: WatchPlan, view: View) -> Iterator[str]:
    if not view.environment_known:
        yield (
            f"Sentry has never heard of the environment {plan.environment!r}: if its name is right, nothing arrived from it; "
            "compare it with the environment that the SDK is set up with (a wrong organisation or project looks the same)"
        )
    if view.last_look is None:
        yield f"Sentry could not be seen at any time: {view.blind or 'it was never asked'}"
    elif view.blind is not None:
        yield f"Sentry could not be seen at the end: {view.blind}"


def _heard_nothing(plan: WatchPlan, seen: Seen, at: datetime) -> Iterator[str]:
    if not seen.issues and (seen.sight is None or not seen.sight.visible):
        proof = f" ({seen.sight.proof})" if seen.sight else ""
        yield f"no event at all is visible in {plan.environment}{proof}, so that silence proves nothing; check that events arrive"
    if plan.health.release_heard and not is_release_heard(seen):
        yield _unheard(plan, seen)
    if is_suspiciously_silent(plan, seen, at):
        yield "not one event has arrived since the deploy though many were to be expected; check that events arrive"


def _unheard(plan: WatchPlan, seen: Seen) -> str:
    others = seen.sight.others if seen.sight else ()
    question = f"nothing that carries the release {plan.release} has reached Sentry: is it serving, "
    if not others:
        return f"{question}and does the SDK send exactly this release name?"
    return f"{question}or do the SDKs report under another name? The events of {plan.environment} carry {', '.join(others)}"


def _unsettled(plan: WatchPlan, seen: Seen, judged: Sequence[Judgement]) -> Iterator[str]:
    if seen.unread:
        names = ", ".join(sorted(issue.short_id for issue in seen.unread.values()))
        yield f"it could not be read whether these issues are new: {names}"
    for one in judged:
        if one.kind is not RegressionKind.SPIKING and not one.shared and one.evidence >= _UNSETTLED:
            yield f"{wording.against(plan, one, rate(one))}: too few to be sure of, too many to call it healthy"
