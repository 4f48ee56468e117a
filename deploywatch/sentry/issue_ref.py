"""How people name an issue: its number, its short id, or its address copied from the browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from deploywatch.errors import UsageError

# The part after the last dash is the number in Crockford's base 32; the part before is a project's slug.
_SHORT_ID = re.compile(r"[A-Z0-9_.-]{1,100}-[0-9A-HJKMNP-TV-Z]{1,13}", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,20}")
_IN_PATH = re.compile(r"/(?:issues|groups)/([^/]+)")


@dataclass(frozen=True, slots=True)
class IssueRef:
    """A number or else a short id in upper case; ``host`` is set where it came from an address."""

    number: str | None = None
    short_id: str | None = None
    host: str | None = None


def parse_issue_ref(text: str) -> IssueRef:
    """Read what a user typed. Raises ``UsageError`` for anything that cannot name an issue."""
    value = text.strip()
    host = None
    if "://" in value:
        value, host = _from_address(value)
    if _NUMBER.fullmatch(value):
        return IssueRef(number=value, host=host)
    if _SHORT_ID.fullmatch(value):
        return IssueRef(short_id=value.upper(), host=host)
    raise UsageError(
        f"{text.strip()[:200]!r} does not name a Sentry issue",
        hint="give its number (901), its short id (SHOP-4F), or its address (https://.../issues/901/)",
    )


def same_sentry(one: str | None, other: str | None) -> bool:
    """Whether two hosts can be of the same Sentry: equal, or both of ``sentry.io`` (organisations and regions have their own)."""
    return one is None or other is None or one == other or all(_is_saas(host) for host in (one, other))


def host_of(address: str | None) -> str | None:
    """The host name of an address, ``None`` where there is none."""
    try:
        return urlsplit(address).hostname if address else None
    except ValueError:
        return None


def _is_saas(host: str) -> bool:
    return host == "sentry.io" or host.endswith(".sentry.io")


def _from_address(address: str) -> tuple[str, str | None]:
    host = host_of(address)
    found = _IN_PATH.search(urlsplit(address).path) if host else None
    return (unquote(found[1]), host) if found else ("", host)
