"""What SDKs send: ``/api/<project id>/envelope/`` and the old ``/store/``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from deploywatch.sandbox.standin import envelope, grouping, processing
from deploywatch.sandbox.standin.answers import Answer, Refusal
from deploywatch.sandbox.standin.records import Event, Project, Release, Sessions, Transaction
from deploywatch.sandbox.standin.state import State
from deploywatch.sandbox.standin.times import moment

NOT_A_FAILURE = ("ok", "cancelled", "unknown")


def take_envelope(state: State, project_id: str, body: bytes, headers: Mapping[str, str], query: Mapping[str, str]) -> Answer:
    """Keep every item that the stand-in knows, skip the others. Answers 403 for a wrong key."""
    read = envelope.read(envelope.decode(body, headers.get("content-encoding", "")))
    project = _project(state, project_id, _key(headers, query) or _key_of_dsn(read.header.get("dsn")))
    for item in read.items:
        if item.type in TAKERS:
            TAKERS[item.type](state, project, item.json())
    return Answer({"id": read.header.get("event_id")})


def take_store(state: State, project_id: str, body: bytes, headers: Mapping[str, str], query: Mapping[str, str]) -> Answer:
    """One event as a JSON body, as SDKs of before 2020 send it."""
    item = envelope.Item("event", envelope.decode(body, headers.get("content-encoding", "")))
    project = _project(state, project_id, _key(headers, query))
    return Answer({"id": take_event(state, project, item.json())})


def take_event(state: State, project: Project, payload: Mapping[str, Any]) -> str:
    """Store an error or message event in its issue; an event id seen before is ignored. Returns the id."""
    received = state.now()
    data = processing.process(payload, project_id=project.id, received=received)
    if data["event_id"] not in state.events:
        environment, version = _text(data.get("environment")), _text(data.get("release"))
        issue = grouping.find_issue(state, project, data)
        event = Event(
            id=data["event_id"],
            project=project,
            issue_id=issue.id,
            occurred=moment(data["timestamp"]) or received,
            received=received,
            release=version,
            environment=environment,
            user=processing.user_of(payload),
            tags=tuple((key, value) for key, value in data["tags"]),
            data=data,
        )
        _see(state, project, environment, version, event=event)
        grouping.add_event(state, issue, event)
    return str(data["event_id"])


def take_transaction(state: State, project: Project, payload: Mapping[str, Any]) -> None:
    """Count a traced request."""
    trace = processing.part(payload, "contexts", "trace")
    environment, version = _text(payload.get("environment")), _text(payload.get("release"))
    state.transactions.append(
        Transaction(
            project=project,
            occurred=moment(payload.get("timestamp")) or state.now(),
            release=version,
            environment=environment,
            name=str(payload.get("transaction") or "<unlabeled transaction>"),
            op=str(trace.get("op") or "default"),
            failed=str(trace.get("status") or "unknown") not in NOT_A_FAILURE,
            user=processing.user_of(payload),
            tags=processing.tags_of(payload),
        )
    )
    _see(state, project, environment, version)


def take_sessions(state: State, project: Project, payload: Mapping[str, Any]) -> None:
    """Count request sessions, which Python servers send summed up per minute."""
    attributes = processing.part(payload, "attrs")
    environment, version = _text(attributes.get("environment")), _text(attributes.get("release"))
    for entry in processing.values(payload.get("aggregates")):
        state.sessions.append(
            Sessions(
                project=project,
                started=moment(entry.get("started")) or state.now(),
                release=version,
                environment=environment,
                exited=_count(entry, "exited"),
                errored=_count(entry, "errored"),
                crashed=_count(entry, "crashed"),
            )
        )
    _see(state, project, environment, version)


def take_client_report(state: State, project: Project, payload: Mapping[str, Any]) -> None:  # noqa: ARG001 - as its neighbours
    """Count what the SDK says it threw away, by reason."""
    for entry in processing.values(payload.get("discarded_events")):
        state.discarded[str(entry.get("reason"))] += _count(entry, "quantity")


TAKERS: Mapping[str, Callable[[State, Project, Mapping[str, Any]], object]] = {
    "event": take_event,
    "transaction": take_transaction,
    "sessions": take_sessions,
    "client_report": take_client_report,
}


def _see(state: State, project: Project, environment: str | None, version: str | None, *, event: Event | None = None) -> None:
    if environment:
        state.see_environment(environment, project)
    if version:
        release, _ = state.ensure_release(version, project)
        if environment:
            release.environments.add(environment)
        if event:
            _see_event(release, event)


def _see_event(release: Release, event: Event) -> None:
    release.first_event = min(release.first_event or event.occurred, event.occurred)
    release.last_event = max(release.last_event or event.occurred, event.occurred)


def _project(state: State, project_id: str, key: str | None) -> Project:
    project = next((project for project in state.projects if str(project.id) == project_id), None)
    if project is None or key != project.key:
        raise Refusal(403, {"detail": "event submission rejected with_reason: ProjectId or public key"})
    return project


def _key(headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
    match = re.search(r"sentry_key=([^,\s]+)", headers.get("x-sentry-auth", ""))
    return match[1] if match else query.get("sentry_key")


def _key_of_dsn(dsn: object) -> str | None:
    match = re.match(r"https?://([^:@/]+)", dsn) if isinstance(dsn, str) else None
    return match[1] if match else None


def _count(entry: Mapping[str, Any], key: str) -> int:
    value = entry.get(key)
    return value if isinstance(value, int) and value > 0 else 0


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
