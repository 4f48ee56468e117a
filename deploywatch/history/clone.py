"""A clone that may be cut: shallow, of one branch, without files. Asked how two commits are related, it fetches until it knows.

How much is enough: no cut lies within base..head, and nothing in it is as old as where the past of base was cut, for then base
may have it, too. That costs a deeper fetch now and then, and never a wrong window.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from deploywatch.errors import GitError, ShallowClone, UnknownRevision
from deploywatch.history.checkout import changed_objects, cuts, dated, depth_of, has_one_branch, is_partial
from deploywatch.history.fetching import CannotFetchError, Fetcher, Fetching
from deploywatch.history.repository import Repository

_NAME: Final = re.compile(r"([\w@][\w./@+-]*)([~^][\d~^]*)?")
_FIRST_DEPTH: Final = 50
_FACTOR: Final = 4
_MOST_FILES: Final = 20_000


class Relation(StrEnum):
    """How a base is related to a head."""

    FORWARD = "base is an ancestor of head, or head itself"
    BACKWARD = "head is an ancestor of base"
    DIVERGED = "both have a past in common"
    UNRELATED = "they have nothing in common"


class Clone:
    """A repository and what may be fetched for it (``None``: nothing)."""

    def __init__(self, repository: Repository, fetcher: Fetcher | None = None) -> None:
        self.repository = repository
        self._fetcher = fetcher or Fetcher(repository.git, Fetching())
        self._depth = 0

    @property
    def is_cut(self) -> bool:
        """Whether history was cut, or only one branch of it was cloned, or the files were left out."""
        git = self.repository.git
        return self.repository.is_shallow() or is_partial(git) or has_one_branch(git, self._fetcher.fetching.remote)

    def resolve(self, rev: str) -> str:
        """The full object name of the commit that ``rev`` names, here or at the remote. Raises UnknownRevision, ShallowClone."""
        name = rev.strip()
        try:
            return self.repository.resolve(name)
        except GitError as missing:
            if not self._fetcher.fetching.allowed or not _NAME.fullmatch(name) or not self.is_cut:
                raise self._advised(missing) from missing
            try:
                return self._fetched(name)
            except CannotFetchError as why:
                raise ShallowClone(f"{missing.message}; and {why}", hint=self._fetcher.fetching.advice) from why

    def relation(self, base: str, head: str) -> Relation:
        """How the two commits (full names) are related. Raises ShallowClone where the cut history may hide it."""
        depths = self._depths(head)
        while self._is_hidden(base, head):
            depth = next(depths, None)
            if depth is None:
                raise self._unclear(base, head, f"the first {self._fetcher.fetching.deepest:,} commits do not show it")
            try:
                self._fetcher.deepen((head, base), depth)
            except CannotFetchError as why:
                raise self._unclear(base, head, str(why)) from why
            self._depth = depth
        return self._seen(base, head)

    def version_tags(self, head: str) -> dict[str, str]:
        """Tags and the commits that they name: those that lead to head, and where history is cut, all that the remote has."""
        here = self.repository.version_tags(head)
        if not self.repository.is_shallow():
            return here
        try:
            return self._fetcher.tags() | here
        except CannotFetchError:
            return here

    def fetch_files(self, base: str, head: str) -> None:
        """Get the files that base..head changed at once, where they were left out: git would get those of each commit alone."""
        if not self._fetcher.fetching.allowed or not is_partial(self.repository.git):
            return
        names = changed_objects(self.repository.git, base, head)
        if names and len(names) <= _MOST_FILES:
            try:
                self._fetcher.objects(names)
            except CannotFetchError:
                return

    def _seen(self, base: str, head: str) -> Relation:
        if self.repository.is_ancestor(base, head):
            return Relation.FORWARD
        if self.repository.is_ancestor(head, base):
            return Relation.BACKWARD
        common = self.repository.nearest_common_ancestor(base, head)
        return Relation.DIVERGED if common else Relation.UNRELATED

    def _is_hidden(self, base: str, head: str) -> bool:
        """Whether a cut may hide how they are related, or a part of what lies between them."""
        if base == head or not self.repository.is_shallow():
            return False
        where = cuts(self.repository.git)
        seen = self._seen(base, head)
        if seen is not Relation.BACKWARD and self._is_incomplete(base, head, where):
            return True
        return seen is not Relation.FORWARD and self._is_incomplete(head, base, where)

    def _is_incomplete(self, base: str, head: str, where: frozenset[str]) -> bool:
        inside = dated(self.repository.git, f"{base}..{head}")
        if where & inside.keys():
            return True
        behind = [date for sha, date in dated(self.repository.git, base).items() if sha in where]
        return bool(inside and behind) and min(inside.values()) <= max(behind)

    def _depths(self, head: str) -> Iterator[int]:
        """50, 200, 800 ..., never less than what is there, for that would cut more off."""
        deepest = self._fetcher.fetching.deepest
        depth = max(_FIRST_DEPTH, depth_of(self.repository.git, head) * 2, self._depth * _FACTOR)
        while depth < deepest:
            yield depth
            depth *= _FACTOR
        if self._depth < deepest:
            yield deepest

    def _fetched(self, name: str) -> str:
        """Raises UnknownRevision where the remote does not have it either, and CannotFetchError."""
        tip = _NAME.sub(r"\1", name)
        if tip != name:
            return self._counted_back(self.resolve(tip), name)
        found = self._fetcher.commit(name, max(_FIRST_DEPTH, self._depth) if self.repository.is_shallow() else None)
        if found is None:
            raise UnknownRevision(
                f"there is no commit {name!r} in this repository, nor at its remote", hint="check the spelling, or push it"
            )
        return self.repository.resolve(found)

    def _counted_back(self, tip: str, name: str) -> str:
        """A revision such as ``HEAD~30`` in a history that is shorter than that."""
        for depth in self._depths(tip):
            self._fetcher.deepen((tip,), depth)
            self._depth = depth
            if self.repository.has(name):
                break
        return self.repository.resolve(name)

    def _advised(self, missing: GitError) -> GitError:
        if isinstance(missing, UnknownRevision) or not self.repository.is_shallow():
            return missing
        return ShallowClone(missing.message, hint=self._fetcher.fetching.advice)

    def _unclear(self, base: str, head: str, why: str) -> ShallowClone:
        return ShallowClone(
            f"this clone is shallow and does not show how {base[:10]} leads to {head[:10]}: {why}",
            hint=self._fetcher.fetching.advice,
        )
