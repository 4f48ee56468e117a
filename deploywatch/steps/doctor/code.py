"""The code: the clone, the window of the next deploy, where frames lead to, who owns the files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from deploywatch.doctor.code import Clone, Coverage, clone_findings, mapping_findings, owner_findings
from deploywatch.doctor.finding import Code, DoctorFinding
from deploywatch.errors import GitError, SentryError, UsageError
from deploywatch.history.checkout import depth_of
from deploywatch.owners.dialects import DIALECTS, dialect_of
from deploywatch.pipeline.checkouts import whole_history
from deploywatch.sentry.events import latest_event
from deploywatch.stacktraces.mapping import PathIndex, map_frames
from deploywatch.steps.base import Deployment
from deploywatch.steps.code import Before, deployed_before, find_code
from deploywatch.steps.doctor.patient import CannotLookError, Patient
from deploywatch.steps.earlier import EarlierDeploy, sentry_deploys
from deploywatch.steps.owner_sources import owner_file
from deploywatch.steps.versions import propose

if TYPE_CHECKING:
    from deploywatch.history.repository import Repository


def check_clone(patient: Patient) -> Iterator[DoctorFinding]:
    """Whether there is a repository, with its history."""
    try:
        repository = patient.repository
        head = repository.resolve(patient.request.code.head)
    except GitError as error:
        yield DoctorFinding("repository", Code.REPOSITORY_MISSING, error.message, error.hint)
        return
    advice = whole_history(patient.setup.environ)
    clone = Clone(repository.folder_name, head, depth_of(repository.git, head), repository.is_shallow(), advice)
    yield from clone_findings(clone)


def check_window(patient: Patient) -> Iterator[DoctorFinding]:
    """Where the window of a deploy of head would begin, without fetching anything."""
    patient.here  # noqa: B018 - asks
    try:
        code = find_code(
            patient.request.code,
            environ=patient.setup.environ,
            before=_before(patient),
            release=lambda head: _named(patient, head),
        )
    except (GitError, UsageError) as error:
        yield DoctorFinding("window", Code.WINDOW_MISSING, error.message, error.hint)
        return
    for warning in code.warnings:
        yield DoctorFinding("window", Code.WINDOW_DOUBTFUL, warning, "say --base REV where that is not what was deployed before")
    way = f"{code.base[:10]} ({code.base_found_by})"
    yield DoctorFinding(
        "window", Code.WINDOW_FOUND, f"the next deploy's window begins at {way} and holds {len(code.new)} commits"
    )


def _before(patient: Patient) -> Before:
    """The deploys before, of Sentry and of the state; a state that is not there yet is not made by looking."""

    def before(repository: Repository, deployment: Deployment) -> Iterable[EarlierDeploy]:
        try:
            client, environment = patient.client, patient.environment
        except CannotLookError:
            return
        if patient.missing_state() is None:
            yield from deployed_before(patient.setup, client, environment, existing=False)(repository, deployment)
        elif environment:
            with suppress(SentryError):
                yield from sentry_deploys(client, environment)

    return before


def _named(patient: Patient, head: str) -> str | None:
    return propose(patient.setup.environ, head, folder=patient.setup.folder, given=patient.request.place.release).version


def check_mapping(patient: Patient) -> Iterator[DoctorFinding]:
    """Whether the frames of a recent event lead to files of the repository."""
    repository, head = patient.here
    client = patient.client
    configured = patient.setup.settings.repository.code_roots
    roots = (*patient.request.code.code_roots, *((root.from_, root.to) for root in configured))
    for issue in patient.newest_anywhere():
        event = latest_event(client, issue.id)
        if event and event.stacktrace.frames:
            frames = map_frames(event.stacktrace, PathIndex(repository.paths(head)), code_roots=roots)
            yield from mapping_findings(frames, issue.short_id)
            return
    text = "there is no recent event with a stack trace, so it is not known whether frames lead to files"
    yield DoctorFinding("mapping", Code.MAPPING_UNTOLD, text, "look again after the first event")


def check_owners(patient: Patient) -> Iterator[DoctorFinding]:
    """How much of the repository the owner file covers."""
    repository, head = patient.here
    settings = patient.setup.settings
    rules = owner_file(settings, repository, head)
    if rules is None:
        dialect = settings.owners.dialect or dialect_of(repository.remote_url(settings.repository.remote))
        yield from owner_findings(None, (settings.owners.file,) if settings.owners.file else DIALECTS[dialect].paths)
        return
    paths = repository.paths(head)
    owned = sum(bool(rules.decide(path).owners) for path in paths)
    problems = tuple(f"line {problem.line}: {problem.reason}" if problem.line else problem.reason for problem in rules.problems)
    yield from owner_findings(Coverage(rules.file, owned, len(paths), problems))
