"""What one Sentry project knows of owners: who exists, under which names, and what rules it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from deploywatch.errors import ConfigError, SentryAuthError, SentryEndpointMissing, SentryError, SentryNotFound
from deploywatch.owners.check_sentry import SentryState
from deploywatch.owners.sentry_conversion import DIRECT, CodeMapping
from deploywatch.owners.sentry_names import SentryNames
from deploywatch.sentry.ownership import HeldCodeowners, HeldRules, ProjectMapping, code_mappings, held_codeowners, held_rules
from deploywatch.sentry.people import Member, Team, members, teams
from deploywatch.steps.owner_sources import people_of

if TYPE_CHECKING:
    from deploywatch.sentry.client import Client
    from deploywatch.settings import Settings

_Result = TypeVar("_Result")


@dataclass
class SentryProject:
    """A project (slug), each thing asked once and when it is needed.

    What this token or this server does not tell is ``None``, and a sentence in ``untold``; that Sentry is down is an error.
    """

    client: Client
    settings: Settings
    project: str
    repository: str | None = None
    untold: list[str] = field(default_factory=list)

    @cached_property
    def rules(self) -> HeldRules:
        """Its ownership rules. Raises ``SentryError``."""
        return held_rules(self.client, self.project)

    @cached_property
    def mapping(self) -> CodeMapping:
        """How its frames name files: by the code mapping of the repository, of several the one that names frames as they are."""
        found = self._of_the_repository()
        return next((each.mapping for each in found if not each.mapping.stack_root), found[0].mapping if found else DIRECT)

    @cached_property
    def names(self) -> SentryNames:
        """What it calls the owners of owner files."""
        return SentryNames(
            held={name: called for name, called in self._held() if called},
            configured=dict(self.settings.owners.names),
            people=people_of(self.settings, members=self._members or ()),
            known=self._known(),
        )

    def state(self, owners: tuple[str, ...]) -> SentryState:
        """All of it, for the ``owners`` of an owner file."""
        uploaded, mapping = self._uploaded()
        ours = self.settings.owners
        return SentryState(
            rules=self.rules.raw,
            codeowners=uploaded.raw if uploaded else None,
            owners=self.names.held,
            names=self.names.all_of(owners),
            mapping=mapping,
            limit=ours.limit,
            generation=ours.generation,
            converts=self._codeowners is not None,
            known=self.names.known,
            project=self.project,
        )

    @cached_property
    def _teams(self) -> tuple[Team, ...] | None:
        return self._told("its teams", lambda: teams(self.client))

    @cached_property
    def _members(self) -> tuple[Member, ...] | None:
        return self._told("its members", lambda: members(self.client))

    @cached_property
    def _codeowners(self) -> tuple[HeldCodeowners, ...] | None:
        """Plans without them answer as to a token without the scope: that is not worth a sentence."""
        try:
            return held_codeowners(self.client, self.project)
        except (SentryAuthError, SentryEndpointMissing, SentryNotFound):
            return None

    @cached_property
    def _mappings(self) -> tuple[ProjectMapping, ...]:
        return self._told("its code mappings", lambda: code_mappings(self.client, self.project)) or ()

    def _of_the_repository(self) -> tuple[ProjectMapping, ...]:
        named = [each for each in self._mappings if self.repository and each.repository == self.repository]
        return tuple(named) or self._mappings

    def _uploaded(self) -> tuple[HeldCodeowners | None, CodeMapping]:
        """The CODEOWNERS file of the repository, and the mapping that it was uploaded for."""
        mine = {each.id: each.mapping for each in self._of_the_repository()}
        for held in self._codeowners or ():
            if held.mapping_id in mine:
                return held, mine[held.mapping_id]
        return next(iter(self._codeowners or ()), None), self.mapping

    def _held(self) -> Iterator[tuple[str, str]]:
        for team in self._visible_teams():
            yield from ((name, f"#{team.slug}") for name in team.externals)
        for member in self._members or ():
            yield from ((name, member.emails[0]) for _, name in member.externals)
            yield from ((address, address) for address in member.emails)

    def _visible_teams(self) -> tuple[Team, ...]:
        return tuple(team for team in self._teams or () if team.projects is None or self.project in team.projects)

    def _known(self) -> frozenset[str] | None:
        if self._teams is None or self._members is None:
            return None
        addresses = (address for member in self._members for address in member.emails)
        return frozenset((*(f"#{team.slug}" for team in self._visible_teams()), *addresses))

    def _told(self, what: str, ask: Callable[[], _Result]) -> _Result | None:
        try:
            return ask()
        except (SentryAuthError, SentryEndpointMissing, SentryNotFound) as error:
            self.untold.append(f"Sentry does not tell {what} for {self.project}: {_first(error)}")
            return None


def projects_of(client: Client) -> tuple[str, ...]:
    """The slugs that the client is for. Raises ``ConfigError`` where there is none."""
    if client.connection.projects:
        return client.connection.projects
    raise ConfigError("no Sentry project is named", hint="say --project SLUG, or set SENTRY_PROJECT or [sentry] projects")


def _first(error: SentryError) -> str:
    return f"{error.message}; {error.hint}"
