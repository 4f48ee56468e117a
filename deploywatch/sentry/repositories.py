"""The repositories that Sentry knows, and which of them is the one at a remote's address."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from deploywatch.errors import SentryError
from deploywatch.sentry.client import Client
from deploywatch.sentry.commits import MAX_REPOSITORY
from deploywatch.sentry.wire import RepositoryWire, read

SCOPE: Final = "org:read"
_INVENTED: Final = "unknown"
_SCP: Final = re.compile(r"^(?:[^@/\s]+@)?([\w.-]+):(?!//)(.+)$")
_URL: Final = re.compile(r"^[a-z][a-z0-9+.-]*://(?:[^@/\s]*@)?([^/\s:]+)(?::\d+)?/(.+)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class NamedRepository:
    """What a release's commits call their repository, and a sentence where that does not lead to the code host."""

    name: str
    warning: str | None = None


def name_in_sentry(client: Client, name: str, address: str | None) -> NamedRepository:
    """The name under which Sentry knows the repository ``name`` (owner/name) at ``address`` (its remote's).

    Commits join the repository of an integration only under exactly its name, and any other name makes a repository up. Where
    Sentry does not tell its repositories, ``name`` has to do.
    """
    here, others = _place(address), []
    try:
        for one in _linked(client):
            if here and _place(one.url) == here:
                return _fitting(one.name, None)
            others.append(one.name)
    except SentryError:
        return _fitting(name, None)
    if found := next((other for other in others if other.lower() == name.lower()), None):
        return _fitting(found, None)
    return _fitting(name, _unlinked(name, others) if others else None)


def _unlinked(name: str, known: Sequence[str]) -> str:
    more = f" and {len(known) - 1} more" if len(known) > 1 else ""
    return (
        f"none of Sentry's repositories ({known[0]}{more}) is {name}: its commits are kept, but not linked to the code host; "
        "add the repository to the integration in Sentry, or set [repository] name"
    )


def _linked(client: Client) -> Iterator[RepositoryWire]:
    where = client.path("repos")
    found = (read(RepositoryWire, item, where) for item in client.pages(where, [("per_page", "100")], scope=SCOPE))
    return (one for one in found if one.provider_id != _INVENTED)


def _fitting(name: str, warning: str | None) -> NamedRepository:
    if len(name) > MAX_REPOSITORY:
        warning = f"the repository's name {name} is cut, because Sentry takes {MAX_REPOSITORY} characters with a commit"
    return NamedRepository(name[:MAX_REPOSITORY], warning)


def _place(address: str | None) -> tuple[str, str] | None:
    """Host and path of an address, however it is written."""
    found = _URL.match(address or "") or _SCP.match(address or "")
    if not found:
        return None
    return found[1].lower(), found[2].strip("/").lower().removesuffix(".git").strip("/")
