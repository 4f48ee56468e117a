"""Which issue an event belongs to, and what a new event does to it: counts, first releases, regressions."""

from __future__ import annotations

from typing import Any

from deploywatch.sandbox.standin.records import Activity, Event, Issue, Project, User
from deploywatch.sandbox.standin.state import State
from deploywatch.sandbox.standin.times import moment


def find_issue(state: State, project: Project, data: dict[str, Any]) -> Issue:
    """The issue of a processed event, made when the fingerprint is new in the project."""
    fingerprint = data["hashes"][0]
    for issue in state.issues.values():
        if issue.project is project and issue.fingerprint == fingerprint:
            return issue
    seen = moment(data["timestamp"]) or state.now()
    issue = Issue(
        id=state.next_id("issue"),
        number=state.next_id(f"issue of {project.slug}"),
        project=project,
        fingerprint=fingerprint,
        title=data["title"],
        culprit=data["culprit"],
        level=data["level"],
        type=data["type"],
        metadata=data["metadata"],
        platform=data["platform"],
        first_seen=seen,
        last_seen=seen,
        first_release=data.get("release") or None,
    )
    state.issues[issue.id] = issue
    return issue


def add_event(state: State, issue: Issue, event: Event) -> None:
    """Count the event, and reopen the issue where it had been resolved."""
    state.events[event.id] = event
    if len(issue.events) == issue.events.maxlen:
        state.events.pop(issue.events[0].id, None)
    issue.events.append(event)
    issue.times_seen += 1
    issue.first_seen, issue.last_seen = min(issue.first_seen, event.occurred), max(issue.last_seen, event.occurred)
    issue.title, issue.culprit, issue.metadata = event.data["title"], event.data["culprit"], event.data["metadata"]
    issue.last_release = event.release or issue.last_release
    if event.environment:
        issue.first_release_in.setdefault(event.environment, event.release)
    if issue.status == "resolved" and _reopens(state, issue, event):
        _regress(state, issue, event)


def record(state: State, issue: Issue, kind: str, *, user: User | None = None, **data: Any) -> Activity:
    """Add to what happened to the issue."""
    activity = Activity(state.next_id("activity"), kind, data, user, state.now())
    issue.activity.append(activity)
    return activity


def _reopens(state: State, issue: Issue, event: Event) -> bool:
    """An event of a release older than the one that was to bring the fix does not reopen an issue."""
    fixed_in, after = issue.resolution.get("inRelease"), issue.resolution.get("_after")
    mine = state.releases[event.release].id if event.release in state.releases else None
    if mine is None or not (fixed_in or after):
        return True
    return mine >= state.releases[fixed_in].id if fixed_in else mine > state.releases[str(after)].id


def _regress(state: State, issue: Issue, event: Event) -> None:
    issue.status, issue.substatus, issue.resolution = "unresolved", "regressed", {}
    issue.regressed_in = event.release
    record(state, issue, "set_regression", version=event.release or "")
