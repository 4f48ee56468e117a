"""Issues: search them, read one, change one, find one by its short id."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from deploywatch.sandbox.standin import people, resolutions
from deploywatch.sandbox.standin.answers import Answer, bad_request, not_found
from deploywatch.sandbox.standin.call import Call
from deploywatch.sandbox.standin.grouping import record
from deploywatch.sandbox.standin.issue_search import Found, search_issues
from deploywatch.sandbox.standin.paging import page
from deploywatch.sandbox.standin.processing import is_unhandled
from deploywatch.sandbox.standin.records import Event, Issue
from deploywatch.sandbox.standin.releases import release_json
from deploywatch.sandbox.standin.series import daily, hourly
from deploywatch.sandbox.standin.tags import tags_of
from deploywatch.sandbox.standin.times import iso

PRIORITIES = {"fatal": "high", "error": "high", "warning": "medium"}


def list_issues(call: Call) -> Answer:
    """``GET organizations/{org}/issues/`` and the project's own."""
    if call.query.get("shortIdLookup") == "1":
        issue = call.state.issue_by_short_id(call.query.get("query", "").strip())
        if issue is not None:
            return Answer([_in_list(call, Found(issue, list(issue.events), list(issue.events)))])
    found, link = page(call, search_issues(call))
    return Answer([_in_list(call, each) for each in found], headers=link)


def get_issue(call: Call) -> Answer:
    """``GET organizations/{org}/issues/{issue}/``: what lists leave out, such as ``firstRelease``."""
    return Answer(_detail(call, call.state.issue(call.path["issue"])))


def get_short_id(call: Call) -> Answer:
    """``GET organizations/{org}/shortids/{short_id}/``"""
    issue = call.state.issue_by_short_id(call.path["short_id"])
    if issue is None:
        raise not_found()
    return Answer(
        {
            "organizationSlug": call.state.organization,
            "projectSlug": issue.project.slug,
            "groupId": str(issue.id),
            "group": issue_json(call, issue, list(issue.events)),
            "shortId": issue.short_id,
        }
    )


def update_issue(call: Call) -> Answer:
    """``PUT organizations/{org}/issues/{issue}/``: only the keys that are sent change."""
    issue = call.state.issue(call.path["issue"])
    _change(call, issue)
    return Answer(issue_json(call, issue, list(issue.events)))


def update_issues(call: Call) -> Answer:
    """``PUT .../issues/?id=1&id=2``: the same change to each.

    Without ``id`` real Sentry changes everything that the query means; the stand-in refuses, since nobody wants that.
    """
    wanted = call.query.getlist("id")
    if not wanted:
        raise bad_request("the stand-in changes issues by id only")
    for issue in [call.state.issue(number) for number in wanted]:
        _change(call, issue)
    return Answer({key: value for key, value in call.json().items() if key in ("status", "statusDetails", "assignedTo")})


def issue_json(call: Call, issue: Issue, events: list[Event]) -> dict[str, Any]:
    """An issue; the counts and times are of the given events."""
    return {
        "id": str(issue.id),
        "shareId": None,
        "shortId": issue.short_id,
        "title": issue.title,
        "culprit": issue.culprit,
        "permalink": f"{call.base}/organizations/{call.state.organization}/issues/{issue.id}/",
        "logger": None,
        "level": issue.level,
        "status": issue.status,
        "statusDetails": _status_details(issue),
        "substatus": issue.substatus,
        "isPublic": False,
        "platform": issue.platform,
        "priority": PRIORITIES.get(issue.level, "low"),
        "priorityLockedAt": None,
        "seerFixabilityScore": None,
        "seerAutofixLastTriggered": None,
        "seerExplorerAutofixLastTriggered": None,
        "project": _project(issue),
        "type": issue.type,
        "metadata": issue.metadata,
        "numComments": sum(activity.type == "note" for activity in issue.activity),
        "assignedTo": people.actor(issue.assigned_to),
        "isBookmarked": False,
        "isSubscribed": False,
        "subscriptionDetails": None,
        "hasSeen": False,
        "annotations": [],
        "issueType": "error",
        "issueCategory": "error",
        "isUnhandled": bool(issue.events) and is_unhandled(issue.events[-1].data),
        **_counts(events),
    }


