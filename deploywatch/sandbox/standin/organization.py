"""The root, the organization, its projects, keys and environments."""

from __future__ import annotations

from typing import Any

from deploywatch.sandbox.standin import people
from deploywatch.sandbox.standin.answers import Answer
from deploywatch.sandbox.standin.call import Call
from deploywatch.sandbox.standin.paging import page
from deploywatch.sandbox.standin.records import Project
from deploywatch.sandbox.standin.state import State
from deploywatch.sandbox.standin.times import iso

ORGANIZATION_ID = "1"


def root(call: Call) -> Answer:
    """``GET /api/0/``: who am I? ``sentry-cli info`` asks it."""
    user = people.user(call.token.user) if call.token.user else None
    return Answer({"version": "0", "auth": {"scopes": sorted(call.token.scopes)}, "user": user})


def list_organizations(call: Call) -> Answer:
    """``GET organizations/``"""
    organizations, link = page(call, [_organization(call)])
    return Answer(organizations, headers=link)


def get_organization(call: Call) -> Answer:
    """``GET organizations/{org}/``"""
    return Answer(_organization(call))


def list_projects(call: Call) -> Answer:
    """``GET organizations/{org}/projects/``"""
    projects, link = page(call, call.state.projects)
    return Answer([project(each, call.state) for each in projects], headers=link)


def get_project(call: Call) -> Answer:
    """``GET projects/{org}/{project}/``"""
    organization = _organization(call)
    return Answer({**project(call.project(), call.state), "organization": organization, "options": {}, "resolveAge": 0})


def list_keys(call: Call) -> Answer:
    """``GET projects/{org}/{project}/keys/``: the DSN."""
    return Answer([_key(call.project(), call.base)])


def list_environments(call: Call) -> Answer:
    """``GET organizations/{org}/environments/``"""
    names = list(call.state.environments)
    return Answer([{"id": str(number), "name": name} for number, name in enumerate(names, 1)])


def list_project_environments(call: Call) -> Answer:
    """``GET projects/{org}/{project}/environments/``"""
    slug = call.project().slug
    numbered = enumerate(call.state.environments.items(), 1)
    return Answer([{"id": str(number), "name": name, "isHidden": False} for number, (name, slugs) in numbered if slug in slugs])


def project(each: Project, state: State) -> dict[str, Any]:
    """A project as lists show it."""
    teams = [{"id": str(team.id), "slug": team.slug, "name": team.slug} for team in state.teams]
    latest = next((r for r in reversed(state.releases.values()) if each in r.projects), None)
    first = min((i.first_seen for i in state.issues.values() if i.project is each), default=None)
    return {
        "id": str(each.id),
        "slug": each.slug,
        "name": each.slug,
        "platform": each.platform,
        "dateCreated": iso(each.created),
        "isBookmarked": False,
        "isMember": True,
        "features": ["releases"],
        "firstEvent": iso(first),
        "firstTransactionEvent": any(t.project is each for t in state.transactions),
        "access": ["event:read", "event:write", "project:read", "project:releases"],
        "hasAccess": True,
        "hasSessions": any(s.project is each for s in state.sessions),
        "isInternal": False,
        "isPublic": False,
        "avatar": people.AVATAR,
        "color": "#733fbf",
        "status": "active",
        "team": teams[0] if teams else None,
        "teams": teams,
        "platforms": [each.platform],
        "environments": [name for name, slugs in state.environments.items() if each.slug in slugs],
        "latestRelease": {"version": latest.version} if latest else None,
    }


def _organization(call: Call) -> dict[str, Any]:
    slug = call.state.organization
    return {
        "id": ORGANIZATION_ID,
        "slug": slug,
        "status": {"id": "active", "name": "active"},
        "name": slug,
        "dateCreated": iso(call.state.created),
        "isEarlyAdopter": False,
        "require2FA": False,
        "avatar": people.AVATAR,
        "links": {"organizationUrl": call.base, "regionUrl": call.base},
        "hasAuthProvider": False,
        "allowMemberInvite": True,
        "allowMemberProjectCreation": True,
        "allowSuperuserAccess": False,
        "features": ["releases", "performance-view"],
        "access": sorted(call.token.scopes),
    }


def _key(each: Project, base: str) -> dict[str, Any]:
    return {
        "id": each.key,
        "name": "Default",
        "label": "Default",
        "public": each.key,
        "projectId": each.id,
        "isActive": True,
        "rateLimit": None,
        "dsn": {"public": dsn(each, base)},
        "dateCreated": iso(each.created),
    }


def dsn(each: Project, base: str) -> str:
    """The address that an SDK sends the project's events to."""
    scheme, _, host = base.partition("://")
    return f"{scheme}://{each.key}@{host}/{each.id}"
