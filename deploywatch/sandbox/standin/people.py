"""Users, members and teams as the API shows them."""

from __future__ import annotations

import hashlib
from typing import Any

from deploywatch.sandbox.standin.answers import Answer
from deploywatch.sandbox.standin.call import Call
from deploywatch.sandbox.standin.paging import page
from deploywatch.sandbox.standin.records import Team, User
from deploywatch.sandbox.standin.times import iso

AVATAR = {"avatarType": "letter_avatar", "avatarUuid": None}
MEMBER_FLAGS = {
    "idp:provisioned": False,
    "idp:role-restricted": False,
    "sso:linked": False,
    "sso:invalid": False,
    "member-limit:restricted": False,
    "partnership:restricted": False,
}


def list_members(call: Call) -> Answer:
    """``GET organizations/{org}/members/``"""
    users, link = page(call, call.state.users)
    expanded = "externalUsers" in call.query.getlist("expand")
    return Answer([_expanded(user) if expanded else member(user) for user in users], headers=link)


def user(person: User) -> dict[str, Any]:
    """A user, as an author, an actor or a commenter."""
    return {
        "id": str(person.id),
        "name": person.name,
        "username": person.email,
        "email": person.email,
        "avatarUrl": f"https://secure.gravatar.com/avatar/{_gravatar(person.email)}?s=32&d=mm",
        "isActive": True,
        "isSuspended": False,
        "hasPasswordAuth": False,
        "isManaged": False,
        "dateJoined": iso(person.joined),
        "lastLogin": None,
        "has2fa": False,
        "lastActive": iso(person.joined),
        "isSuperuser": False,
        "isStaff": False,
        "experiments": {},
        "emails": [{"id": str(person.id), "email": person.email, "is_verified": True}],
        "avatar": AVATAR,
        "identities": [],
    }


def member(person: User) -> dict[str, Any]:
    """A user as a member of the organization."""
    return {
        "id": str(person.id),
        "email": person.email,
        "name": person.name,
        "user": user(person),
        "role": "member",
        "roleName": "Member",
        "orgRole": "member",
        "pending": False,
        "expired": False,
        "flags": MEMBER_FLAGS,
        "dateCreated": iso(person.joined),
        "inviteStatus": "approved",
        "inviterName": None,
        "groupOrgRoles": [],
    }


def actor(assignee: User | Team | None) -> dict[str, Any] | None:
    """Whom an issue is assigned to."""
    if assignee is None:
        return None
    if isinstance(assignee, Team):
        return {"type": "team", "id": str(assignee.id), "name": assignee.slug}
    return {"type": "user", "id": str(assignee.id), "name": assignee.name, "email": assignee.email}


def _expanded(person: User) -> dict[str, Any]:
    return {**member(person), "externalUsers": [external(*each) for each in person.externals]}


def external(provider: str, name: str) -> dict[str, Any]:
    """A name that a code host has for a user or a team."""
    return {"id": "1", "provider": provider, "externalName": name, "integrationId": "1"}


def _gravatar(email: str) -> str:
    return hashlib.md5(email.lower().encode(), usedforsecurity=False).hexdigest()
