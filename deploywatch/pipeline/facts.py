"""What is known of the run that deploywatch is a step of, and how a variable's value becomes a fact.

Branches, actors and payloads are written by strangers: a value that has not the form of its kind is no fact.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

Environ = Mapping[str, str]

_SHA: Final = re.compile(r"(?!0+$)[0-9a-f]{7,64}", re.IGNORECASE)
_REPOSITORY: Final = re.compile(r"[\w.-]+(?:/[\w.-]+)+", re.ASCII)
_ENVIRONMENT: Final = re.compile(r"[^/\n\r\f]{1,64}")
"""What Sentry takes as the name of an environment."""
_LONGEST: Final = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """One run of a CI system. ``None``: the system does not say.

    ``before`` is the commit that the branch was at before this run's: on a branch that is deployed at each push, that is what was
    deployed before. ``unfinished`` says why this run is not about a deploy that has come to its end.
    """

    system: str
    """The system's short name, such as ``github``."""
    title: str
    """How people call it."""
    commit: str | None = None
    before: str | None = None
    branch: str | None = None
    run_url: str | None = None
    actor: str | None = None
    environment: str | None = None
    repository: str | None = None
    """owner/name (GitLab: with its groups)."""
    pull_request: int | None = None
    unfinished: str | None = None


def sha(value: object) -> str | None:
    """An object name; forty zeros stand for "there is none"."""
    return value.lower() if isinstance(value, str) and _SHA.fullmatch(value) else None


def name(value: object) -> str | None:
    """A branch's or a person's name: one line that can be shown."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        return None
    return value.strip()[:_LONGEST]


def branch(ref: object) -> str | None:
    """A branch's or a tag's name, without what git puts before it."""
    found = name(ref)
    return found and re.sub(r"^(?:refs/(?:heads|tags)/|refs/remotes/[^/]+/|origin/)", "", found)


def environment(value: object) -> str | None:
    """The name of an environment, as Sentry takes it."""
    text = name(value)
    return text if text and _ENVIRONMENT.fullmatch(text) else None


def repository(value: object) -> str | None:
    """owner/name."""
    return value if isinstance(value, str) and len(value) <= _LONGEST and _REPOSITORY.fullmatch(value) else None


def address(value: object) -> str | None:
    """An http(s) address of one line, without credentials."""
    if not isinstance(value, str) or len(value) > 2000 or not value.isprintable() or " " in value:
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    return value if parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc else None


def number(value: object) -> int | None:
    """A positive number, or the one at the end of an address (a pull request's)."""
    found = re.search(r"(?:^|/)(\d{1,9})$", str(value)) if isinstance(value, str | int) else None
    return int(found[1]) or None if found else None


def inside(payload: object, *keys: str) -> Any:
    """The value under a path of keys in JSON; ``None`` where there is none."""
    for key in keys:
        payload = payload.get(key) if isinstance(payload, Mapping) else None
    return payload
