"""A project's ownership: its rules, the CODEOWNERS that it holds, and how its frames are mapped to files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from deploywatch.owners.sentry_conversion import CodeMapping
from deploywatch.sentry.addresses import with_projects
from deploywatch.sentry.client import Call, Client, Query, api_path
from deploywatch.sentry.wire import Flag, Moment, Text, Wire, items, mapping, read, read_all

READ: Final = "project:read"
WRITE: Final = "project:write"


class _OwnerWire(Wire):
    type: Text = None
    name: Text = None
    identifier: Text = None


class _RuleWire(Wire):
    owners: Annotated[tuple[_OwnerWire, ...], BeforeValidator(items)] = ()


class _SchemaWire(Wire):
    rules: Annotated[tuple[_RuleWire, ...], BeforeValidator(items)] = ()


class _OwnershipWire(Wire):
    raw: Text = None
    fallthrough: Flag = None
    last_updated: Moment = None
    parsed: Annotated[_SchemaWire | None, BeforeValidator(mapping), Field(validation_alias="schema")] = None


class _CodeownersWire(Wire):
    id: str
    raw: Text = None
    code_mapping_id: Text = None
    date_updated: Moment = None


class _CodeMappingWire(Wire):
    id: str
    stack_root: Text = None
    source_root: Text = None
    project_slug: Text = None
    repo_name: Text = None


@dataclass(frozen=True, slots=True)
class HeldRules:
    """The ownership rules that a project holds. ``raw`` is empty where none were ever written.

    ``owners`` are the owners that exist, of those that the rules name; ``None`` where the server does not tell.
    """

    raw: str
    fallthrough: bool | None = None
    updated_at: datetime | None = None
    owners: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class HeldCodeowners:
    """A CODEOWNERS file that a project holds, and the code mapping that it was uploaded for."""

    id: str
    raw: str
    mapping_id: str | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProjectMapping:
    """A code mapping of a project."""

    id: str
    mapping: CodeMapping
    repository: str | None = None


def held_rules(client: Client, project: str) -> HeldRules:
    """The rules of a project (slug). Raises ``SentryError``."""
    where = _path(client, project, "ownership")
    return _held(read(_OwnershipWire, client.get(where, scope=READ), where))


def write_rules(client: Client, project: str, raw: str) -> HeldRules:
    """Replace all rules of a project. Nothing else of its ownership is touched, so that ``project:read`` is enough for it.

    Raises ``SentryRejected`` with Sentry's own words where it does not take them.
    """
    where = _path(client, project, "ownership")
    return _held(read(_OwnershipWire, client.call(Call("PUT", where, body={"raw": raw}, scope=WRITE)).json, where))


def held_codeowners(client: Client, project: str) -> tuple[HeldCodeowners, ...]:
    """The CODEOWNERS files of a project, one for each code mapping. Raises ``SentryError``: plans without it answer 403."""
    where = _path(client, project, "codeowners")
    wires = read_all(_CodeownersWire, client.pages(where, scope=READ), where)
    return tuple(HeldCodeowners(wire.id, wire.raw or "", wire.code_mapping_id, wire.date_updated) for wire in wires)


def code_mappings(client: Client, project: str) -> tuple[ProjectMapping, ...]:
    """How frames of a project are mapped to files of repositories. Raises ``SentryError``."""
    where = client.path("code-mappings")

    def ask(projects: Query) -> tuple[_CodeMappingWire, ...]:
        return read_all(_CodeMappingWire, client.pages(where, projects, scope="org:read"), where)

    wires = with_projects(client, [project], ask)
    return tuple(
        ProjectMapping(wire.id, CodeMapping(wire.stack_root or "", wire.source_root or ""), wire.repo_name)
        for wire in wires
        if wire.project_slug in (project, None)
    )


def _path(client: Client, project: str, name: str) -> str:
    return api_path("projects", client.connection.org, project, name)


def _held(wire: _OwnershipWire) -> HeldRules:
    return HeldRules(wire.raw or "", wire.fallthrough, wire.last_updated, _existing(wire.parsed))


def _existing(parsed: _SchemaWire | None) -> frozenset[str] | None:
    """The owners of the parsed rules, from which Sentry leaves out those that are gone; as rules write them."""
    if parsed is None:
        return None
    found = ((owner.type, owner.name or owner.identifier) for rule in parsed.rules for owner in rule.owners)
    return frozenset(f"#{name}" if kind == "team" else name.lower() for kind, name in found if name)
