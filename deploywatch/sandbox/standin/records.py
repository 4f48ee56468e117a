"""What the stand-in remembers. Mutable on purpose: this is its database."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

# An event of a Python web application is some 35 kB of JSON; a sandbox that runs for days must not fill the memory.
EVENTS_KEPT_PER_ISSUE = 2_000


@dataclass(slots=True, eq=False)
class User:
    """A member of the organization. ``externals`` are pairs of a provider (``github``) and the name there (``@ann``)."""

    id: int
    name: str
    email: str
    joined: datetime
    externals: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Team:
    """A team. ``projects`` are the slugs that it may see, ``None`` for all; ``externals`` are as those of a member."""

    id: int
    slug: str
    created: datetime
    projects: list[str] | None = None
    externals: list[tuple[str, str]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Ownership:
    """A project's ownership rules; ``raw`` is ``None`` until they are written once."""

    raw: str | None = None
    fallthrough: bool = True
    auto_assignment: str = "Auto Assign to Issue Owner"
    codeowners_auto_sync: bool = True
    created: datetime | None = None
    updated: datetime | None = None


@dataclass(slots=True, eq=False)
class CodeMapping:
    """How frames of a project are mapped to files of a repository."""

    id: int
    repository: str
    stack_root: str = ""
    source_root: str = ""


@dataclass(slots=True, eq=False)
class Codeowners:
    """A CODEOWNERS file as it was uploaded for a code mapping."""

    id: int
    raw: str
    mapping: CodeMapping
    created: datetime


@dataclass(slots=True, eq=False)
class Project:
    """A project with its public DSN key. ``codeowners`` is ``None`` on a plan without them."""

    id: int
    slug: str
    platform: str
    key: str
    created: datetime
    ownership: Ownership = field(default_factory=Ownership)
    mappings: list[CodeMapping] = field(default_factory=list)
    codeowners: list[Codeowners] | None = None


@dataclass(slots=True, eq=False)
class Repository:
    """A repository; one that a commit push invented has the provider ``unknown`` and no URL."""

    id: int
    name: str
    provider: str
    url: str | None
    created: datetime


@dataclass(slots=True, eq=False)
class Commit:
    """A commit as a client sent it. ``files`` maps path to A, M or D, and only ever grows."""

    sha: str
    repository: Repository
    message: str
    author_name: str | None
    author_email: str | None
    date: datetime
    files: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Deploy:
    """One deploy of a release."""

    id: int
    environment: str
    started: datetime | None
    finished: datetime
    name: str | None
    url: str | None


@dataclass(slots=True, eq=False)
class Release:
    """A version, unique in the organization. ``commits`` are newest first."""

    id: int
    version: str
    created: datetime
    user_agent: str | None = None
    projects: list[Project] = field(default_factory=list)
    status: str = "open"
    ref: str | None = None
    url: str | None = None
    released: datetime | None = None
    commits: list[Commit] = field(default_factory=list)
    deploys: list[Deploy] = field(default_factory=list)
    first_event: datetime | None = None
    last_event: datetime | None = None
    environments: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Event:
    """A stored event: ``data`` is the raw snake_case form, the rest is what searches look at. ``tags`` are sorted by key."""

    id: str
    project: Project
    issue_id: int
    occurred: datetime
    received: datetime
    release: str | None
    environment: str | None
    user: str | None
    tags: tuple[tuple[str, str], ...]
    data: dict[str, Any]


@dataclass(slots=True, eq=False)
class Activity:
    """Something that happened to an issue; ``type`` is Sentry's word (note, set_resolved, set_regression...)."""

    id: int
    type: str
    data: dict[str, Any]
    user: User | None
    at: datetime


@dataclass(slots=True, eq=False)
class Issue:
    """A group of events. ``resolution`` is what ``statusDetails`` said when it was resolved."""

    id: int
    number: int
    project: Project
    fingerprint: str
    title: str
    culprit: str
    level: str
    type: str
    metadata: dict[str, Any]
    platform: str
    first_seen: datetime
    last_seen: datetime
    times_seen: int = 0
    status: str = "unresolved"
    substatus: str | None = "new"
    resolution: dict[str, Any] = field(default_factory=dict)
    resolved_by: User | None = None
    assigned_to: User | Team | None = None
    first_release: str | None = None
    last_release: str | None = None
    first_release_in: dict[str, str | None] = field(default_factory=dict)
    regressed_in: str | None = None
    events: deque[Event] = field(default_factory=lambda: deque(maxlen=EVENTS_KEPT_PER_ISSUE))
    activity: list[Activity] = field(default_factory=list)

    @property
    def short_id(self) -> str:
        """The name people use, such as ``SHOP-4F``."""
        return f"{self.project.slug.upper()}-{_base32(self.number)}"


@dataclass(frozen=True, slots=True)
class Transaction:
    """One traced request. ``failed`` follows Sentry: any status but ok, cancelled and unknown."""

    project: Project
    occurred: datetime
    release: str | None
    environment: str | None
    name: str
    op: str
    failed: bool
    user: str | None
    tags: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sessions:
    """Sessions (requests) of one minute, by how they ended."""

    project: Project
    started: datetime
    release: str | None
    environment: str | None
    exited: int
    errored: int
    crashed: int


def _base32(number: int) -> str:
    """Crockford's base 32, as Sentry's short ids use."""
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    text = ""
    while number:
        number, rest = divmod(number, 32)
        text = digits[rest] + text
    return text or "0"