def _change(call: Call, issue: Issue) -> None:
    body = call.json()
    if "assignedTo" in body:
        issue.assigned_to = call.state.actor(str(body["assignedTo"] or ""))
        record(call.state, issue, "assigned" if issue.assigned_to else "unassigned", user=call.token.user)
    if "status" in body:
        resolutions.change_status(call.state, issue, body, by=call.token.user)


def _in_list(call: Call, found: Found) -> dict[str, Any]:
    issue, events = found.issue, list(found.events)
    shown = issue_json(call, issue, events)
    hidden = call.query.getlist("collapse")
    now = call.state.now()
    stats: dict[str, Any] = {} if "stats" in hidden else {"stats": _stats(call.query.get("groupStatsPeriod", "24h"), events, now)}
    if "lifetime" not in hidden:
        stats["lifetime"] = {**_counts(list(issue.events)), **_whole_life(issue), "stats": None}
    if "filtered" not in hidden:
        narrower = len(found.filtered) != len(found.events)
        stats["filtered"] = {**_counts(list(found.filtered)), "stats": None} if narrower else None
    if "owners" in call.query.getlist("expand"):
        stats["owners"] = None
    return {**shown, **stats, "matchingEventId": None, "matchingEventEnvironment": None}


def _detail(call: Call, issue: Issue) -> dict[str, Any]:
    events, now = list(issue.events), call.state.now()
    environments = call.environments()
    chosen = [event for event in events if not environments or event.environment in environments]
    releases = call.state.releases
    first, last = releases.get(issue.first_release or ""), releases.get(issue.last_release or "")
    return {
        **issue_json(call, issue, chosen),
        **({} if environments else _whole_life(issue)),
        "firstRelease": release_json(first, call.state) if first else None,
        "lastRelease": release_json(last, call.state) if last else None,
        "tags": [{key: tag[key] for key in ("key", "name", "totalValues")} for tag in tags_of(events)],
        "activity": [*(_activity(entry) for entry in reversed(issue.activity)), _first_seen(issue)],
        "seenBy": [],
        "participants": [],
        "pluginActions": [],
        "pluginIssues": [],
        "pluginContexts": [],
        "userReportCount": 0,
        "stats": {"24h": hourly(events, now), "30d": daily(events, now)},
    }


def _counts(events: list[Event]) -> dict[str, Any]:
    return {
        "count": str(len(events)),
        "userCount": len({event.user for event in events if event.user}),
        "firstSeen": iso(min((event.occurred for event in events), default=None)),
        "lastSeen": iso(max((event.occurred for event in events), default=None)),
    }


def _whole_life(issue: Issue) -> dict[str, Any]:
    """Also of events that are no longer kept."""
    return {"count": str(issue.times_seen), "firstSeen": iso(issue.first_seen), "lastSeen": iso(issue.last_seen)}


def _stats(wanted: str, events: list[Event], now: datetime) -> dict[str, Any]:
    return {"14d": daily(events, now, days=14)} if wanted == "14d" else {"24h": hourly(events, now)}


def _status_details(issue: Issue) -> dict[str, Any]:
    told = {key: value for key, value in issue.resolution.items() if not key.startswith("_")}
    return {**told, "actor": people.user(issue.resolved_by)} if told and issue.resolved_by else told


def _project(issue: Issue) -> dict[str, Any]:
    project = issue.project
    return {"id": str(project.id), "name": project.slug, "slug": project.slug, "platform": project.platform}


def _activity(entry: Any) -> dict[str, Any]:
    user = people.user(entry.user) if entry.user else None
    return {"id": str(entry.id), "user": user, "type": entry.type, "data": entry.data, "dateCreated": iso(entry.at)}


def _first_seen(issue: Issue) -> dict[str, Any]:
    return {"id": "0", "user": None, "type": "first_seen", "data": {}, "dateCreated": iso(issue.first_seen)}
