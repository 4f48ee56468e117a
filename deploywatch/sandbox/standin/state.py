"""The stand-in's memory: one organization with its projects, releases, issues and what was sent to them."""

from __future__ import annotations

import itertools
from collections import Counter, deque
from collections.abc import Callable, Iterator
from datetime import datetime

from deploywatch.sandbox.standin.answers import Refusal, not_found
from deploywatch.sandbox.standin.records import (
    Commit,
    Deploy,
    Event,
    Issue,
    Project,
    Release,
    Repository,
    Sessions,
    Team,
    Transaction,
    User,
)

TRANSACTIONS_KEPT = 50_000


class State:
    """One organization. Not safe for threads by itself: the server holds a lock around each use."""

    def __init__(self, organization: str, *, now: Callable[[], datetime]) -> None:
        self.organization = organization
        self.now = now
        self.created = now()
        self.projects: list[Project] = []
        self.users: list[User] = []
        self.teams: list[Team] = []
        self.repositories: dict[str, Repository] = {}
        self.commits: dict[tuple[str, str], Commit] = {}
        self.releases: dict[str, Release] = {}
        self.environments: dict[str, set[str]] = {}
        self.issues: dict[int, Issue] = {}
        self.events: dict[str, Event] = {}
        self.transactions: deque[Transaction] = deque(maxlen=TRANSACTIONS_KEPT)
        self.sessions: deque[Sessions] = deque(maxlen=TRANSACTIONS_KEPT)
        self.discarded: Counter[str] = Counter()
        self._ids: dict[str, Iterator[int]] = {}

    def next_id(self, kind: str) -> int:
        """The next number of its kind, from 1."""
        return next(self._ids.setdefault(kind, itertools.count(1)))

    def add_project(self, slug: str, *, platform: str = "python") -> Project:
        """A new project; its DSN key is 32 hex digits made from its id."""
        number = self.next_id("project")
        project = Project(number, slug, platform, f"{number:032x}", self.now())
        self.projects.append(project)
        return project

    def add_user(self, name: str, email: str) -> User:
        """A new member; commits with this e-mail address are then theirs."""
        user = User(self.next_id("user"), name, email, self.now())
        self.users.append(user)
        return user

    def add_team(self, slug: str) -> Team:
        """A new team."""
        team = Team(self.next_id("team"), slug, self.now())
        self.teams.append(team)
        return team

    def add_repository(self, name: str, *, url: str | None = None, provider: str = "unknown") -> Repository:
        """The repository of this name, made when it is new."""
        if name not in self.repositories:
            self.repositories[name] = Repository(self.next_id("repository"), name, provider, url, self.now())
        return self.repositories[name]

    def find_project(self, name: str) -> Project | None:
        """By slug or by id, as everywhere in Sentry's addresses."""
        return next((project for project in self.projects if name in (project.slug, str(project.id))), None)

    def user_by_email(self, email: str | None) -> User | None:
        """The member with this address; the case of letters does not matter."""
        return next((user for user in self.users if email and user.email.lower() == email.lower()), None)

    def release(self, version: str) -> Release:
        """The release of this version. Answers 404 when there is none."""
        if version not in self.releases:
            raise not_found()
        return self.releases[version]

    def ensure_release(self, version: str, project: Project, *, user_agent: str | None = None) -> tuple[Release, bool]:
        """Get or create; true when the release or its link to the project is new."""
        release = self.releases.get(version)
        if release is None:
            release = Release(self.next_id("release"), version, self.now(), user_agent)
            self.releases[version] = release
        is_new = project not in release.projects
        if is_new:
            release.projects.append(project)
        return release, is_new

    def see_environment(self, name: str, project: Project) -> None:
        """An environment exists from its first event or deploy on."""
        self.environments.setdefault(name, set()).add(project.slug)

    def issue(self, text: str) -> Issue:
        """The issue with this numeric id. Answers 404 when there is none."""
        found = self.issues.get(int(text)) if text.isascii() and text.isdigit() else None
        if found is None:
            raise not_found()
        return found

    def issue_by_short_id(self, short_id: str) -> Issue | None:
        """The issue that people call ``SHOP-4F``; the case of letters does not matter."""
        return next((issue for issue in self.issues.values() if issue.short_id == short_id.upper()), None)

    def actor(self, text: str) -> User | Team | None:
        """Whom ``assignedTo`` means: ``user:1``, ``team:2``, a user's id, name or address. ``None`` for the empty text.

        Answers 400 when it means nobody, as it does for a team's slug.
        """
        kind, _, number = text.rpartition(":")
        if not text:
            return None
        pool: list[User] | list[Team] = self.teams if kind == "team" else self.users
        for candidate in pool:
            if str(candidate.id) == number or (isinstance(candidate, User) and text in (candidate.name, candidate.email)):
                return candidate
        raise Refusal(400, {"assignedTo": ["Unknown actor input"]})

    def deploys(self) -> Iterator[Deploy]:
        """Every deploy of every release."""
        return (deploy for release in self.releases.values() for deploy in release.deploys)
