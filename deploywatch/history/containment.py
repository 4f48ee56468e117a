"""Whether a commit's change is in another commit: by ancestry, followed through cherry-picks, reverts and reverts of reverts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from deploywatch.history.repository import Repository

# The words by which Sentry, GitHub and GitLab know that a commit resolves an issue.
_FIXES: Final = r"\b(?:fix(?:e[sd])?|close[sd]?|resolve[sd]?)\s*:?\s+"
_SHORT_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
_SHA: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MOST_ASKED: Final = 1000


class Containment:
    """Where one commit's change is: ``git cherry-pick -x`` and ``git revert`` name the commit that they carry or take back."""

    def __init__(self, repository: Repository, sha: str) -> None:
        self._repository = repository
        self._carriers = (sha, *_naming(repository, f"cherry picked from commit {sha}"))
        self._reverts = lru_cache(maxsize=None)(lambda commit: _naming(repository, f"This reverts commit {commit}"))

    def holds(self, head: str) -> bool:
        """Whether the code at ``head`` has the change: some commit that brings it is there, and not taken back."""
        return any(self._stands(carrier, head) for carrier in self._carriers)

    def _stands(self, commit: str, head: str) -> bool:
        if not self._repository.is_ancestor(commit, head):
            return False
        return not any(self._stands(revert, head) for revert in self._reverts(commit))


def fix_of(repository: Repository, short_id: str, head: str) -> str | None:
    """The newest commit before ``head`` whose message says that it fixes the issue (``Fixes SHOP-4F``), or ``None``."""
    if not _SHORT_ID.fullmatch(short_id):
        return None
    said = re.compile(rf"{_FIXES}{re.escape(short_id)}(?![A-Za-z0-9_-])", re.IGNORECASE)
    return next((sha for sha, message in _messages(repository, short_id, head) if said.search(message)), None)


def revert_of(repository: Repository, sha: str, head: str) -> str | None:
    """The newest commit before ``head`` that takes the commit ``sha`` back, or ``None``."""
    said = f"This reverts commit {sha}"
    return next((revert for revert, message in _messages(repository, said, head) if said in message), None)


def _naming(repository: Repository, words: str) -> tuple[str, ...]:
    """Commits of any branch whose message holds these words."""
    return tuple(sha for sha, message in _messages(repository, words, "--all") if words in message)


def _messages(repository: Repository, words: str, where: str) -> Iterator[tuple[str, str]]:
    """The commits whose message holds the words in any case, newest first."""
    arguments = ("-z", "--format=%H%n%B", "--fixed-strings", "--regexp-ignore-case", f"--grep={words}", f"-n{_MOST_ASKED}")
    out = repository.git.run("log", *arguments, where, "--")
    for record in out.decode("utf-8", "replace").split("\0"):
        sha, _, message = record.strip("\n").partition("\n")
        if _SHA.fullmatch(sha):
            yield sha, message
