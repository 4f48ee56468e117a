"""The side effect of sending commits: Sentry resolves every issue that a message says it fixes, even one that happens again.

The words are those that Sentry's own reading of messages looks for ("Fixes SHOP-4F, SHOP-5", "Closes: ...", "Resolved ..."), and
the address of an issue anywhere in the message. Source: utils/groupreference.py of getsentry/sentry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from deploywatch.errors import SentryError, SentryNotFound, UsageError
from deploywatch.sentry.client import Client
from deploywatch.sentry.commits import SKIPPED
from deploywatch.sentry.issues import issue

MOST_LOOKED_UP: Final = 25
_CLAIM: Final = re.compile(r"\b(?:fix(?:e[sd])?|close[sd]?|resolve[sd]?):?\s+([\w,\s-]+)", re.IGNORECASE | re.ASCII)
_SHORT_ID: Final = re.compile(r"\b[A-Z0-9_-]+-[A-Z0-9]+\b", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"https?://[^/\s]+(?:/organizations/[^/\s]+)?/issues/[\w-]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Resolutions:
    """Short ids of the issues that will be resolved, and names that could not be looked up (``unsure``)."""

    issues: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()


def claimed_fixes(message: str) -> tuple[str, ...]:
    """The issues that a message says it fixes, as it names them: short ids in upper case, or addresses."""
    if SKIPPED in message:
        return ()
    claims = (name.upper() for claim in _CLAIM.findall(message) for name in _SHORT_ID.findall(claim))
    return tuple(dict.fromkeys((*claims, *_ADDRESS.findall(message))))


def resolved_by(client: Client, messages: Iterable[str]) -> Resolutions:
    """What Sentry will resolve when it is told of these messages. Issues that are resolved already, or unknown, are left out."""
    named = dict.fromkeys(name for message in messages for name in claimed_fixes(message))
    found: dict[str, None] = {}
    unsure: list[str] = []
    for number, name in enumerate(named):
        try:
            known = issue(client, name) if number < MOST_LOOKED_UP else None
        except (SentryNotFound, UsageError):
            continue
        except SentryError:
            known = None
        if known is None:
            unsure.append(name)
        elif known.status != "resolved":
            found.setdefault(known.short_id)
    return Resolutions(tuple(found), tuple(unsure))
