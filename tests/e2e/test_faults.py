"""Every trouble between us and Sentry that the contract names, once each in the middle of ``run``: the verdict stays the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from deploywatch import respond
from deploywatch.model import RegressionKind, Verdict
from deploywatch.requests import RunOutcome
from deploywatch.sandbox.sink import Sink
from deploywatch.sandbox.standin.faults import Fault
from tests.e2e.test_run import repo, request, setup
from tests.gitrepo import GitRepo
from tests.steps.conftest import DEPLOYED, NEW, OLD, Stage

__all__ = ["repo"]

LIMITED = Fault(
    "GET",
    "*/issues/",
    status=429,
    json="You are attempting to use this endpoint too frequently",
    headers={"X-Sentry-Rate-Limit-Reset": str(int((DEPLOYED + timedelta(seconds=40)).timestamp()))},
)
BUSY = {"detail": "Release commits are currently being processed"}


def with_surprises(value: Any) -> Any:
    """The same with keys that nobody knows, everywhere."""
    if isinstance(value, Mapping):
        return {"surprise": {"new": [1, None]}} | {key: with_surprises(one) for key, one in value.items()}
    return [with_surprises(one) for one in value] if isinstance(value, list) else value


def without_counts(issues: Any) -> Any:
    """As old servers tell them: hardly anything beside the number and the title."""
    kept = ("id", "shortId", "title", "firstSeen", "lastSeen", "count", "project", "metadata")
    return [{key: issue[key] for key in kept} for issue in issues]


def without_frames(event: Any) -> Any:
    """An exception of which the stack is gone."""
    return event | {
        "entries": [{"type": "exception", "data": {"values": [{"type": "KeyError", "value": "x", "stacktrace": None}]}}]
    }


def empty_frames(event: Any) -> Any:
    """A stack without any frame."""
    raised = {"type": "KeyError", "value": "x", "stacktrace": {"frames": []}}
    return event | {"entries": [{"type": "exception", "data": {"values": [raised]}}]}


def minified(event: Any) -> Any:
    """Frames that lead to no file of the repository."""
    frames = [
        {"filename": "/static/app.3f2a.js", "absPath": "https://shop.example/static/app.3f2a.js", "function": "a", "lineNo": 1}
    ]
    raised = {"type": "KeyError", "value": "x", "stacktrace": {"frames": frames}}
    return event | {"entries": [{"type": "exception", "data": {"values": [raised]}}]}


def unfinished(answer: Any) -> Any:
    """All buckets are still being filled."""
    for line in answer["timeSeries"]:
        line["values"] = [value | {"incomplete": True, "value": 10_000} for value in line["values"]]
    return answer


FAULTS: dict[str, list[Fault]] = {
    "nothing": [],
    "409 twice while the commits are written": [Fault("PUT", "*/releases/*", status=409, json=BUSY, times=2)],
    "429 with a text and when it is over": [LIMITED],
    "429 of everything for a while": [Fault("*", "*/api/0/*", status=429, json="too many", times=5)],
    "502 twice": [Fault("GET", "*", html=True, status=502, times=2)],
    "the environment is unknown": [Fault("GET", "*/issues/", status=404, json={"detail": "Environment not found"}, times=6)],
    "302 of a renamed project": [Fault("GET", "*/issues/", status=302, headers={"Location": "/api/0/elsewhere/"}, times=1)],
    "403 on what helps": [Fault("GET", "*/events-*/", status=403, json={"detail": "You do not have permission"}, times=None)],
    "an issue comes twice": [Fault("GET", "*/issues/", change=lambda issues: issues * 2, times=None)],
    "issues of an old server": [Fault("GET", "*/issues/", change=without_counts, times=None)],
    "a stack that is gone": [Fault("GET", "*/issues/*/events/*/", change=without_frames, times=None)],
    "a stack without frames": [Fault("GET", "*/issues/*/events/*/", change=empty_frames, times=None)],
    "a stack that is minified": [Fault("GET", "*/issues/*/events/*/", change=minified, times=None)],
    "no exception at all": [Fault("GET", "*/issues/*/events/*/", change=lambda event: event | {"entries": []}, times=None)],
    "the latest event is gone": [Fault("GET", "*/events/latest/", status=404, json={"detail": "Event not found"}, times=None)],
    "all events are gone": [Fault("GET", "*/events/?*/", status=404, json={"detail": "Event not found"}, times=None)],
    "incomplete buckets": [Fault("GET", "*/events-timeseries/", change=unfinished, times=None)],
    "half of a list": [Fault("GET", "*/issues/", cut=True, times=3)],
    "half of an event": [Fault("GET", "*/events/latest/", cut=True, times=2)],
    "a page where JSON was asked for": [Fault("GET", "*/issues/", html=True, status=200, times=2)],
    "an empty answer": [Fault("GET", "*/issues/", text="", times=2)],
    "another shape": [Fault("GET", "*/issues/", json={"detail": None}, times=2)],
    "keys that nobody knows": [Fault("GET", "*", change=with_surprises, times=None)],
    "late answers": [Fault("GET", "*/issues/", delay=0.05, times=None)],
}


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as receiving:
        yield receiving


def story(stage: Stage, sink: Sink, repo: GitRepo, faults: list[Fault]) -> RunOutcome:
    """The old release fails as ever; the new one brings a failure, and trouble with Sentry begins at the same time."""
    for minute in range(1, 61):
        known = {"values": [{"type": "KeyError", "value": "'fork'", "mechanism": {"handled": False}}]}
        at = (DEPLOYED - timedelta(minutes=minute - 0.5)).isoformat()
        event = {"release": OLD, "environment": "production", "timestamp": at, "fingerprint": ["fork"], "exception": known}
        stage.sentry.receive(event, project="shop")
    for fault in faults:
        stage.sentry.faults.add(Fault(**{name: getattr(fault, name) for name in fault.__dataclass_fields__}))
    stage.clock.after(20, lambda: stage.fails("coffee", times=9))
    return respond.run(setup(stage, sink), request(repo), progress=stage.ticks.append)


@pytest.mark.parametrize("name", FAULTS)
def test_the_verdict_is_that_of_the_undisturbed_run_and_it_is_told_once(
    stage: Stage, sink: Sink, repo: GitRepo, name: str
) -> None:
    outcome = story(stage, sink, repo, FAULTS[name])
    assert outcome.result.verdict is Verdict.REGRESSION
    assert [(one.kind, one.issue.title) for one in outcome.result.regressions] == [(RegressionKind.NEW, "KeyError: 'coffee'")]
    assert [len(sink.received(path)) for path in ("/hook", "/chat")] == [1, 1]
    writes = [
        seen for seen in stage.sentry.seen if seen.method == "POST" and seen.path.endswith("/deploys/") and seen.status < 300
    ]
    assert len(writes) == 1


def test_the_same_run_again_changes_nothing_and_tells_nothing(stage: Stage, sink: Sink, repo: GitRepo) -> None:
    first = story(stage, sink, repo, [])
    again = respond.run(setup(stage, sink), request(repo), progress=stage.ticks.append)
    assert (first.release.created, again.release.created) == (True, False)
    assert {seen.status for seen in stage.sentry.seen if seen.method == "POST" and seen.path.endswith("/releases/")} == {201, 208}
    assert [len(sink.received(path)) for path in ("/hook", "/chat")] == [1, 1]


BLIND: dict[str, Callable[[Stage], object]] = {
    "Sentry is gone from the middle on": lambda stage: stage.sentry.faults.add(Fault("GET", "*", status=503, times=None)),
    "only pages come": lambda stage: stage.sentry.faults.add(Fault("GET", "*", html=True, times=None)),
    "everything is cut": lambda stage: stage.sentry.faults.add(Fault("GET", "*", cut=True, times=None)),
    "the project was renamed": lambda stage: stage.sentry.faults.add(
        Fault("GET", "*/issues/", status=302, headers={"Location": "/api/0/elsewhere/"}, times=None)
    ),
    "the token was revoked": lambda stage: stage.sentry.faults.add(
        Fault("GET", "*", status=401, json={"detail": "Invalid token"}, times=None)
    ),
}


@pytest.mark.parametrize("name", BLIND)
def test_what_cannot_be_seen_at_the_end_is_never_called_healthy(stage: Stage, sink: Sink, repo: GitRepo, name: str) -> None:
    stage.clock.after(35, lambda: BLIND[name](stage))
    stage.clock.after(40, lambda: stage.fails("coffee", times=9))
    outcome = respond.run(setup(stage, sink), request(repo), progress=stage.ticks.append)
    assert outcome.result.verdict is Verdict.INCONCLUSIVE
    assert outcome.gate.exit_code == 4
    assert outcome.report.why or outcome.report.not_visible
    assert sink.received("/hook") == []
    assert NEW in outcome.result.release
