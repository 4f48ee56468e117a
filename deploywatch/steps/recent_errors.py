"""How many errors each file of the repository had lately, by Sentry's issues."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from deploywatch.model import Frame, Raised, StackTrace
from deploywatch.sentry.issues import IssueQuery, find
from deploywatch.stacktraces.mapping import PathIndex, map_frames

if TYPE_CHECKING:
    from deploywatch.sentry.client import Client

SINCE: Final = timedelta(days=14)
"""What counts as lately: Sentry's own default for lists of issues."""

_MOST_ISSUES: Final = 500


@dataclass(frozen=True, slots=True)
class RecentErrors:
    """Errors by file, and how many could not be placed in any."""

    by_file: Mapping[str, int]
    unplaced: int = 0


def recent_errors(
    client: Client, project: str, paths: tuple[str, ...], *, code_roots: tuple[tuple[str, str], ...] = ()
) -> RecentErrors:
    """The errors of the project's 500 most frequent issues, by the file in which they were raised. Raises ``SentryError``."""
    query = IssueQuery(release="", environment=None, projects=(project,), since=client.now() - SINCE)
    counts: Counter[str] = Counter()
    for issue in find(client, query, "", limit=_MOST_ISSUES, sort="freq").issues:
        counts[issue.filename or ""] += issue.count
    index = PathIndex(paths)
    by_file: Counter[str] = Counter()
    for filename, count in counts.items():
        by_file[_file(filename, index, code_roots) or ""] += count
    unplaced = by_file.pop("", 0)
    return RecentErrors(by_file, unplaced)


def _file(filename: str, index: PathIndex, code_roots: tuple[tuple[str, str], ...]) -> str | None:
    if not filename:
        return None
    trace = StackTrace((Raised(None, None, (Frame(filename, in_app=True),)),))
    return map_frames(trace, index, code_roots=code_roots)[0].file
