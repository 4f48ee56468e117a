"""A project's ownership rules: kept as text, with their owners checked. Matching them is not the stand-in's work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from deploywatch.sandbox.standin.answers import Answer, forbidden, invalid
from deploywatch.sandbox.standin.auth import WRITE_PROJECT
from deploywatch.sandbox.standin.call import Call
from deploywatch.sandbox.standin.records import Ownership
from deploywatch.sandbox.standin.state import State
from deploywatch.sandbox.standin.times import iso

MAX_LENGTH = 100_000
AUTO_ASSIGNMENTS = ("Auto Assign to Issue Owner", "Auto Assign to Suspect Commits", "Turn off Auto-Assignment")
_RULE = re.compile(
    r"(?:(?P<type>path|module|url|codeowners|tags\.[^:\s]+):)?"
    r'(?P<pattern>"(?:\\.|[^"\\])*"|\S+)'
    r"(?P<owners>(?: +\S+)*) *"
)


def get_ownership(call: Call) -> Answer:
    """``GET projects/{org}/{project}/ownership/``"""
    return Answer(_json(call.project().ownership, call.state))


def update_ownership(call: Call) -> Answer:
    """``PUT projects/{org}/{project}/ownership/``: 200 (the published description says 202).

    A token that may only read the project may still write ``raw``, and nothing else.
    """
    body, ownership = call.json(), call.project().ownership
    if not call.token.may(WRITE_PROJECT) and set(body) != {"raw"}:
        raise forbidden()
    if "raw" in body:
        ownership.raw = _checked(str(body["raw"] or ""), call.state)
    if body.get("autoAssignment") not in (None, *AUTO_ASSIGNMENTS):
        raise invalid("autoAssignment", "Invalid selection.")
    ownership.auto_assignment = body.get("autoAssignment", ownership.auto_assignment)
    ownership.fallthrough = bool(body.get("fallthrough", ownership.fallthrough))
    ownership.codeowners_auto_sync = bool(body.get("codeownersAutoSync", ownership.codeowners_auto_sync))
    ownership.updated = call.state.now()
    ownership.created = ownership.created or ownership.updated
    return Answer(_json(ownership, call.state))


def _json(ownership: Ownership, state: State) -> dict[str, Any]:
    rules = [_rule_json(*rule, state) for rule in _rules(ownership.raw or "")]
    return {
        "raw": ownership.raw,
        "fallthrough": ownership.fallthrough,
        "dateCreated": iso(ownership.created),
        "lastUpdated": iso(ownership.updated),
        "isActive": True,
        "autoAssignment": ownership.auto_assignment,
        "codeownersAutoSync": ownership.codeowners_auto_sync,
        "schema": {"$version": 1, "rules": rules} if ownership.raw is not None else None,
    }


def _checked(raw: str, state: State) -> str:
    if len(raw) > MAX_LENGTH:
        raise invalid("raw", f"Raw needs to be <= {MAX_LENGTH} characters in length")
    rules = list(_rules(raw))
    if any(kind == "codeowners" for kind, _, _ in rules):
        raise invalid("raw", "Codeowner type paths can only be added by importing CODEOWNER files")
    unknown = sorted({owner for _, _, owners in rules for owner in owners if _owner(owner, state) is None})
    if unknown:
        raise invalid("raw", f"Invalid rule owners: {', '.join(unknown)}")
    return raw.strip()


def _rules(raw: str) -> Iterator[tuple[str, str, list[str]]]:
    for number, line in enumerate(raw.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _RULE.fullmatch(line.lstrip(" "))
        if match is None or not match["owners"]:
            raise invalid("raw", f"Parse error: {line.strip()[:40]} (line {number}, column 1)")
        yield match["type"] or "path", match["pattern"].strip('"'), match["owners"].split()


def _rule_json(kind: str, pattern: str, owners: list[str], state: State) -> dict[str, Any]:
    found = [shown for owner in owners if (shown := _owner(owner, state))]
    return {"matcher": {"type": kind, "pattern": pattern}, "owners": found}


def _owner(text: str, state: State) -> dict[str, str] | None:
    if text.startswith("#"):
        team = next((team for team in state.teams if team.slug == text[1:]), None)
        return {"type": "team", "id": str(team.id), "name": team.slug} if team else None
    user = state.user_by_email(text)
    return {"type": "user", "id": str(user.id), "name": user.email} if user else None
