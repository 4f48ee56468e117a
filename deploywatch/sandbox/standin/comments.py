"""Comments on an issue."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from deploywatch.sandbox.standin import people
from deploywatch.sandbox.standin.answers import Answer, Refusal, forbidden, invalid
from deploywatch.sandbox.standin.call import Call
from deploywatch.sandbox.standin.grouping import record
from deploywatch.sandbox.standin.paging import page
from deploywatch.sandbox.standin.records import Activity, Issue
from deploywatch.sandbox.standin.times import iso

REPEATED_WITHIN = timedelta(hours=1)


def list_comments(call: Call) -> Answer:
    """``GET .../issues/{issue}/comments/``: newest first."""
    notes = [entry for entry in reversed(call.state.issue(call.path["issue"]).activity) if entry.type == "note"]
    found, link = page(call, notes)
    return Answer([_comment(note) for note in found], headers=link)


def create_comment(call: Call) -> Answer:
    """``POST .../issues/{issue}/comments/``: 201. Only a token with a user may.

    The same text of the same user within an hour is refused with 400, and as on the real server that body is JSON inside a
    JSON string.
    """
    issue, text = call.state.issue(call.path["issue"]), call.json().get("text")
    if call.token.user is None:
        raise forbidden()
    if not isinstance(text, str) or not text.strip():
        raise invalid("text", "This field is required." if text is None else "This field may not be blank.")
    if _is_repeated(call, issue, text):
        raise Refusal(400, json.dumps({"detail": "You have already posted that comment."}))
    return Answer(_comment(record(call.state, issue, "note", user=call.token.user, text=text)), 201)


def _is_repeated(call: Call, issue: Issue, text: str) -> bool:
    since = call.state.now() - REPEATED_WITHIN
    return any(
        entry.type == "note" and entry.user is call.token.user and entry.data["text"] == text and entry.at >= since
        for entry in issue.activity
    )


def _comment(note: Activity) -> dict[str, Any]:
    user = people.user(note.user) if note.user else None
    return {"id": str(note.id), "user": user, "type": "note", "data": note.data, "dateCreated": iso(note.at)}
