"""The use cases, each a recipe: release, watch, investigate, run (all of it), and suspects, which needs git alone.

What a recipe needs is imported when it is cooked: naming suspects offline must not load what talks to Sentry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from deploywatch.errors import ConfigError, EmptyWindow
from deploywatch.model import Delivery, Event, Ranking, ReleaseOutcome, Report
from deploywatch.requests import (
    CodeRequest,
    DeliveriesRequest,
    InvestigateRequest,
    ReleaseRequest,
    RunOutcome,
    RunRequest,
    WatchOutcome,
    WatchRequest,
)
from deploywatch.steps.code import Code, at_release, deployed_before, find_code
from deploywatch.steps.versions import propose

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.owners.rules import Decision
    from deploywatch.sentry.client import Client
    from deploywatch.watch.loop import Progress

Stopped = Callable[[], bool]


def suspects(
    events: Iterable[Event],
    *,
    repo: Path,
    base: str | None,
    head: str = "HEAD",
    code_roots: Sequence[tuple[str, str]] = (),
    limit: int = 10,
) -> Iterator[Ranking]:
    """Rank the commits of base..head for each event; the window is read once for all. Needs git alone."""
    from deploywatch.steps.investigator import Investigator

    code = find_code(CodeRequest(repo=repo, base=base, head=head))
    if not code.window.commits:
        raise EmptyWindow(
            f"the commit window is empty: base and head are the same commit, {code.window.head[:10]}",
            hint="give the commit that was deployed before as --base, and the one that failed as --head",
        )
    investigator = Investigator(code.repository, code.window, code_roots=code_roots, limit=limit)
    for event in events:
        ranking = investigator.rank(event)
        yield replace(ranking, warnings=(*code.warnings, *ranking.warnings))


def release(setup: Setup, request: ReleaseRequest) -> ReleaseOutcome:
    """Make the release known to Sentry: its commits, the deploy, the date. Asking twice does no harm, a dry run nothing."""
    from deploywatch.steps.releasing import describe, record

    client = setup.connect(request.place.projects)
    code = _code(
        setup,
        request.code,
        client,
        release_named=request.place.release,
        environment=setup.environment_or_none(request.place.environment),
    )
    head = code.window.head
    proposal = propose(setup.environ, head, folder=setup.folder, given=request.place.release)
    planned = describe(proposal.checked(), code)
    planned = replace(planned, warnings=(*proposal.warnings(head), *planned.warnings))
    return planned if request.dry_run else record(setup, client, request, code, planned)


def watch(setup: Setup, request: WatchRequest, *, progress: Progress, stopped: Stopped = lambda: False) -> WatchOutcome:
    """Watch a release that exists, and name the suspects of what broke."""
    from deploywatch.steps.gating import gated
    from deploywatch.steps.reporting import reported
    from deploywatch.steps.watching import watch_release

    client = setup.connect(request.place.projects)
    environment = setup.environment(request.place.environment)
    code = _code_if_any(setup, request, client, environment)
    head = code.window.head if code else ""
    version = propose(setup.environ, head, folder=setup.folder, given=request.place.release).checked()
    result = watch_release(
        setup, client, replace(request, place=replace(request.place, release=version, environment=environment)), progress, stopped
    )
    return gated(setup.settings.watch, request, *reported(setup, result, code, request.code))


def investigate(setup: Setup, request: InvestigateRequest) -> Report:
    """Name the suspects of one issue, or of all new issues of a release, now."""
    from deploywatch.steps.delivering import deliver_report, write_files
    from deploywatch.steps.looking import look_now
    from deploywatch.steps.reporting import reported

    client = setup.connect(request.place.projects)
    result = look_now(setup, client, request)
    deployed = at_release(client, result.release, request.code)
    code = _code(setup, deployed, client, release_named=result.release, environment=result.environment or None)
    _, report = reported(setup, result, code, request.code)
    write_files(setup, report, request.delivery)
    deliver_report(setup, client, report, request.delivery)
    return report


def run(setup: Setup, request: RunRequest, *, progress: Progress, stopped: Stopped = lambda: False) -> RunOutcome:
    """The pipeline step: release, watch, investigate, deliver. What can be done is done, and what could not is said."""
    from deploywatch.steps.delivering import deliver_report, write_files

    released = release(setup, replace(request.release, dry_run=request.release.dry_run or request.delivery.dry_run))
    place = replace(request.watch.place, release=released.release)
    code = replace(request.watch.code, base=released.base, head=released.head)
    asked = replace(request.watch, place=place, code=code, rollback=released.rollback)
    outcome = watch(setup, asked, progress=progress, stopped=stopped)
    report = replace(outcome.report, warnings=(*released.warnings, *outcome.report.warnings))
    files = write_files(setup, report, request.delivery)
    sent = deliver_report(setup, setup.connect(place.projects), report, request.delivery)
    return RunOutcome(released, outcome.result, report, outcome.gate, sent, files)


def who(setup: Setup, *, repo: Path, rev: str, paths: Sequence[str]) -> tuple[tuple[str, Decision], ...]:
    """Who owns each path at a commit, and which line of the owner file says so."""
    from deploywatch.history.repository import Repository
    from deploywatch.owners.find import find
    from deploywatch.owners.rules import Decision

    repository = Repository.open(repo, environ=setup.environ)
    at = repository.resolve(rev)
    named = setup.settings.owners.file
    rules = find(lambda path: repository.read(path, at), paths=[named] if named else ())
    return tuple((path, rules.decide(path) if rules else Decision()) for path in paths)


def deliveries(setup: Setup, request: DeliveriesRequest) -> tuple[Delivery, ...]:
    """What was sent, newest first."""
    from deploywatch.steps.delivering import listed

    return listed(setup, request)


def delivery(setup: Setup, delivery_id: int) -> Delivery:
    """One delivery, with its payload and its attempts."""
    from deploywatch.steps.delivering import shown

    return shown(setup, delivery_id)


def retry(setup: Setup, delivery_ids: Sequence[int]) -> tuple[Delivery, ...]:
    """Send again what did not arrive; what did is not sent twice."""
    from deploywatch.steps.delivering import retried

    return retried(setup, _client_if_any(setup), delivery_ids)


def _client_if_any(setup: Setup) -> Client | None:
    try:
        return setup.connect()
    except ConfigError:
        return None


def _code(setup: Setup, request: CodeRequest, client: Client, *, release_named: str | None, environment: str | None) -> Code:
    before = partial(deployed_before, client, version=release_named, environment=environment)
    return find_code(request, environ=setup.environ, before=before)


def _code_if_any(setup: Setup, request: WatchRequest, client: Client, environment: str) -> Code | None:
    """A watch without a repository still watches; only what was asked for by name must be there."""
    from deploywatch.errors import GitError, UsageError

    try:
        return _code(setup, request.code, client, release_named=request.place.release, environment=environment)
    except (GitError, UsageError) as trouble:
        if request.code.base is not None:
            raise
        setup.say(f"warning: no suspects will be named: {trouble.message}")
        return None
