"""Which commit was there before, as far as the repository alone can tell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from deploywatch.history.repository import Repository

_VERSION: Final = re.compile(
    r"(?:(?P<package>@?[\w.-]+?(?:/[\w.-]+?)*?)[@/-])??v?(?P<numbers>\d+(?:\.\d+)+)"
    r"(?P<pre>[-.]?(?:a|b|rc|alpha|beta|dev|pre)[.-]?\d*)?(?:[-+].*)?",
    re.IGNORECASE,
)


def previous_version_tag(repository: Repository, head: str, *, package: str | None = None) -> str | None:
    """The newest version tag that is an ancestor of ``head`` and not ``head`` itself, or ``None``.

    Where tags carry the name of ``package`` (``shop@1.2.3``, ``shop-v1.2.3``, ``shop/1.2.3``) they count alone: a repository of
    several services has a line of versions for each. Else those count that name no package, else those of the only package.
    """
    for tag in _newest_first(repository.version_tags(head), package):
        if repository.resolve(f"refs/tags/{tag}") != head:
            return tag
    return None


def _newest_first(tags: Iterable[str], package: str | None) -> list[str]:
    lines: dict[str, list[tuple[tuple[tuple[int, ...], bool], str]]] = {}
    for tag in tags:
        if found := _VERSION.fullmatch(tag):
            lines.setdefault((found["package"] or "").lower(), []).append((_key(found), tag))
    only = next(iter(lines)) if len(lines) == 1 else ""
    line = next((lines[name] for name in ((package or "").lower(), "", only) if name in lines), [])
    return [tag for _, tag in sorted(line, reverse=True)]


def _key(found: re.Match[str]) -> tuple[tuple[int, ...], bool]:
    return tuple(int(part) for part in found["numbers"].split(".")), found["pre"] is None
