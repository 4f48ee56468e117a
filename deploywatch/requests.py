"""What a caller asks of ``deploywatch.respond``: exactly what a command line gives, typed, and nothing worked out yet.

``None`` (or an empty tuple) means "not said": the use case takes deploywatch.toml's value, then its own default.
Revisions are unchecked text; durations are ``timedelta``; paths are as given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a command's help needs its request, and none of the nouns
    from deploywatch.model import (
        Delivery,
        DeliveryState,
        FixOutcome,
        Gate,
        Owner,
        Regression,
        ReleaseOutcome,
        Report,
        RuleRef,
        WatchResult,
    )


class FailOn(StrEnum):
    """Which regressions turn the exit code into 3."""

    ANY = "any"
    NEW = "new"
    CRITICAL = "critical"
    NEVER = "never"

    def counts(self, regressions: Sequence[Regression]) -> bool:
        """Whether one of ``regressions`` is of the kind to fail on."""
        match self:
            case FailOn.ANY:
                return bool(regressions)
            case FailOn.NEW:
                return any(regression.kind == "new" for regression in regressions)
            case FailOn.CRITICAL:
                return any(regression.severity == "critical" for regression in regressions)
            case FailOn.NEVER:
                return False


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRequest:
    """Which code: a repository and its window. ``code_roots`` are (prefix of a frame's path, folder of the repository).

    Of a window of more than ``most`` commits none is listed: whoever asks reads what it needs.
    """

    repo: Path = Path()
    base: str | None = None
    head: str = "HEAD"
    code_roots: tuple[tuple[str, str], ...] = ()
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRequest:
    """Where it runs: the release, the environment and the Sentry projects (slugs)."""

    release: str | None = None
    environment: str | None = None
    projects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRequest:
    """Make the release known to Sentry. ``paths`` are git pathspecs for the commits; ``name`` and ``url`` are the deploy's.

    ``also`` are further repositories that the release is made of, each with the commit that was deployed before, if it is known.
    """

    code: CodeRequest = CodeRequest()
    place: PlaceRequest = PlaceRequest()
    paths: tuple[str, ...] = ()
    also: tuple[tuple[Path, str | None], ...] = ()
    name: str | None = None
    url: str | None = None
    finalize: bool = True
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRequest:
    """Watch a release for ``duration``, asking ``every`` so often; ``query`` is an additional Sentry search.

    ``fail_on`` says which regressions stop the pipeline; with ``dry_run_gate`` nothing does, and the true verdict is told. The
    deploy of a ``rollback`` is never stopped by the failures that it repairs.
    """

    code: CodeRequest = CodeRequest()
    place: PlaceRequest = PlaceRequest()
    duration: timedelta | None = None
    every: timedelta | None = None
    query: str | None = None
    fail_on: FailOn | None = None
    dry_run_gate: bool | None = None
    rollback: bool = False


class Tell(StrEnum):
    """What the code host that the pipeline runs on can be told."""

    COMMENT = "comment"
    CHECK = "check"
    DEPLOYMENT = "deployment"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRequest:
    """What leaves the house. ``channels`` limits to these names; ``folder`` is where report files are written.

    ``tell`` is what the pipeline's code host hears, whatever the configuration says. ``open_revert``: push a branch that undoes
    the change that is named, and open a pull request for it.
    """

    deliver: bool = True
    channels: tuple[str, ...] = ()
    tell: tuple[Tell, ...] = ()
    folder: Path | None = None
    open_revert: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """The pipeline step: release, watch, investigate, deliver."""

    release: ReleaseRequest = ReleaseRequest()
    watch: WatchRequest = WatchRequest()
    delivery: DeliveryRequest = DeliveryRequest()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvestigateRequest:
    """Name the suspects of one issue (``issue``: id, short id or permalink), or of all new issues of ``place.release``."""

    issue: str | None = None
    code: CodeRequest = CodeRequest()
    place: PlaceRequest = PlaceRequest()
    delivery: DeliveryRequest = DeliveryRequest(deliver=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyRequest:
    """Whether an issue (id, short id or permalink) is fixed by the commit ``fix`` (a revision; ``None``: found by messages)."""

    issue: str
    fix: str | None = None
    code: CodeRequest = CodeRequest()
    place: PlaceRequest = PlaceRequest()
    delivery: DeliveryRequest = DeliveryRequest()
    duration: timedelta | None = None
    every: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorRequest:
    """Look at the set-up. ``configuration`` is the file that was read, ``trouble`` why it could not be: message and hint."""

    code: CodeRequest = CodeRequest()
    place: PlaceRequest = PlaceRequest()
    configuration: Path | None = None
    trouble: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveriesRequest:
    """Which deliveries to list, newest first; an empty filter lets everything through."""

    states: tuple[DeliveryState, ...] = ()
    channels: tuple[str, ...] = ()
    release: str | None = None
    limit: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneRequest:
    """Which deliveries to forget: made longer ago than ``older_than``, in one of ``states``; a dry run only counts them."""

    older_than: timedelta
    states: tuple[DeliveryState, ...]
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnersRequest:
    """Whose owners: of a repository at ``rev``, as Sentry's ``projects`` (slugs) see it."""

    repo: Path = Path()
    rev: str = "HEAD"
    projects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoRequest:
    """Who owns each target: a path of the repository, a Sentry issue, or an event (a file, ``-`` for stdin).

    ``events`` says that every target is an event. With ``base`` the suspected change is asked too, where no rule decides.
    """

    owners: OwnersRequest = OwnersRequest()
    targets: tuple[str, ...] = ()
    events: bool = False
    base: str | None = None


@dataclass(frozen=True, slots=True)
class WhoAnswer:
    """What ``respond.who`` answers about one target: who owns it, by which line, over which others.

    A failure has its ``owner`` with all steps too, and in ``event`` the id of its event, where it has one.
    """

    target: str
    owners: tuple[str, ...] = ()
    decided_by: RuleRef | None = None
    outranked: tuple[RuleRef, ...] = ()
    owner: Owner | None = None
    event: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """Whether the ownership rules are sound. ``sentry``: ask it (``None``: where it is configured and can be reached)."""

    owners: OwnersRequest = OwnersRequest()
    sentry: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncRequest:
    """Compare or replace the rules of one Sentry project with ``text``, or with rules that are made of the owner file.

    ``smallest`` is the mode in which made rules are compressed. Nothing is written unless ``apply`` says so.
    """

    owners: OwnersRequest = OwnersRequest()
    text: str | None = None
    smallest: bool = False
    apply: bool = False
    allow_empty: bool = False


@dataclass(frozen=True, slots=True)
class WatchOutcome:
    """What ``respond.watch`` answers: the numbers, the report that tells them, and what they mean to the pipeline."""

    result: WatchResult
    report: Report
    gate: Gate


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What ``respond.run`` answers. ``files`` are the reports that were written; ``deliveries`` are oldest first."""

    release: ReleaseOutcome
    result: WatchResult
    report: Report
    gate: Gate
    deliveries: tuple[Delivery, ...] = ()
    files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class VerifyOutcome:
    """What ``respond.verify`` answers. ``report`` tells of a failure that is back; ``None`` otherwise."""

    fix: FixOutcome
    report: Report | None = None
    deliveries: tuple[Delivery, ...] = ()
