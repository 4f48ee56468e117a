"""Whether a repository's ownership rules are sound, by themselves and beside what Sentry holds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from deploywatch.errors import ConfigError, SentryError
from deploywatch.history.repository import Repository
from deploywatch.owners.check import by_host, check
from deploywatch.owners.check_sentry import check_sentry
from deploywatch.owners.codeowners import parse
from deploywatch.owners.dialects import OwnerRules
from deploywatch.owners.finding import Health, OwnerFinding, in_order
from deploywatch.requests import CheckRequest
from deploywatch.steps.authors import host_of
from deploywatch.steps.owner_sources import code_host_name, owner_file, services_of
from deploywatch.steps.recent_errors import recent_errors
from deploywatch.steps.sentry_project import SentryProject, projects_of

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.codehost.host import CodeHost
    from deploywatch.sentry.client import Client


@dataclass
class _Checked:
    """What is checked, and what came of it so far."""

    rules: OwnerRules
    text: str
    paths: tuple[str, ...]
    errors: Counter[str] | None = None
    findings: list[OwnerFinding] = field(default_factory=list)
    not_checked: list[str] = field(default_factory=list)


def checked(setup: Setup, request: CheckRequest) -> Health:
    """All findings. What Sentry does not tell is not checked and said, unless Sentry was asked for by name.

    Raises ``GitError``, and ``ConfigError`` or ``SentryError`` where ``request.sentry`` is true.
    """
    repository = Repository.open(request.owners.repo, environ=setup.environ)
    commit = repository.resolve(request.owners.rev)
    rules = owner_file(setup.settings, repository, commit)
    text = (repository.read(rules.file, commit) or "") if rules else ""
    subject = _Checked(rules or parse("", "CODEOWNERS"), text, repository.paths(commit))
    if rules is None:
        subject.not_checked.append("the repository has no owner file at this commit")
    if request.sentry is not False:
        _beside_sentry(setup, request, subject, code_host_name(setup.settings, repository))
    if rules is not None and (host := host_of(setup, repository)):
        _by_host(host, commit, subject)
    services = services_of(setup.settings)
    own = check(subject.rules, subject.paths, errors=subject.errors, beside=(services,))
    return Health(in_order((*own, *subject.findings)), tuple(subject.not_checked))


def _by_host(host: CodeHost, commit: str, subject: _Checked) -> None:
    problems = host.owner_file_errors(commit)
    if problems is None:
        subject.not_checked.append(
            "whether the owners exist on the code host: it does not tell of this commit, or not this token"
        )
    subject.findings += by_host(subject.rules, problems or ())


def _beside_sentry(setup: Setup, request: CheckRequest, subject: _Checked, name: str | None) -> None:
    try:
        client = setup.connect(request.owners.projects)
        for slug in projects_of(client):
            _beside_project(SentryProject(client, setup.settings, slug, name), client, setup, subject)
    except (ConfigError, SentryError) as error:
        if request.sentry:
            raise
        subject.not_checked.append(f"what Sentry holds: {error.message}")


def _beside_project(project: SentryProject, client: Client, setup: Setup, subject: _Checked) -> None:
    roots = tuple((root.from_, root.to) for root in setup.settings.repository.code_roots)
    state = project.state(tuple(dict.fromkeys(owner for rule in subject.rules.rules for owner in rule.owners)))
    subject.findings += check_sentry(subject.text, subject.rules, subject.paths, state)
    recent = recent_errors(client, project.project, subject.paths, code_roots=roots)
    subject.errors = (subject.errors or Counter()) + Counter(recent.by_file)
    subject.not_checked += project.untold
    if recent.unplaced:
        subject.not_checked.append(f"whose {recent.unplaced:,} recent errors of {project.project} are that are in no known file")
