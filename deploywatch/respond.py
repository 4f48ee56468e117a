"""The use cases, each a recipe: release, watch, investigate, run (all of it), verify, and suspects, which needs git alone.

What a recipe needs is imported when it is cooked: naming suspects offline must not load what talks to Sentry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from deploywatch.errors import ConfigError, EmptyWindow
from deploywatch.model import Delivery, Event, FixVerdict, Ranking, ReleaseOutcome, Report
from deploywatch.requests import (
    CheckRequest,
    CodeRequest,
    DeliveriesRequest,
    DoctorRequest,
    InvestigateRequest,
    OwnersRequest,
    PlaceRequest,
    PruneRequest,
    ReleaseRequest,
    RunOutcome,
    RunRequest,
    SyncRequest,
    VerifyOutcome,
    VerifyRequest,
    WatchOutcome,
    WatchRequest,
    WhoAnswer,
    WhoRequest,
)
from deploywatch.steps.code import Code, at_release, deployed_before, fetching_of, find_code

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup
    from deploywatch.doctor.finding import DoctorFinding
    from deploywatch.owners.finding import Health
    from deploywatch.sentry.client import Client
    from deploywatch.stacktraces.mapping import PathIndex
    from deploywatch.steps.making import Made
    from deploywatch.steps.syncing import Synced
    from deploywatch.steps.versions import Proposal
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
    """Rank the commits of base..head for each event; the window is read once for all. Needs git alone.

    Secrets of the messages are in no answer.
    """
    from concurrent.futures import ThreadPoolExecutor

    from deploywatch.history.repository import WHOLE_WINDOW

    with ThreadPoolExecutor(2) as beside:
        # git walks the window and lists the tree while Python loads what ranks.
        finding = beside.submit(find_code, CodeRequest(repo=repo, base=base, head=head, most=WHOLE_WINDOW))
        listing = beside.submit(_index, repo, head)
        from deploywatch.report.excerpt import presentable
        from deploywatch.report.redact import Redactor
        from deploywatch.steps.bulk import Bulk
        from deploywatch.steps.investigator import Investigator

        code = finding.result()
        index = listing.result() if not code.rollback else None
    code.repository.check_window(code.base, code.head)
    if not len(code.window):
        raise EmptyWindow(
            f"the commit window is empty: base and head are the same commit, {code.window.head[:10]}",
            hint="give the commit that was deployed before as --base, and the one that failed as --head",
        )
    investigator = Investigator(code.repository, code.window, index=index, code_roots=code_roots, limit=limit)
    redactor = Redactor()
    if isinstance(events, Sequence):
        investigator.acquaint(events)

    def shown(ranking: Ranking) -> Ranking:
        return redactor.noun(presentable(replace(ranking, warnings=(*code.warnings, *ranking.warnings))))

    yield from Bulk(investigator, clean=redactor.event, shown=shown).rank_all(events)


def _index(repo: Path, head: str) -> PathIndex | None:
    """The files at head; ``None`` where git knows no such, which is for others to say."""
    from deploywatch.errors import GitError
    from deploywatch.history.repository import Repository
    from deploywatch.stacktraces.mapping import PathIndex

    try:
        repository = Repository.open(repo)
        return PathIndex(repository.paths(repository.resolve(head)))
    except GitError:
        return None


def release(setup: Setup, request: ReleaseRequest) -> ReleaseOutcome:
    """Make the release known to Sentry: its commits, the deploy, the date. Asking twice does no harm, a dry run nothing."""
    client = setup.connect(request.place.projects)
    return _released(setup, client, request, _code(setup, request.code, client, request.place, existing=False))


def _released(setup: Setup, client: Client, request: ReleaseRequest, code: Code) -> ReleaseOutcome:
    from deploywatch.steps.composing import compose
    from deploywatch.steps.releasing import describe, foretell, record

    proposal = _proposal(setup, request.place, code.head)
    version = proposal.checked()
    composition = compose(setup, client, request, code, version)
    planned = describe(version, code, composition)
    planned = replace(planned, warnings=(*proposal.warnings(code.head), *planned.warnings))
    if request.dry_run:
        return foretell(client, composition, planned)
    return record(setup, client, request, composition, planned)


def watch(
    setup: Setup, request: WatchRequest, *, progress: Progress, stopped: Stopped = lambda: False, code: Code | None = None
) -> WatchOutcome:
    """Watch a release that exists, and name the suspects of what broke; ``code`` where its window is known already."""
    from deploywatch.steps.gating import gated
    from deploywatch.steps.reporting import reported
    from deploywatch.steps.watching import watch_release

    client = setup.connect(request.place.projects)
    environment = setup.environment(request.place.environment)
    code = code or _code_if_any(setup, request.code, client, replace(request.place, environment=environment))
    version = _proposal(setup, request.place, code.head if code else "").checked()
    result = watch_release(
        setup, client, replace(request, place=replace(request.place, release=version, environment=environment)), progress, stopped
    )
    request = replace(request, rollback=request.rollback or bool(code and code.rollback))
    return gated(setup.settings.watch, request, *reported(setup, result, code, request.code, client=client))


def investigate(setup: Setup, request: InvestigateRequest) -> Report:
    """Name the suspects of one issue, or of all new issues of a release, now."""
    from deploywatch.steps.delivering import deliver_report, write_files
    from deploywatch.steps.looking import look_now
    from deploywatch.steps.reporting import reported
    from deploywatch.steps.reverting import reverted

    client = setup.connect(request.place.projects)
    result = look_now(setup, client, request)
    deployed = at_release(client, result.release, request.code)
    place = replace(request.place, release=result.release, environment=result.environment or None)
    code = _code(setup, deployed, client, place, existing=True)
    _, report = reported(setup, result, code, request.code, client=client)
    report = reverted(setup, code, report, request.delivery)
    write_files(setup, report, request.delivery)
    deliver_report(setup, client, report, request.delivery)
    return report


def run(setup: Setup, request: RunRequest, *, progress: Progress, stopped: Stopped = lambda: False) -> RunOutcome:
    """The pipeline step: release, watch, investigate, deliver. What can be done is done, and what could not is said."""
    from deploywatch.steps.delivering import deliver_report, write_files
    from deploywatch.steps.reverting import reverted

    client = setup.connect(request.release.place.projects)
    asked = replace(request.release, dry_run=request.release.dry_run or request.delivery.dry_run)
    code = _code(setup, asked.code, client, asked.place, existing=False)
    released = _released(setup, client, asked, code)
    place = replace(request.watch.place, release=released.release)
    outcome = watch(setup, replace(request.watch, place=place), progress=progress, stopped=stopped, code=code)
    report = replace(outcome.report, warnings=tuple(dict.fromkeys((*released.warnings, *outcome.report.warnings))))
    report = reverted(setup, code, report, request.delivery)
    files = write_files(setup, report, request.delivery)
    sent = deliver_report(setup, client, report, request.delivery)
    return RunOutcome(released, outcome.result, report, outcome.gate, sent, files)


def verify(setup: Setup, request: VerifyRequest, *, stopped: Stopped = lambda: False) -> VerifyOutcome:
    """See whether a fix works: then the issue is resolved and its threads and tickets are closed; else people are told again."""
    from deploywatch.steps.delivering import deliver_report
    from deploywatch.steps.reporting import reported
    from deploywatch.steps.telling import tell_fixed
    from deploywatch.steps.verifying import is_still_open, verify_fix

    client = setup.connect(request.place.projects)
    found = verify_fix(setup, client, request, stopped)
    if found.outcome.verdict is FixVerdict.FIXED:
        told = tell_fixed(setup, client, found.outcome, request.delivery, is_open=partial(is_still_open, client))
        return VerifyOutcome(found.outcome, deliveries=told)
    if found.back is None:
        return VerifyOutcome(found.outcome)
    place = replace(request.place, release=found.back.release, environment=found.back.environment or None)
    code = _code_if_any(setup, at_release(client, found.back.release, request.code), client, place)
    _, report = reported(setup, found.back, code, request.code)
    return VerifyOutcome(found.outcome, report, deliver_report(setup, client, report, request.delivery))


def who(setup: Setup, request: WhoRequest, *, stdin: TextIO) -> Iterator[WhoAnswer]:
    """Who owns each path, issue or event, and which line says so."""
    from deploywatch.steps.asking import Asking

    return Asking(setup, request, stdin).answers()


def doctor(setup: Setup, request: DoctorRequest) -> tuple[DoctorFinding, ...]:
    """Look whether everything that the other use cases need is there, and say what to do where it is not."""
    from deploywatch.steps.doctor.registry import examine

    return examine(setup, request)


def owners_check(setup: Setup, request: CheckRequest) -> Health:
    """What is wrong with the ownership rules of a repository, and of the Sentry projects that it reports to."""
    from deploywatch.steps.owner_health import checked

    return checked(setup, request)


def owners_rules(setup: Setup, request: OwnersRequest, *, smallest: bool = False) -> Made:
    """Sentry's rules for every file of a repository, made of its owner file and compressed. A project that is named is asked."""
    from deploywatch.owners.compress import Mode
    from deploywatch.steps.making import made_rules
    from deploywatch.steps.sentry_project import SentryProject

    mode = Mode.SMALLEST if smallest else Mode.READABLE
    slug = next(iter(request.projects), None)
    project = SentryProject(setup.connect(request.projects), setup.settings, slug) if slug else None
    return made_rules(setup, request, mode, project=project)


