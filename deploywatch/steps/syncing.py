"""The ownership rules of one Sentry project, compared with others and replaced by them.

Everything that can be wrong is found before anything is sent; what was there is kept; what was written is read again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Final

from deploywatch.errors import InputError, SentryRejected, SentryUnavailable, StateError, UsageError
from deploywatch.history.repository import Repository
from deploywatch.owners.compress import Mode
from deploywatch.owners.sync import Comparison, compare, kept
from deploywatch.requests import SyncRequest
from deploywatch.sentry.ownership import held_rules, write_rules
from deploywatch.steps.making import Made, made_rules
from deploywatch.steps.owner_sources import code_host_name
from deploywatch.steps.sentry_project import SentryProject, projects_of

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup

_MOST_NAMED: Final = 10


@dataclass(frozen=True, slots=True)
class Synced:
    """What was compared and done. ``backup`` holds what was there before; ``warnings`` are sentences."""

    project: str
    comparison: Comparison
    applied: bool = False
    backup: Path | None = None
    made: Made | None = None
    warnings: tuple[str, ...] = ()


def compared(setup: Setup, request: SyncRequest) -> Synced:
    """What pushing would change. Raises ``SentryError``, ``ConfigError``, ``GitError``."""
    project = _project(setup, request)
    mode = Mode.SMALLEST if request.smallest else Mode.READABLE
    made = made_rules(setup, request.owners, mode, project=project) if request.text is None else None
    text = made.compression.text if made else request.text or ""
    comparison = compare(project.rules.raw, text, limit=setup.settings.owners.limit, known=project.names.known)
    unknown = made.unknown if made else ()
    left_out = [f"Sentry knows no {owner}, so its files are left to others, or to nobody" for owner in unknown]
    return Synced(project.project, comparison, made=made, warnings=(*project.untold, *left_out))


def pushed(setup: Setup, request: SyncRequest) -> Synced:
    """Replace the rules of the project, if ``request.apply``; else say what would change.

    Where Sentry's answer got lost, what it then holds decides.
    Raises ``InputError`` for rules that Sentry would refuse, ``UsageError`` where they would delete all, ``StateError`` where no
    backup can be kept, ``SentryRejected`` where Sentry holds something else afterwards.
    """
    found = compared(setup, request)
    _refuse(found.comparison, request)
    if not request.apply or found.comparison.is_same:
        return found
    client = setup.connect((found.project,))
    backup = _backup(setup, found)
    try:
        write_rules(client, found.project, found.comparison.wanted)
    except SentryUnavailable as lost:
        if not lost.sent:
            raise
    if kept(held_rules(client, found.project).raw) != found.comparison.wanted:
        raise SentryRejected(
            f"Sentry holds other rules of {found.project} than were written: somebody else writes them, too",
            hint=f"look at `deploywatch owners diff`; what was there before is in {backup}",
        )
    return replace(found, applied=True, backup=backup)


def _project(setup: Setup, request: SyncRequest) -> SentryProject:
    client = setup.connect(request.owners.projects)
    slugs = projects_of(client)
    if len(slugs) > 1:
        raise UsageError(f"rules belong to one project, and {len(slugs)} are named", hint="say which one: --project SLUG")
    name = None
    if request.text is None:
        name = code_host_name(setup.settings, Repository.open(request.owners.repo, environ=setup.environ))
    return SentryProject(client, setup.settings, slugs[0], name)


def _refuse(comparison: Comparison, request: SyncRequest) -> None:
    if not comparison.fits:
        raise InputError(
            f"the rules have {len(comparison.wanted):,} characters, and Sentry takes {comparison.limit:,}",
            hint="make them smaller: `deploywatch owners compress --mode smallest`; a plan that takes more: [owners] limit",
        )
    if comparison.problems:
        named = [f"line {problem.line}: {problem.reason}" for problem in comparison.problems[:_MOST_NAMED]]
        raise InputError(f"Sentry would refuse the rules: {_listed(named, len(comparison.problems))}", hint="correct these lines")
    if comparison.unknown:
        raise InputError(
            f"Sentry knows no {_listed(list(comparison.unknown[:_MOST_NAMED]), len(comparison.unknown))}",
            hint="create them in Sentry and give them access to the project, or correct the rules",
        )
    if not comparison.rules_wanted and comparison.rules_held and not request.allow_empty:
        raise UsageError(
            f"there is not one rule, and all {comparison.rules_held} that Sentry holds would go",
            hint="say --allow-empty if that is what you want",
        )


def _listed(named: list[str], count: int) -> str:
    more = f" and {count - len(named)} more" if count > len(named) else ""
    return ", ".join(named) + more


def _backup(setup: Setup, found: Synced) -> Path:
    """A file of its own, never over another one."""
    folder = setup.state_folder() / "ownership"
    name = f"{found.project}-{setup.now():%Y%m%dT%H%M%SZ}"
    names = (folder / f"{name}{suffix}.txt" for suffix in chain([""], (f"-{number}" for number in count(2))))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = next(file for file in names if not file.exists())
        with file.open("x", encoding="utf-8") as backup:
            backup.write(f"{found.comparison.held}\n")
    except OSError as error:
        raise StateError(
            f"what Sentry holds cannot be kept in {folder}, so nothing was written: {error.strerror}",
            hint="name a folder that can be written to with [state] folder",
        ) from error
    return file
