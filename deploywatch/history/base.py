"""Version tags, in the order of the versions that they name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_VERSION: Final = re.compile(
    r"(?:(?P<package>@?[\w.-]+?(?:/[\w.-]+?)*?)[@/-])??v?(?P<numbers>\d+(?:\.\d+)+)"
    r"(?P<pre>[-.]?(?:a|b|rc|alpha|beta|dev|pre)[.-]?\d*)?(?:[-+].*)?",
    re.IGNORECASE,
)


def newest_versions(tags: Iterable[str], package: str | None = None) -> list[str]:
    """Those of ``tags`` that name a version, the newest first.

    Where tags carry the name of ``package`` (``shop@1.2.3``, ``shop-v1.2.3``, ``shop/1.2.3``) they count alone: a repository of
    several services has a line of versions for each. Else those count that name no package, else those of the only package.
    """
    lines: dict[str, list[tuple[tuple[tuple[int, ...], bool], str]]] = {}
    for tag in tags:
        if found := _VERSION.fullmatch(tag):
            lines.setdefault((found["package"] or "").lower(), []).append((_key(found), tag))
    only = next(iter(lines)) if len(lines) == 1 else ""
    line = next((lines[name] for name in ((package or "").lower(), "", only) if name in lines), [])
    return [tag for _, tag in sorted(line, reverse=True)]


def _key(found: re.Match[str]) -> tuple[tuple[int, ...], bool]:
    return tuple(int(part) for part in found["numbers"].split(".")), found["pre"] is None
