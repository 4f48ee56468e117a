"""The commits of a release, and the files they changed. Sentry keeps paths only: no hunks, no lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from deploywatch.sandbox.standin import people, repositories
from deploywatch.sandbox.standin.answers import Answer, Refusal, invalid, not_found
from deploywatch.sandbox.standin.call import Call
from deploywatch.sandbox.standin.grouping import record
from deploywatch.sandbox.standin.paging import page
from deploywatch.sandbox.standin.records import Commit, Release
from deploywatch.sandbox.standin.state import State
from deploywatch.sandbox.standin.times import iso, moment

_FIXES = re.compile(r"\b(?:fix(?:e[sd])?|close[sd]?|resolve[sd]?)\s*:?\s+([A-Z0-9_-]+-[A-Z0-9]+)\b", re.IGNORECASE)
_LENGTHS = {"id": 64, "repository": 64, "author_name": 128, "author_email": 200}


def list_commits(call: Call) -> Answer:
    """``GET .../releases/{version}/commits/``: newest first."""
    found, link = page(call, call.state.release(call.path["version"]).commits)
    return Answer([commit_json(commit, call.state) for commit in found], headers=link)


def list_files(call: Call) -> Answer:
    """``GET .../releases/{version}/commitfiles/``: one entry per commit and path, by path. ``repo_name`` filters."""
    release = call.state.release(call.path["version"])
    name = call.query.get("repo_name")
    if name and name not in call.state.repositories:
        raise not_found()
    chosen = [commit for commit in release.commits if not name or commit.repository.name == name]
    changes = sorted(((path, kind, commit) for commit in chosen for path, kind in commit.files.items()), key=lambda c: c[0])
    found, link = page(call, [_file_json(number, *change, call.state) for number, change in enumerate(changes, 1)])
    return Answer(found, headers=link)


def set_commits(state: State, release: Release, body: Mapping[str, Any]) -> None:
    """Replace the commits of the release by ``commits``, or clear them with an empty ``refs``.

    Other ``refs`` would have to be looked up at the code host; the stand-in has none, so only their repository is checked.
    """
    if not body.get("commits"):
        names = [str(ref.get("repository")) for ref in body.get("refs") or [] if isinstance(ref, Mapping)]
        unknown = [name for name in names if name not in state.repositories]
        if unknown:
            raise invalid("refs", f"Invalid repository names: {','.join(unknown)}")
        release.commits = [] if body.get("refs") == [] else release.commits
        return
    sent = [_check(entry) for entry in body["commits"] if "#skipsentry" not in str(entry.get("message"))]
    release.commits = sorted((_keep(state, entry) for entry in sent), key=lambda commit: commit.date, reverse=True)
    for commit in release.commits:
        _resolve_fixed(state, release, commit)


def commit_json(commit: Commit, state: State) -> dict[str, Any]:
    """A commit; its author is a whole user where the address is a member's."""
    return {
        "id": commit.sha,
        "message": commit.message,
        "dateCreated": iso(commit.date),
        "pullRequest": None,
        "suspectCommitType": "",
        "repository": repositories.repository_json(commit.repository),
        "author": author(commit, state) or {},
        "releases": [_release_json(release) for release in state.releases.values() if commit in release.commits],
    }


def author(commit: Commit, state: State) -> dict[str, Any] | None:
    """The commit's author. An address is made up from the name where none was sent, as the real server does."""
    email = commit.author_email
    if not email and commit.author_name:
        email = re.sub(r"[^a-z0-9_.-]", "", commit.author_name.lower()) + "@localhost"
    person = state.user_by_email(email)
    if person:
        return people.user(person)
    return {"name": commit.author_name, "email": email} if email else None


def _check(entry: object) -> Mapping[str, Any]:
    if not isinstance(entry, Mapping) or not entry.get("id"):
        raise Refusal(400, {"commits": [{"id": ["This field is required."]}]})
    for name, length in _LENGTHS.items():
        if len(str(entry.get(name) or "")) > length:
            raise Refusal(400, {"commits": [{name: [f"Ensure this field has no more than {length} characters."]}]})
    for change in entry.get("patch_set") or []:
        if change.get("type") not in ("A", "M", "D"):
            text = f"Commit patch_set type {change.get('type')} is not supported."
            raise Refusal(400, {"commits": [{"patch_set": [{"type": [text]}]}]})
    return entry


def _keep(state: State, entry: Mapping[str, Any]) -> Commit:
    repository = state.add_repository(entry.get("repository") or "organization-1")
    key = (repository.name, str(entry["id"]))
    date: datetime = moment(entry.get("timestamp")) or state.now()
    commit = state.commits.setdefault(key, Commit(key[1], repository, "", None, None, date))
    commit.message, commit.date = str(entry.get("message") or ""), date
    commit.author_name, commit.author_email = entry.get("author_name"), entry.get("author_email")
    for change in entry.get("patch_set") or []:
        commit.files.setdefault(str(change["path"]), change["type"])
    return commit


def _resolve_fixed(state: State, release: Release, commit: Commit) -> None:
    for short_id in _FIXES.findall(commit.message):
        issue = state.issue_by_short_id(short_id)
        if issue and issue.status != "resolved":
            issue.status, issue.substatus, issue.resolution = "resolved", None, {"inRelease": release.version}
            record(state, issue, "set_resolved_in_commit", commit=commit.sha)


def _release_json(release: Release) -> dict[str, Any]:
    return {
        "version": release.version,
        "shortVersion": release.version,
        "ref": release.ref,
        "url": release.url,
        "dateReleased": iso(release.released),
        "dateCreated": iso(release.created),
    }


def _file_json(number: int, path: str, kind: str, commit: Commit, state: State) -> dict[str, Any]:
    return {
        "id": str(number),
        "orgId": 1,
        "author": author(commit, state) or {},
        "commitMessage": commit.message,
        "filename": path,
        "type": kind,
        "repoName": commit.repository.name,
    }
