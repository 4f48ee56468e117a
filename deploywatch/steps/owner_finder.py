"""Who owns the failures of one state of the code. What the repository and Sentry hold is read once, when it is first needed."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from deploywatch.errors import SentryAuthError, SentryEndpointMissing, SentryError
from deploywatch.model import Event, Owner, Ranking, RankingVerdict, Regression
from deploywatch.owners.people import People
from deploywatch.owners.resolution import Failure, OwnerSources, resolve_failure
from deploywatch.owners.sentry_grammar import read_rules
from deploywatch.owners.sentry_rules import SentryOwnership
from deploywatch.steps.authors import Authors, host_of
from deploywatch.steps.owner_sources import owner_file, people_of, sources_of

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.history.repository import Repository
    from deploywatch.owners.dialects import OwnerRules
    from deploywatch.sentry.client import Client

MAILMAP: Final = ".mailmap"


class OwnerFinder:
    """Finds owners for the code of ``repository`` at ``commit``; without a repository, by what events say of themselves.

    With a client, Sentry's ownership rules are asked before the owner file, and its members are among the known people. What
    Sentry does not tell is done without, and said once.
    """

    def __init__(
        self, setup: Setup, repository: Repository | None = None, commit: str = "", *, client: Client | None = None
    ) -> None:
        self._setup = setup
        self._repository = repository
        self._commit = commit
        self._client = client
        self._by_project: dict[str, OwnerSources] = {}

    def owner(self, failure: Failure) -> Owner:
        """The owner of a failure, with the steps that led there. Never nobody."""
        return resolve_failure(failure, self.sources(failure.project or ""))

    def investigated(self, regression: Regression, ranking: Ranking | None) -> Regression:
        """The regression with its ranking, the humans behind its suspects, and its owner."""
        owner = self.owner(self.failure(regression.event, regression.issue.project, ranking))
        return replace(regression, ranking=self._with_people(ranking) if ranking else None, owner=owner)

    def failure(self, event: Event | None, project: str | None, ranking: Ranking | None) -> Failure:
        """What is known of a failure. Its change is the suspect, where one stands out."""
        named = ranking.first if ranking and ranking.verdict is RankingVerdict.SUSPECT else None
        frames = ranking.frames if ranking else ()
        if named is None:
            return Failure(event, project or None, frames)
        people = self._authors.of(named.commit, look_up=True)
        return Failure(event, project or None, frames, named.commit, next(iter(people), None))

    def sources(self, project: str = "") -> OwnerSources:
        """Everything that may say who owns a failure of a Sentry project (slug)."""
        if project not in self._by_project:
            sentry = self._sentry_rules(project) if project else None
            before = (sentry,) if sentry else ()
            self._by_project[project] = sources_of(self._setup.settings, self._rules, people=self._people, before=before)
        return self._by_project[project]

    def _with_people(self, ranking: Ranking) -> Ranking:
        """With the humans behind each suspect; only about the first one somebody else is asked."""
        suspects = (replace(each, people=self._authors.of(each.commit, look_up=each.rank == 1)) for each in ranking.suspects)
        return replace(ranking, suspects=tuple(suspects))

    @cached_property
    def _rules(self) -> OwnerRules | None:
        return owner_file(self._setup.settings, self._repository, self._commit) if self._repository else None

    @cached_property
    def _people(self) -> People:
        from deploywatch.sentry.people import members

        mailmap = self._repository.read(MAILMAP, self._commit) if self._repository else None
        try:
            known = members(self._client) if self._client else ()
        except SentryError as error:
            self._do_without("the members of the organisation", error)
            known = ()
        return people_of(self._setup.settings, mailmap=mailmap, members=known)

    def _sentry_rules(self, project: str) -> SentryOwnership | None:
        from deploywatch.sentry.ownership import held_rules

        ours = self._setup.settings.owners
        if self._client is None or not ours.sentry_rules:
            return None
        try:
            held = held_rules(self._client, project)
        except SentryError as error:
            self._do_without(f"the ownership rules of {project}", error)
            return None
        rules, _ = read_rules(held.raw)
        return SentryOwnership(rules, generation=ours.generation, known_owners=held.owners) if rules else None

    @cached_property
    def _authors(self) -> Authors:
        host = host_of(self._setup, self._repository) if self._repository else None
        return Authors(self._people, self._setup.settings.owners.robots, host)

    def _do_without(self, what: str, error: SentryError) -> None:
        """A token for releases need not be one for people, and some servers have no rules: neither is a reason to warn."""
        if not isinstance(error, SentryAuthError | SentryEndpointMissing):
            self._setup.say(f"warning: {what} could not be read, so owners are found without: {error.message}")
