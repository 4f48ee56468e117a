"""Services: the parts of a product that fail and are owned as a whole. A service is a Sentry project, a set of paths, or a tag.

What an event says of itself (a tag, its project) tells more than where its frames lie: a failure that a service runs into inside
shared code is the service's failure. So paths are asked last, and shared code only when nothing else is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from deploywatch.errors import ConfigError
from deploywatch.model import Event, RuleRef
from deploywatch.owners.gitignore import PatternError, compile_pattern
from deploywatch.owners.globs import Glob
from deploywatch.owners.rules import Decision, Subject, path_of
from deploywatch.owners.sentry_globs import compile_glob

FILE: Final = "deploywatch.toml"


@dataclass(frozen=True, slots=True)
class Service:
    """A service as deploywatch.toml describes it.

    ``paths`` are patterns as in GitHub's CODEOWNERS; ``tags`` are pairs of a tag and a glob for its value. ``shared`` code serves
    other services: it owns what fails only where no other service does. ``function`` and ``product`` say what it is for, in
    reports. ``line`` is where it stands in the file (0: unknown).
    """

    name: str
    owners: tuple[str, ...]
    projects: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    channels: tuple[str, ...] = ()
    function: str | None = None
    product: str | None = None
    shared: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class ServiceMatch:
    """A service that something belongs to, and by what: ``project "shop"``, ``tag service=cart``, ``path /apps/cart/``."""

    service: Service
    by: str

    @property
    def reference(self) -> RuleRef:
        """It as reports name rules."""
        return RuleRef(FILE, self.service.line, f"service {self.service.name}: {self.by}", self.service.owners)


@dataclass(frozen=True, slots=True)
class _Compiled:
    service: Service
    paths: tuple[tuple[str, Glob], ...]
    tags: tuple[tuple[str, str, Glob], ...]

    def by_path(self, file: str) -> ServiceMatch | None:
        found = next((pattern for pattern, glob in reversed(self.paths) if glob.matches(file)), None)
        return ServiceMatch(self.service, f"path {found}") if found else None

    def by_tag(self, event: Event | None) -> ServiceMatch | None:
        for name, value in event.tags if event else ():
            if any(name == tag and glob.matches(value) for tag, _, glob in self.tags):
                return ServiceMatch(self.service, f"tag {name}={value}")
        return None

    def by_project(self, project: str | None) -> ServiceMatch | None:
        return ServiceMatch(self.service, f"project {project}") if project and project in self.service.projects else None


class Services:
    """All services; where several fit equally, the last one wins, as in owner files. Raises ConfigError for a bad pattern."""

    def __init__(self, services: Sequence[Service]) -> None:
        self.file = FILE
        self.services = tuple(services)
        self._last_first = tuple(_compile(service) for service in reversed(services))

    def decide(self, subject: Subject | str) -> Decision:
        """The owners of the service that a path, or a failure, belongs to."""
        matches = self.matches(subject)
        if not matches:
            return Decision()
        first, *others = (match.reference for match in matches)
        return Decision(first.owners, first, tuple(others))

    def matches(self, subject: Subject | str) -> list[ServiceMatch]:
        """The services that a path, or a failure, may belong to, each once; the one that it does belong to first."""
        path = path_of(subject)
        files = (path,) if path else () if isinstance(subject, str) else subject.files
        by_path = [match for file in files for service in self._last_first if (match := service.by_path(file))]
        by_path.sort(key=lambda match: match.service.shared)
        named = [] if isinstance(subject, str) else self._named(subject)
        place = {match.service.name: index for index, match in reversed(list(enumerate(by_path)))}
        named.sort(key=lambda match: place.get(match.service.name, len(by_path)))
        found: dict[str, ServiceMatch] = {}
        for match in (*named, *by_path):
            found.setdefault(match.service.name, match)
        return list(found.values())

    def _named(self, subject: Subject) -> list[ServiceMatch]:
        """The services that the event itself names: by a tag, else by its project."""
        by_tag = [match for service in self._last_first if (match := service.by_tag(subject.event))]
        return by_tag or [match for service in self._last_first if (match := service.by_project(subject.project))]


def _compile(service: Service) -> _Compiled:
    try:
        paths = tuple((pattern, compile_pattern(pattern)) for pattern in service.paths)
        tags = tuple((tag, value, compile_glob(value)) for tag, value in service.tags)
    except PatternError as error:
        raise ConfigError(
            f"service {service.name} in {FILE} has a pattern that cannot be used: {error}",
            hint="paths are patterns as in CODEOWNERS (/apps/cart/), values of tags are globs (cart-*)",
        ) from error
    return _Compiled(service, paths, tags)
