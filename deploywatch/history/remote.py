"""A remote's address -> ``owner/name``, as Sentry and the code hosts call the repository, and the host that it is on."""

from __future__ import annotations

import re
from typing import Final

_SCP: Final = re.compile(r"^(?:[^@/\s]+@)?(?P<host>[\w.-]+):(?!//)(?P<path>[^\s]+)$")
_URL: Final = re.compile(r"^[a-z][a-z0-9+.-]*://(?:[^@/\s]*@)?(?P<host>[^/\s:]*)(?::\d*)?/(?P<path>[^\s?#]+)", re.IGNORECASE)


def repository_name(url: str | None) -> str | None:
    """``owner/name`` (GitLab: with its groups) of ``https``, ``ssh`` and ``git@host:`` addresses.

    ``None`` for other addresses and for local paths.
    """
    found = _URL.match(url or "") or _SCP.match(url or "")
    if not found or (url or "").lower().startswith("file:"):
        return None
    path = found["path"].strip("/").removesuffix(".git").strip("/")
    return path if "/" in path and len(path) <= 200 else None


def host_name(url: str | None) -> str | None:
    """The host of such an address in lower case, without a port; ``None`` for other addresses and for local paths."""
    found = _URL.match(url or "") or _SCP.match(url or "")
    if not found or (url or "").lower().startswith("file:"):
        return None
    return found["host"].lower() or None
