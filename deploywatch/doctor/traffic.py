"""What Sentry knows of the place that is deployed to: projects, the environment, and the names that releases bear there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from typing import Final

from deploywatch.doctor.finding import Code, DoctorFinding
from deploywatch.durations import format_duration

_HEX: Final = frozenset("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Bearing:
    """What recent events say of their release: how many were read, and the names that they bear, the latest first."""

    events: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """What deploywatch would call the release, from where, and what Sentry reads in it. ``commit``: it is a commit's name."""

    version: str
    source: str
    package: str | None
    commit: bool
    doubts: Sequence[str] = ()


def project_findings(slug: str, known: Collection[str] | None, *, found: bool, organisation: str) -> Iterator[DoctorFinding]:
    """Whether the project is there. ``known`` are the slugs that the token sees, ``None`` where it may not list them."""
    if found:
        yield DoctorFinding("projects", Code.PROJECT_FOUND, f"the project {slug} of {organisation} is there")
        return
    near = get_close_matches(slug, known or (), n=1)
    seen = f"the token sees {', '.join(sorted(known)[:10]) or 'none'}" if known is not None else "its projects cannot be listed"
    meant = f"write {near[0]}" if near else "correct SENTRY_PROJECT or --project, or give the token's user access to the project"
    text = f"there is no project {slug} in {organisation}, or the token may not see it ({seen})"
    yield DoctorFinding("projects", Code.PROJECT_UNKNOWN, text, meant)


def no_project() -> DoctorFinding:
    """Nobody named one."""
    fix = "set SENTRY_PROJECT to the project's slug, or [sentry] projects, or say --project"
    return DoctorFinding("projects", Code.PROJECT_UNNAMED, "no Sentry project is named, so no release can be created", fix)


def environment_findings(
    name: str | None, known: Collection[str] | None, newest: datetime | None, *, now: datetime, within: timedelta
) -> Iterator[DoctorFinding]:
    """Whether events arrive from the environment. ``known`` are those that Sentry has heard of, ``None`` where it cannot tell.

    ``newest`` is when the newest event of the environment happened, ``None`` for none ``within`` the time that was looked at.
    """
    if name is None:
        yield DoctorFinding(
            "environment",
            Code.ENVIRONMENT_UNNAMED,
            f"no environment is named{_among(known)}",
            "say --environment NAME, or set SENTRY_ENVIRONMENT or [sentry] environment",
        )
    elif newest:
        ago = format_duration(timedelta(seconds=round(max(now - newest, timedelta(0)).total_seconds())))
        yield DoctorFinding("environment", Code.ENVIRONMENT_SEEN, f"the newest event of {name} happened {ago} ago")
    elif known is not None and name not in known:
        near = get_close_matches(name, known, n=1, cutoff=0.5)
        yield DoctorFinding(
            "environment",
            Code.ENVIRONMENT_UNKNOWN,
            f"Sentry has never heard of the environment {name}{_among(known)}",
            f"write {near[0]}" if near else "compare it with the `environment` that the SDK is set up with; it is case-sensitive",
        )
    else:
        yield DoctorFinding(
            "environment",
            Code.ENVIRONMENT_SILENT,
            f"Sentry shows no event of {name} in the last {format_duration(within)}: a watch could not tell health from silence",
            "check that the SDK's DSN is this project's and that events arrive; send one with `sentry-cli send-event`",
        )


def _among(known: Collection[str] | None) -> str:
    return f"; it knows {', '.join(sorted(known)[:10])}" if known else ""


def naming_findings(proposal: Proposal, bearing: Bearing | None) -> Iterator[DoctorFinding]:
    """Whether events bear names like the one that the next release would get. ``bearing`` is ``None`` where nobody could tell."""
    for doubt in proposal.doubts:
        yield DoctorFinding(
            "naming", Code.NAMING_DOUBTFUL, doubt, "give the release the same clear name everywhere: SENTRY_RELEASE"
        )
    called = f"the next release would be called {proposal.version} (from {proposal.source})"
    if bearing is None or not bearing.events:
        yield DoctorFinding("naming", Code.NAMING_UNTOLD, f"{called}; there is no recent event to compare that with")
    elif not bearing.names:
        yield DoctorFinding(
            "naming",
            Code.NAMING_MISSING,
            f"{called}, but the newest events bear no release at all, so that none can be told from another",
            "give the SDK the name: sentry_sdk.init(release=...), or SENTRY_RELEASE where it runs",
        )
    elif any(_alike(proposal, name) for name in bearing.names):
        yield DoctorFinding("naming", Code.NAMING_FITS, f"{called}; events bear names of this kind, such as {bearing.names[0]}")
    else:
        yield DoctorFinding(
            "naming",
            Code.NAMING_DIFFERS,
            f"{called}, but the SDKs report under {', '.join(bearing.names[:3])}: events and release would never meet",
            "set SENTRY_RELEASE to the same text in the build, where the application runs, and here (or say --release)",
        )


def _alike(proposal: Proposal, name: str) -> bool:
    """Whether two names come from the same habit: the same package, or both the name of a commit, or both without a package."""
    package, at, rest = name.partition("@")
    theirs = package if at and package else None
    is_commit = _is_commit(rest if theirs else name)
    if proposal.version == name:
        return True
    return theirs == proposal.package and is_commit == proposal.commit


def _is_commit(text: str) -> bool:
    return len(text) in (40, 64) and set(text) <= _HEX
