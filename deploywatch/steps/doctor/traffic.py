"""The place that is deployed to: projects, the environment, the names of releases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from deploywatch.doctor.finding import Code, DoctorFinding
from deploywatch.doctor.traffic import Bearing, Proposal, environment_findings, naming_findings, no_project, project_findings
from deploywatch.errors import ConfigError, SentryError, SentryNotFound, UsageError
from deploywatch.sentry.addresses import tell
from deploywatch.sentry.events import occurrences
from deploywatch.sentry.server import environment_names, has_project, project_slugs
from deploywatch.sentry.versions import doubts_about, read_name
from deploywatch.steps.doctor.patient import RECENT, CannotLookError, Patient
from deploywatch.steps.versions import propose
from deploywatch.watch.source import Occurrence

_EVENTS: Final = 50


def check_projects(patient: Patient) -> Iterator[DoctorFinding]:
    """Whether the projects are there."""
    client = patient.client
    slugs = client.connection.projects
    if not slugs:
        yield no_project()
    for slug in slugs:
        seen = has_project(client, slug)
        known = None if seen else project_slugs(client)
        if seen is None and known is None:
            raise CannotLookError("the token may not look at projects")
        yield from project_findings(slug, known, found=bool(seen) or slug in (known or ()), organisation=client.connection.org)


def check_environment(patient: Patient) -> Iterator[DoctorFinding]:
    """Whether events arrive from the environment."""
    client, name = patient.client, patient.environment
    newest = None
    if name is not None:
        try:
            newest = next((issue.last_seen for issue in patient.newest if issue.last_seen), None)
        except SentryNotFound:
            newest = None
    known = None if newest else environment_names(client)
    yield from environment_findings(name, known, newest, now=client.now(), within=RECENT)


def check_naming(patient: Patient) -> Iterator[DoctorFinding]:
    """Whether the SDKs report under the name that the next release would get."""
    try:
        repository, head = patient.here
        commit = repository.resolve(head)
    except CannotLookError:
        commit = ""
    try:
        found = propose(patient.setup.environ, commit, folder=patient.setup.folder, given=patient.request.place.release)
        version = found.checked()
    except ConfigError:
        raise CannotLookError("nothing names a release") from None
    except UsageError as error:
        yield DoctorFinding("naming", Code.NAMING_WRONG, error.message, error.hint)
        return
    name = read_name(version)
    proposal = Proposal(version, found.source, name.package, name.is_commit, tuple(doubts_about(version)))
    yield from naming_findings(proposal, _bearing(patient))


def _bearing(patient: Patient) -> Bearing | None:
    """What the events of the issues that happened last bear; ``None`` where Sentry cannot be asked."""
    try:
        issues = patient.newest_anywhere()
    except (CannotLookError, SentryError):
        return None
    found = [event for issue in issues for event in _events(patient, issue.id)]
    names = dict.fromkeys(event.release for event in found if event.release)
    return Bearing(len(found), tuple(names))


def _events(patient: Patient, issue_id: str) -> tuple[Occurrence, ...]:
    listed = tell(lambda: occurrences(patient.client, issue_id, since=patient.query.since))
    return listed.events[:_EVENTS] if listed else ()
