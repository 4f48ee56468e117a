"""One person under many names: e-mail addresses, handles on code hosts, a Slack user, a Sentry member.

What is known comes from anywhere (``.mailmap``, the configured map, look-ups at Sentry or Slack) as partial identities; those
that share an address or a handle are one person. Names alone never join two identities: two people may have one name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from deploywatch.model import Person

_MAILMAP: Final = re.compile(r"([^<>]*)<([^<>\s]+)>")
_NOREPLY: Final = re.compile(r"(?:\d+[+-])?(?P<handle>[^@+]+)@users\.noreply\.(?P<host>github|gitlab)\.com", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Identity:
    """What is known of a person. Handles are without ``@``; ``slack`` is a member id (``U012AB3CD``), ``sentry`` a user's id."""

    name: str | None = None
    emails: tuple[str, ...] = ()
    github: str | None = None
    gitlab: str | None = None
    slack: str | None = None
    sentry: str | None = None

    @property
    def mention(self) -> str:
        """How to name the person among owners: by a handle, else by an address, else by name."""
        handle = self.github or self.gitlab
        return f"@{handle}" if handle else next(iter(self.emails), None) or self.name or ""


@dataclass(frozen=True, slots=True)
class Match:
    """A person who was found, and by what: ``e-mail a@x.org``, ``GitHub handle ann``, ``name Ann Lee`` (the only one)."""

    identity: Identity
    by: str

    @property
    def is_certain(self) -> bool:
        """Whether it was found by something that only one person has."""
        return not self.by.startswith("name ")


class People:
    """Everybody who is known, found by whatever is known of them."""

    def __init__(self, identities: Iterable[Identity]) -> None:
        self.identities = tuple(_joined(identities))
        self._by_key: dict[str, Identity] = {}
        names: defaultdict[str, list[Identity]] = defaultdict(list)
        for identity in self.identities:
            self._by_key.update((key, identity) for key, _ in _keys(identity))
            if identity.name:
                names[_folded(identity.name)].append(identity)
        self._by_name = {name: found[0] for name, found in names.items() if len(found) == 1 and " " in name}

    def match(self, person: Person) -> Match | None:
        """The person behind a name and an address of git; by the name only where nobody else has that full name."""
        own = Identity(emails=(person.email,) if person.email else ())
        for key, by in _keys(own):
            if key in self._by_key:
                return Match(self._by_key[key], by)
        by_name = self._by_name.get(_folded(person.name))
        return Match(by_name, f"name {person.name}") if by_name else None

    def owner(self, owner: str) -> Match | None:
        """The person that an owner of an owner file is: ``@handle`` or an e-mail address. Teams are nobody's name."""
        if owner.startswith("@") and "/" not in owner:
            keys = [(f"{host}:{owner[1:].casefold()}", f"{label} handle {owner[1:]}") for host, label in _HOSTS]
        elif "@" in owner[1:]:
            keys = list(_keys(Identity(emails=(owner,))))
        else:
            return None
        return next((Match(self._by_key[key], by) for key, by in keys if key in self._by_key), None)

    def name(self, person: Person) -> str:
        """How to name a person of git among owners: as they are known, else by their address."""
        match = self.match(person)
        return (match.identity.mention if match else "") or person.email or person.name


def read_mailmap(text: str) -> tuple[Identity, ...]:
    """The people of a ``.mailmap``: each line joins proper name and address with an address of commits (gitmailmap(5))."""
    found: list[Identity] = []
    for line in text.split("\n"):
        parts = _MAILMAP.findall(line.partition("#")[0])
        if parts:
            found.append(Identity(parts[0][0].strip() or None, tuple(dict.fromkeys(email for _, email in parts))))
    return tuple(found)


_HOSTS: Final = (("github", "GitHub"), ("gitlab", "GitLab"))


def _keys(identity: Identity) -> Iterator[tuple[str, str]]:
    """What only this person has, each as a key to compare and as words to read."""
    for email in identity.emails:
        yield f"mail:{email.casefold()}", f"e-mail {email}"
        hidden = _NOREPLY.fullmatch(email)
        if hidden:
            host = hidden["host"].lower()
            yield f"{host}:{hidden['handle'].casefold()}", f"{dict(_HOSTS)[host]} handle {hidden['handle']}"
    for host, label in _HOSTS:
        handle = identity.github if host == "github" else identity.gitlab
        if handle:
            yield f"{host}:{handle.casefold()}", f"{label} handle {handle}"
    if identity.slack:
        yield f"slack:{identity.slack}", f"Slack user {identity.slack}"
    if identity.sentry:
        yield f"sentry:{identity.sentry}", f"Sentry member {identity.sentry}"


def _joined(identities: Iterable[Identity]) -> Iterator[Identity]:
    """Identities that share a key, directly or through others, as one each; in the order of their first mention."""
    groups: dict[str, list[Identity]] = {}
    for identity in identities:
        keys = [key for key, _ in _keys(identity)]
        touched = {id(groups[key]): groups[key] for key in keys if key in groups}
        merged = [*(known for group in touched.values() for known in group), identity]
        for key in dict.fromkeys(key for known in merged for key, _ in _keys(known)):
            groups[key] = merged
    return (_merged(group) for group in {id(group): group for group in groups.values()}.values())


def _merged(parts: list[Identity]) -> Identity:
    """One identity of several; where they contradict each other the first one is believed."""
    emails = dict.fromkeys(email for part in parts for email in part.emails)
    hidden = [found for email in emails if (found := _NOREPLY.fullmatch(email))]
    handles = {found["host"].lower(): found["handle"] for found in reversed(hidden)}
    return Identity(
        name=next((part.name for part in parts if part.name), None),
        emails=tuple(sorted(emails, key=lambda email: _NOREPLY.fullmatch(email) is not None)),
        github=next((part.github for part in parts if part.github), handles.get("github")),
        gitlab=next((part.gitlab for part in parts if part.gitlab), handles.get("gitlab")),
        slack=next((part.slack for part in parts if part.slack), None),
        sentry=next((part.sentry for part in parts if part.sentry), None),
    )


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()