def owners_diff(setup: Setup, request: SyncRequest) -> Synced:
    """What pushing rules to Sentry would change."""
    from deploywatch.steps.syncing import compared

    return compared(setup, request)


def owners_push(setup: Setup, request: SyncRequest) -> Synced:
    """Replace the rules that Sentry holds, if ``request.apply`` says so."""
    from deploywatch.steps.syncing import pushed

    return pushed(setup, request)


def deliveries(setup: Setup, request: DeliveriesRequest) -> tuple[Delivery, ...]:
    """What was sent, newest first."""
    from deploywatch.steps.deliveries import listed

    return listed(setup, request)


def delivery(setup: Setup, delivery_id: int) -> Delivery:
    """One delivery, with its payload and its attempts."""
    from deploywatch.steps.deliveries import shown

    return shown(setup, delivery_id)


def retry(setup: Setup, delivery_ids: Sequence[int]) -> tuple[Delivery, ...]:
    """Send again what did not arrive; what did is not sent twice."""
    from deploywatch.steps.deliveries import retried

    return retried(setup, _client_if_any(setup), delivery_ids)


def send_due(setup: Setup) -> tuple[Delivery, ...]:
    """Send what was recorded for now and has not been sent."""
    from deploywatch.steps.deliveries import sent_due

    return sent_due(setup, _client_if_any(setup))


