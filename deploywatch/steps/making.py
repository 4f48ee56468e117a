"""Sentry's rules made of a repository's owner file: one for each file, then compressed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deploywatch.errors import UsageError
from deploywatch.history.repository import Repository
from deploywatch.owners.compress import Compression, Mode, compress
from deploywatch.owners.generate import generate
from deploywatch.owners.resolution import resolve_path
from deploywatch.owners.rules import Decision, Subject, path_of
from deploywatch.owners.sentry_conversion import DIRECT, CodeMapping
from deploywatch.owners.sentry_names import SentryNames
from deploywatch.requests import OwnersRequest
from deploywatch.steps.owner_sources import owner_file, people_of, sources_of

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.owners.resolution import OwnerSources
    from deploywatch.steps.sentry_project import SentryProject


@dataclass(frozen=True, slots=True)
class Made:
    """The rules, with their proof. ``unknown`` are owners of the owner file that Sentry knows under no name."""

    compression: Compression
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Files:
    """The owners of files by services and owner file, as one matcher."""

    sources: OwnerSources
    file: str

    def decide(self, subject: Subject | str) -> Decision:
        """See ``Matcher``."""
        return resolve_path(path_of(subject) or "", self.sources)


def made_rules(setup: Setup, request: OwnersRequest, mode: Mode, *, project: SentryProject | None = None) -> Made:
    """Rules for every file that somebody owns; no wildcard takes one that nobody does. ``project`` tells names and mapping.

    Raises ``GitError``, and ``UsageError`` where there is nothing to make rules of.
    """
    repository = Repository.open(request.repo, environ=setup.environ)
    commit = repository.resolve(request.rev)
    rules = owner_file(setup.settings, repository, commit)
    sources = sources_of(setup.settings, rules)
    if rules is None and not sources.services.services:
        raise UsageError(
            f"there is no owner file at {request.rev} to make rules of",
            hint="add a CODEOWNERS file, or name it with [owners] file; rules of your own are read from a file or stdin",
        )
    names, mapping = _names(setup, project)
    files = _Files(sources, rules.file if rules else "deploywatch.toml")
    made = generate(repository.paths(commit), files, names.of, mapping)
    return Made(compress(made.text, mode, guarded=made.guarded), made.unknown)


def _names(setup: Setup, project: SentryProject | None) -> tuple[SentryNames, CodeMapping]:
    if project is None:
        configured = dict(setup.settings.owners.names)
        return SentryNames(configured=configured, people=people_of(setup.settings)), DIRECT
    return project.names, project.mapping
