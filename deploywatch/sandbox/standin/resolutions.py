"""What ``status`` and ``statusDetails`` do to an issue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deploywatch.sandbox.standin.answers import Refusal, invalid
from deploywatch.sandbox.standin.grouping import record
from deploywatch.sandbox.standin.records import Issue, User
from deploywatch.sandbox.standin.state import State

STATUSES = ("resolved", "unresolved", "ignored", "resolvedInNextRelease", "muted")


def change_status(state: State, issue: Issue, body: Mapping[str, Any], *, by: User | None) -> None:
    """Resolve, reopen or archive. Answers 400 for an unknown status, release or commit."""
    status = body["status"]
    if status not in STATUSES:
        raise invalid("status", f'"{status}" is not a valid choice.')
    details = dict(body.get("statusDetails") or {})
    if status == "resolvedInNextRelease":
        status, details = "resolved", {"inNextRelease": True}
    if status == "resolved":
        kind, data = _resolve(state, issue, details)
        issue.resolved_by = by
        issue.status, issue.substatus = "resolved", None
    elif status in ("ignored", "muted"):
        kind, data = "set_ignored", {}
        issue.status, issue.substatus, issue.resolution = "ignored", "archived_forever", {}
    else:
        kind, data = "set_unresolved", {}
        issue.status, issue.substatus, issue.resolution = "unresolved", "ongoing", {}
    record(state, issue, kind, user=by, **data)


def _resolve(state: State, issue: Issue, details: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if details.get("inRelease"):
        version = _version(state, issue, str(details["inRelease"]))
        issue.resolution = {"inRelease": version}
        return "set_resolved_in_release", {"version": version}
    if details.get("inNextRelease"):
        issue.resolution = {"inNextRelease": True, "_after": _newest(state, issue)}
        return "set_resolved_in_release", {"version": ""}
    if details.get("inCommit"):
        return _in_commit(state, issue, details["inCommit"])
    issue.resolution = {}
    return "set_resolved", {}


def _in_commit(state: State, issue: Issue, wanted: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    commit = state.commits.get((str(wanted.get("repository")), str(wanted.get("commit"))))
    if commit is None:
        raise Refusal(400, {"statusDetails": {"inCommit": {"commit": ["Unable to find the given commit."]}}})
    released = next((release.version for release in state.releases.values() if commit in release.commits), None)
    issue.resolution = {"inRelease": released} if released else {"inCommit": commit.sha}
    return "set_resolved_in_commit", {"commit": commit.sha}


def _version(state: State, issue: Issue, version: str) -> str:
    if version == "latest":
        version = _newest(state, issue) or ""
    release = state.releases.get(version)
    if release is None or issue.project not in release.projects:
        raise Refusal(400, {"statusDetails": {"inRelease": ["Unable to find a release with the given version."]}})
    return version


def _newest(state: State, issue: Issue) -> str | None:
    mine = [release for release in state.releases.values() if issue.project in release.projects]
    return mine[-1].version if mine else None
