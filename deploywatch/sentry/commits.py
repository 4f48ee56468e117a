"""A commit window as the ``commits`` of a release: Sentry's field limits, and git's status letters in Sentry's three.

A value that is too long is cut and a path that is too long is left out, because Sentry refuses a *whole* release for one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from deploywatch.model import ChangeType, Commit, CommitWindow, FileChange
from deploywatch.sentry.wire import stamp

# The limits of Sentry's serializer. An e-mail address may have 200 characters today, and 75 on servers of 2023.
MAX_REPOSITORY: Final = 64
MAX_AUTHOR_NAME: Final = 128
MAX_AUTHOR_EMAIL: Final = 75
MAX_PATH: Final = 510
# Not a limit of Sentry's: enough of a message to recognise it, and little enough that hundreds of them pass a proxy.
MAX_MESSAGE: Final = 1000
# More are refused (413) or time out (504) in practice, and fewer may be: ``set_commits`` halves what is too much.
MAX_COMMITS: Final = 5_000
SKIPPED: Final = "#skipsentry"
"""Sentry drops a commit whose message holds this."""
_MODIFIED = (ChangeType.MODIFIED, ChangeType.TYPE_CHANGED)


Part = tuple[CommitWindow, str]
"""A window and its repository's name in Sentry."""


def commit_payloads(window: CommitWindow, repository: str, *, also: Sequence[Part] = ()) -> list[dict[str, Any]]:
    """The newest ``MAX_COMMITS`` commits, newest first; ``also`` are those of other repositories.

    Sentry sorts them by ``timestamp`` and takes the newest as the release's last commit. So a commit never gets an earlier time
    than its ancestors, whatever the clock of its committer said.
    """
    timed = [
        (when, commit, name)
        for part, name in ((window, repository), *also)
        for commit, when in zip(part.commits, _ordered_times(part.commits), strict=True)
    ]
    if also:
        timed.sort(key=lambda one: one[0], reverse=True)
    return [_payload(commit, when, name) for when, commit, name in timed[:MAX_COMMITS]]


def patch_set(files: Iterable[FileChange]) -> list[dict[str, str]]:
    """Sentry's file list: a rename is a deletion and an addition, a copy an addition, a change of type a modification."""
    entries = {path: letter for change in files for path, letter in _letters(change)}
    return [{"path": _text(path), "type": letter} for path, letter in entries.items() if len(path) <= MAX_PATH]


def _letters(change: FileChange) -> Iterator[tuple[str, str]]:
    if change.type is ChangeType.DELETED:
        yield change.path, "D"
    elif change.type in _MODIFIED:
        yield change.path, "M"
    else:
        if change.type is ChangeType.RENAMED and change.old_path:
            yield change.old_path, "D"
        yield change.path, "A"


def _ordered_times(commits: tuple[Commit, ...]) -> list[datetime]:
    times: list[datetime] = []
    for commit in reversed(commits):
        times.append(max(commit.committed_at, times[-1]) if times else commit.committed_at)
    return times[::-1]


def _payload(commit: Commit, when: datetime, repository: str) -> dict[str, Any]:
    return {
        "id": commit.sha,
        "repository": _text(repository)[:MAX_REPOSITORY],
        "message": _text(commit.message)[:MAX_MESSAGE],
        "author_name": _text(commit.author.name)[:MAX_AUTHOR_NAME],
        "author_email": _text(commit.author.email)[:MAX_AUTHOR_EMAIL],
        "timestamp": stamp(when),
        "patch_set": patch_set(commit.files),
    }


def _text(value: str) -> str:
    """Text that a database takes: without NUL, and without the lone surrogates that stand for bytes of no encoding."""
    return value.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
