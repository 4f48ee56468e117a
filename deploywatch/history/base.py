"""Which commit was there before, as far as the repository alone can tell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from deploywatch.history.repository import Repository

_VERSION: Final = re.compile(
    r"(?:[\w.-]+[@/-])?v?(\d+(?:\.\d+)+)(?P<pre>[-.]?(?:a|b|rc|alpha|beta|dev|pre)[.-]?\d*)?(?:[-+].*)?", re.IGNORECASE
)


def previous_version_tag(repository: Repository, head: str) -> str | None:
    """The newest version tag that is an ancestor of ``head`` and not ``head`` itself, or ``None``."""
    for tag in _newest_first(repository.version_tags(head)):
        if repository.resolve(f"refs/tags/{tag}") != head:
            return tag
    return None


def _newest_first(tags: Iterable[str]) -> list[str]:
    versions = [(_key(found), tag) for tag in tags if (found := _VERSION.fullmatch(tag))]
    return [tag for _, tag in sorted(versions, reverse=True)]


def _key(found: re.Match[str]) -> tuple[tuple[int, ...], bool]:
    return tuple(int(part) for part in found[1].split(".")), found["pre"] is None