def replay(setup: Setup, delivery_ids: Sequence[int], *, to: str) -> tuple[Delivery, ...]:
    """Say what was said to one channel to another one too."""
    from deploywatch.steps.deliveries import replayed

    return replayed(setup, _client_if_any(setup), delivery_ids, to)


def prune(setup: Setup, request: PruneRequest) -> int:
    """Forget old deliveries; how many those were."""
    from deploywatch.steps.deliveries import pruned

    return pruned(setup, request)


def _client_if_any(setup: Setup) -> Client | None:
    try:
        return setup.connect()
    except ConfigError:
        return None


def _code(setup: Setup, request: CodeRequest, client: Client, place: PlaceRequest, *, existing: bool) -> Code:
    """The window of what is deployed now, or (``existing``) of a release that was deployed already."""
    from deploywatch.steps.pushed import from_push

    find = partial(
        find_code,
        environ=setup.environ,
        before=deployed_before(setup, client, setup.environment_or_none(place.environment), existing=existing),
        release=lambda head: _proposal(setup, place, head).version.strip(),
        fetching=fetching_of(setup),
        say=setup.say,
    )
    return from_push(None if existing else setup.pipeline, request, find)


def _proposal(setup: Setup, place: PlaceRequest, head: str) -> Proposal:
    from deploywatch.steps.versions import propose

    return propose(setup.environ, head, folder=setup.folder, given=place.release)


def _code_if_any(setup: Setup, request: CodeRequest, client: Client, place: PlaceRequest) -> Code | None:
    """A watch without a repository still watches; only what was asked for by name must be there."""
    from deploywatch.errors import GitError, UsageError

    try:
        return _code(setup, request, client, place, existing=True)
    except (GitError, UsageError) as trouble:
        if request.base is not None:
            raise
        setup.say(f"warning: no suspects will be named: {trouble.message}")
        return None
