"""The humans behind changes: what git tells, seen through robots, merge queues and merge buttons, and what the code host adds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from deploywatch.codehost.find import code_host
from deploywatch.codehost.host import CodeHost
from deploywatch.model import Commit, Contributor, Person
from deploywatch.owners.authorship import Human, humans_behind
from deploywatch.owners.people import Identity, People

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.history.repository import Repository
    from deploywatch.http import Http

_WROTE: Final = ("author", "co-author")
_KEPT: Final = 256


class Authors:
    """Finds them among ``people``. The ``host`` is asked only where that is wanted, and once for each commit."""

    def __init__(self, people: People, robots: Sequence[str] = (), host: CodeHost | None = None) -> None:
        self._people = people
        self._robots = robots
        self._told = lru_cache(_KEPT)(host.people_of) if host else None
        self._opened = lru_cache(_KEPT)(host.opened_by) if host else None

    def of(self, commit: Commit, *, look_up: bool = False) -> tuple[Contributor, ...]:
        """The likeliest first. With ``look_up`` whom the host takes them for, too.

        Where git names none but robots, or whoever merged, it is first of all whoever opened the pull request.
        """
        humans = humans_behind(commit, self._robots)
        told = self._told(commit.sha) if look_up and self._told else ()
        people = People((*self._people.identities, *told)) if told else self._people
        found = tuple(_contributor(human, people) for human in humans)
        if not look_up or self._opened is None or any(human.known_by in _WROTE for human in humans):
            return found
        opener = self._opened(commit.sha)
        return (_opener(opener, people), *found) if opener else found


def host_of(setup: Setup, repository: Repository) -> CodeHost | None:
    """The repository's code host, where there is a token for it."""
    return code_host(repository.remote_url(setup.settings.repository.remote), setup.environ, lambda: _http(setup))


def _http(setup: Setup) -> Http:
    from deploywatch.http import HttpClient

    return setup.transport or HttpClient(environ=setup.environ)


def _contributor(human: Human, people: People) -> Contributor:
    return Contributor(human.person, human.known_by, people.name(human.person))


def _opener(opener: Identity, people: People) -> Contributor:
    known = people.owner(opener.mention)
    identity = known.identity if known else opener
    person = Person(identity.name or opener.mention, next(iter(identity.emails), ""))
    return Contributor(person, "pull request", identity.mention)
