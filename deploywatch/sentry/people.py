"""The teams and members of an organisation, with the names under which code hosts know them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BeforeValidator

from deploywatch.sentry.client import Client
from deploywatch.sentry.wire import Text, Wire, items, mapping, read_all


def _slugs(value: object) -> tuple[str, ...] | None:
    """``None`` where the server does not tell: that is not the same as none."""
    if not isinstance(value, list):
        return None
    return tuple(slug for item in value if isinstance(item, dict) and isinstance(slug := item.get("slug"), str))


_WHOLE: Final = (("per_page", "100"),)


class _ExternalWire(Wire):
    external_name: Text = None
    provider: Text = None


class _TeamWire(Wire):
    id: str
    slug: str
    projects: Annotated[tuple[str, ...] | None, BeforeValidator(_slugs)] = None
    external_teams: Annotated[tuple[_ExternalWire, ...], BeforeValidator(items)] = ()


class _EmailWire(Wire):
    email: Text = None


class _UserWire(Wire):
    id: str | None = None
    name: Text = None
    email: Text = None
    emails: Annotated[tuple[_EmailWire, ...], BeforeValidator(items)] = ()


class _MemberWire(Wire):
    id: str
    email: Text = None
    name: Text = None
    user: Annotated[_UserWire | None, BeforeValidator(mapping)] = None
    external_users: Annotated[tuple[_ExternalWire, ...], BeforeValidator(items)] = ()


@dataclass(frozen=True, slots=True)
class Team:
    """A team. ``projects`` are the slugs that it has access to, ``None`` where the server does not tell.

    ``externals`` are its names in owner files, such as ``@acme/shop``.
    """

    slug: str
    projects: tuple[str, ...] | None = None
    externals: tuple[str, ...] = ()
    id: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """A member. The first of ``emails`` is the one that rules name; ``externals`` are pairs of provider and name (``@ann``)."""

    emails: tuple[str, ...]
    name: str | None = None
    user_id: str | None = None
    externals: tuple[tuple[str, str], ...] = ()


def teams(client: Client) -> tuple[Team, ...]:
    """All teams. Raises ``SentryError``."""
    where = client.path("teams")
    wires = read_all(_TeamWire, client.pages(where, _WHOLE, scope="team:read"), where)
    return tuple(_team(wire) for wire in wires)


def members(client: Client) -> tuple[Member, ...]:
    """All members with an e-mail address, invited ones too. Raises ``SentryError``."""
    where = client.path("members")
    query = (*_WHOLE, ("expand", "externalUsers"))
    wires = read_all(_MemberWire, client.pages(where, query, scope="member:read"), where)
    found = (_member(wire) for wire in wires)
    return tuple(member for member in found if member.emails)


def _team(wire: _TeamWire) -> Team:
    return Team(wire.slug, wire.projects, tuple(name for _, name in _externals(wire.external_teams)), wire.id)


def _member(wire: _MemberWire) -> Member:
    user = wire.user or _UserWire()
    addresses = (wire.email, user.email, *(each.email for each in user.emails))
    return Member(
        emails=tuple(dict.fromkeys(address.lower() for address in addresses if address)),
        name=user.name or wire.name,
        user_id=user.id,
        externals=_externals(wire.external_users),
    )


def _externals(wires: tuple[_ExternalWire, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((wire.provider or "", wire.external_name) for wire in wires if wire.external_name)
