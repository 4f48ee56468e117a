"""What Sentry calls the owners of owner files: a team is ``#slug``, a person an e-mail address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from deploywatch.owners.people import People


@dataclass(frozen=True, slots=True)
class SentryNames:
    """Everything that tells it.

    ``held`` is what Sentry itself makes of names, by its integrations and its members' addresses: the only thing that counts when
    it converts a CODEOWNERS file. ``configured`` is believed before all. ``known`` are all owners that a rule of the project may
    name, ``None`` where nobody could be asked.
    """

    held: Mapping[str, str] = field(default_factory=dict)
    configured: Mapping[str, str] = field(default_factory=dict)
    people: People = field(default_factory=lambda: People(()))
    known: frozenset[str] | None = None

    def of(self, owner: str) -> str | None:
        """How a rule names an owner; ``None`` where Sentry knows nobody of that name, as far as that is known."""
        if owner in self.configured:
            return self.configured[owner]
        candidates = (
            owner if owner.startswith("#") else None,
            self.held.get(owner),
            *self._addresses(owner),
            guess(owner),
        )
        return next((name for name in candidates if name and (self.known is None or name in self.known)), None)

    def all_of(self, owners: Iterable[str]) -> dict[str, str]:
        """Each owner that has a name in Sentry, with it."""
        return {owner: name for owner in dict.fromkeys(owners) if (name := self.of(owner))}

    def _addresses(self, owner: str) -> tuple[str, ...]:
        match = self.people.owner(owner)
        return tuple(address.lower() for address in match.identity.emails) if match else ()


def guess(owner: str) -> str | None:
    """What Sentry may call an owner: an address itself, a team by its last name; ``None`` for a handle, which tells nothing."""
    organisation, slash, team = owner.rpartition("/")
    if slash and organisation.startswith("@"):
        return f"#{team.lower()}"
    return owner.lower() if "@" in owner and not owner.startswith("@") else None
