"""Releases: create, read, change, list; and "the previous one that has commits"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deploywatch.sandbox.standin import commits, deploys
from deploywatch.sandbox.standin.answers import Answer, Refusal, invalid
from deploywatch.sandbox.standin.call import Call
from deploywatch.sandbox.standin.paging import page
from deploywatch.sandbox.standin.records import Project, Release
from deploywatch.sandbox.standin.search import matches_release, parse
from deploywatch.sandbox.standin.state import State
from deploywatch.sandbox.standin.times import iso, moment
from deploywatch.sandbox.standin.versions import check_version, version_info


def list_releases(call: Call) -> Answer:
    """``GET organizations/{org}/releases/`` and the project's own: newest created first."""
    projects, environments = call.projects(), call.environments()
    terms = parse(call.query.get("query", ""))
    found = [
        release
        for release in reversed(call.state.releases.values())
        if release.status == call.query.get("status", "open")
        and any(project in release.projects for project in projects)
        and (not environments or release.environments & set(environments))
        and matches_release(release, terms)
    ]
    releases, link = page(call, found)
    return Answer([release_json(release, call.state) for release in releases], headers=link)


def create_release(call: Call) -> Answer:
    """``POST organizations/{org}/releases/``: 201, or 208 when it was already there with all these projects.

    On a release that exists it changes no field but ``status``, and sets the commits.
    """
    body = call.json()
    projects = _projects(call, body)
    missing = [name for name in ("version", "projects") if name not in body and (name == "version" or not projects)]
    if missing:
        raise Refusal(400, {name: ["This field is required."] for name in missing})
    version = check_version(body.get("version"))
    is_new_version = version not in call.state.releases
    linked = [call.state.ensure_release(version, project, user_agent=call.user_agent)[1] for project in projects]
    release = call.state.release(version)
    _update(call, release, body if is_new_version else {key: body[key] for key in ("status", "commits", "refs") if key in body})
    return Answer(release_json(release, call.state), 201 if any(linked) else 208)


def get_release(call: Call) -> Answer:
    """``GET .../releases/{version}/``"""
    return Answer(release_json(_release(call), call.state))


def update_release(call: Call) -> Answer:
    """``PUT .../releases/{version}/``: ``projects`` is ignored, and so is everything falsy."""
    release = _release(call)
    _update(call, release, call.json())
    return Answer(release_json(release, call.state))


def delete_release(call: Call) -> Answer:
    """``DELETE .../releases/{version}/``"""
    del call.state.releases[_release(call).version]
    return Answer(status=204)


def previous_with_commits(call: Call) -> Answer:
    """``GET .../releases/{version}/previous-with-commits/``

    Newest by date, not by ancestry, and the release itself counts, as on the real server.
    """
    release = _release(call)
    limit = release.released or release.created
    dated = [
        (other.released or other.created, other)
        for other in call.state.releases.values()
        if other.commits and (other.released or other.created) <= limit and set(_ids(other)) & set(_ids(release))
    ]
    if not dated:
        return Answer({})
    return Answer(release_json(max(dated, key=lambda pair: (pair[0], pair[1].id))[1], call.state))


def release_meta(call: Call) -> Answer:
    """``GET .../releases/{version}/meta/``"""
    release = _release(call)
    shown = release_json(release, call.state)
    kept = ("version", "versionInfo", "projects", "newGroups", "deployCount", "commitCount")
    changed = {path for commit in release.commits for path in commit.files}
    return Answer(
        {
            **{key: shown[key] for key in kept},
            "released": iso(release.released or release.created),
            "commitFilesChanged": len(changed),
            "releaseFileCount": 0,
            "isArtifactBundle": False,
        }
    )


def release_json(release: Release, state: State) -> dict[str, Any]:
    """A release with its counts."""
    authors = {shown["email"]: shown for commit in release.commits if (shown := commits.author(commit, state))}
    return {
        "id": release.id,
        "version": release.version,
        "status": release.status,
        "shortVersion": release.version,
        "versionInfo": version_info(release.version),
        "ref": release.ref,
        "url": release.url,
        "dateReleased": iso(release.released),
        "dateCreated": iso(release.created),
        "data": {},
        "newGroups": sum(_new_groups(release, project, state) for project in release.projects),
        "owner": None,
        "commitCount": len(release.commits),
        "lastCommit": commits.commit_json(release.commits[0], state) if release.commits else None,
        "deployCount": len(release.deploys),
        "lastDeploy": deploys.deploy_json(release.deploys[-1]) if release.deploys else None,
        "authors": list(authors.values()),
        "projects": [_project(release, project, state) for project in release.projects],
        "firstEvent": iso(release.first_event),
        "lastEvent": iso(release.last_event),
        "currentProjectMeta": {},
        "userAgent": release.user_agent,
    }


def _release(call: Call) -> Release:
    return call.state.release(call.path["version"])


def _ids(release: Release) -> list[int]:
    return [project.id for project in release.projects]


def _projects(call: Call, body: Mapping[str, Any]) -> list[Project]:
    if "project" in call.path:
        return [call.project()]
    names = body.get("projects")
    if names == [] and body.get("version") in call.state.releases:
        # sentry-cli archives and restores with an empty list.
        return []
    if not isinstance(names, list) or not names:
        return []
    found = [call.state.find_project(str(name)) for name in names]
    if None in found:
        raise invalid("projects", "Invalid project ids or slugs")
    return [project for project in found if project is not None]


def _update(call: Call, release: Release, body: Mapping[str, Any]) -> None:
    release.ref = body.get("ref") or release.ref
    release.url = body.get("url") or release.url
    release.status = body.get("status") or release.status
    if body.get("dateReleased"):
        release.released = moment(body["dateReleased"])
        if release.released is None:
            raise invalid("dateReleased", "Datetime has wrong format.")
    if body.get("refs") is not None or body.get("commits"):
        commits.set_commits(call.state, release, body)


def _new_groups(release: Release, project: Project, state: State) -> int:
    return sum(issue.first_release == release.version and issue.project is project for issue in state.issues.values())


def _project(release: Release, project: Project, state: State) -> dict[str, Any]:
    return {
        "id": project.id,
        "slug": project.slug,
        "name": project.slug,
        "newGroups": _new_groups(release, project, state),
        "platform": project.platform,
        "platforms": [project.platform],
        "hasHealthData": any(s.release == release.version and s.project is project for s in state.sessions),
    }
