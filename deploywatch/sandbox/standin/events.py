"""Events: of an issue, of a project, by id; in the API's dialect, and raw."""

from __future__ import annotations

from typing import Any

from deploywatch.sandbox.standin.answers import Answer, bad_request, not_found
from deploywatch.sandbox.standin.call import Call
from deploywatch.sandbox.standin.event_shape import full_event, short_event
from deploywatch.sandbox.standin.paging import page
from deploywatch.sandbox.standin.records import Event
from deploywatch.sandbox.standin.releases import release_json
from deploywatch.sandbox.standin.search import matches_event, parse
from deploywatch.sandbox.standin.window import window_of


def list_issue_events(call: Call) -> Answer:
    """``GET .../issues/{issue}/events/``: newest first; ``full`` adds the entries."""
    issue = call.state.issue(call.path["issue"])
    return _list(call, list(issue.events))


def list_project_events(call: Call) -> Answer:
    """``GET projects/{org}/{project}/events/``"""
    project = call.project()
    return _list(call, [event for event in call.state.events.values() if event.project is project])


def get_issue_event(call: Call) -> Answer:
    """``GET .../issues/{issue}/events/{event}/``: ``latest``, ``oldest``, ``recommended``, ``helpful`` or an id."""
    issue, which = call.state.issue(call.path["issue"]), call.path["event"].replace("-", "")
    events = _by_time(_here(call, list(issue.events)))
    if which in ("latest", "oldest", "recommended", "helpful"):
        if not events:
            raise not_found("Event not found")
        return Answer(_with_neighbours(call, events[0] if which == "oldest" else events[-1], events))
    found = next((event for event in events if event.id == which), None)
    if found is None:
        raise not_found("Event not found")
    return Answer(_with_neighbours(call, found, events))


def get_project_event(call: Call) -> Answer:
    """``GET projects/{org}/{project}/events/{event}/``"""
    event = _project_event(call)
    return Answer(_with_neighbours(call, event, _by_time(list(call.state.issues[event.issue_id].events))))


def get_raw_event(call: Call) -> Answer:
    """``GET projects/{org}/{project}/events/{event}/json/``: as stored, snake_case."""
    return Answer(_project_event(call).data)


def find_event(call: Call) -> Answer:
    """``GET organizations/{org}/eventids/{event}/``: which project and issue has it?"""
    event = call.state.events.get(call.path["event"].replace("-", ""))
    if event is None:
        raise not_found()
    return Answer(
        {
            "organizationSlug": call.state.organization,
            "projectSlug": event.project.slug,
            "groupId": str(event.issue_id),
            "eventId": event.id,
            "event": _with_neighbours(call, event, _by_time(list(call.state.issues[event.issue_id].events))),
        }
    )


def _list(call: Call, events: list[Event]) -> Answer:
    window, terms = window_of(call), parse(call.query.get("query", ""))
    recent = [event for event in _here(call, events) if window.holds(event.occurred)]
    found = [event for event in recent if all(matches_event(event, term) for term in terms)]
    shown, link = page(call, _by_time(found)[::-1])
    full = call.query.get("full", "").lower() in ("1", "true")
    return Answer([full_event(event) if full else short_event(event) for event in shown], headers=link)


def _here(call: Call, events: list[Event]) -> list[Event]:
    environments = call.environments()
    return [event for event in events if not environments or event.environment in environments]


def _by_time(events: list[Event]) -> list[Event]:
    return sorted(events, key=lambda event: (event.occurred, event.id))


def _project_event(call: Call) -> Event:
    wanted = call.path["event"]
    if len(wanted) != 32:
        raise bad_request("Invalid event id")
    event = call.state.events.get(wanted)
    if event is None or event.project is not call.project():
        raise not_found("Event not found")
    return event


def _with_neighbours(call: Call, event: Event, events: list[Event]) -> dict[str, Any]:
    place = events.index(event)
    release = call.state.releases.get(event.release or "")
    return {
        **full_event(event),
        "release": release_json(release, call.state) if release else None,
        "previousEventID": events[place - 1].id if place else None,
        "nextEventID": events[place + 1].id if place + 1 < len(events) else None,
    }
