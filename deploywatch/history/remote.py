"""A remote's address -> ``owner/name``, as Sentry and the code hosts call the repository."""

from __future__ import annotations

import re
from typing import Final

_SCP: Final = re.compile(r"^(?:[^@/\s]+@)?[\w.-]+:(?!//)(?P<path>[^\s]+)$")
_URL: Final = re.compile(r"^[a-z][a-z0-9+.-]*://(?:[^@/\s]*@)?[^/\s]*/(?P<path>[^\s?#]+)", re.IGNORECASE)


def repository_name(url: str | None) -> str | None:
    """``owner/name`` (GitLab: with its groups) of ``https``, ``ssh`` and ``git@host:`` addresses.

    ``None`` for other addresses and for local paths.
    """
    found = _URL.match(url or "") or _SCP.match(url or "")
    if not found or (url or "").lower().startswith("file:"):
        return None
    path = found["path"].strip("/").removesuffix(".git").strip("/")
    return path if "/" in path and len(path) <= 200 else None
