"""Assigns an issue to its owner, and never over a human's choice.

Whoever is assigned already stays so, be it by a person, by a rule or by us before; and where somebody took an assignment back,
nobody is assigned again. Sentry wants ``team:<id>`` or ``user:<id>``; it refuses whoever has no access to the project.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import BeforeValidator

from deploywatch.errors import SentryRejected
from deploywatch.sentry.addresses import at_issue, tell
from deploywatch.sentry.client import Call, Client
from deploywatch.sentry.people import Member, Team, members, teams
from deploywatch.sentry.wire import Text, Wire, items, mapping, read

SCOPE: Final = "event:write"
_TAKEN_BACK: Final = "unassigned"


class _ActorWire(Wire):
    name: Text = None
    email: Text = None


class _ActivityWire(Wire):
    type: Text = None
    user: Annotated[_ActorWire | None, BeforeValidator(mapping)] = None


class _IssueWire(Wire):
    assigned_to: Annotated[_ActorWire | None, BeforeValidator(mapping)] = None
    activity: Annotated[tuple[_ActivityWire, ...], BeforeValidator(items)] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who has the issue now. ``made``: we assigned it; else it was left as it was, for the reason ``why``."""

    to: str | None
    made: bool
    why: str


def assign(client: Client, issue_id: str, owners: Sequence[str]) -> Assignment:
    """Assign to the first of ``owners`` (e-mail addresses, ``#team`` slugs, names that Sentry knows as external) that it takes.

    Raises ``SentryRejected`` where it takes none of them, and any other ``SentryError``. Doing it twice is doing it once.
    """
    now = assigned(client, issue_id)
    if now is not None:
        return now
    complaints: list[str] = []
    for name, actor in _actors(client, owners):
        try:
            _put(client, issue_id, actor)
        except SentryRejected as error:
            complaints.append(f"{name}: {error.message}")
        else:
            return Assignment(name, made=True, why="nobody was assigned")
    raise SentryRejected(
        "Sentry takes none of the owners: " + ("; ".join(complaints) or f"it knows no team or member {' or '.join(owners)}"),
        hint="give the team access to the project, or tell how Sentry calls the owner in [owners] names",
        status=400,
    )


def assigned(client: Client, issue_id: str) -> Assignment | None:
    """Why nobody may assign the issue (any more), or ``None`` where somebody may."""
    issue = at_issue(client, issue_id, ask=lambda path: read(_IssueWire, client.get(path), path))
    if issue.assigned_to is not None:
        who = issue.assigned_to.email or issue.assigned_to.name or "somebody"
        return Assignment(who, made=False, why="it was assigned already")
    if any(entry.type == _TAKEN_BACK and entry.user for entry in issue.activity):
        return Assignment(None, made=False, why="somebody took an assignment back")
    return None


def _actors(client: Client, owners: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each owner that Sentry knows, with how it wants to be told. The lists are asked for when the first one needs them."""
    known: tuple[Team, ...] | None = None
    people: tuple[Member, ...] | None = None
    for name in owners:
        wanted = name.lower()
        if "@" in wanted.lstrip("@"):
            people = people if people is not None else tell(lambda: members(client)) or ()
            yield name, next((f"user:{each.user_id}" for each in people if each.user_id and wanted in each.emails), wanted)
            continue
        known = known if known is not None else tell(lambda: teams(client)) or ()
        if team := next((each for each in known if each.id and _is_called(each, wanted)), None):
            yield name, f"team:{team.id}"
            continue
        people = people if people is not None else tell(lambda: members(client)) or ()
        if user := next((each.user_id for each in people if each.user_id and _is_known_as(each, wanted)), None):
            yield name, f"user:{user}"


def _is_called(team: Team, name: str) -> bool:
    return name in (f"#{team.slug.lower()}", *(external.lower() for external in team.externals))


def _is_known_as(member: Member, name: str) -> bool:
    return name in (external.lower() for _, external in member.externals)


def _put(client: Client, issue_id: str, actor: str) -> Any:
    body = {"assignedTo": actor}
    return at_issue(client, issue_id, ask=lambda path: client.call(Call("PUT", path, body=body, scope=SCOPE)).json)
