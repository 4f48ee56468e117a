"""Web addresses on the code host, derived from a git remote.

Only hosts whose addresses are known are linked: a wrong link costs more than none. Sources: the hosts' own permalinks
(GitHub and Gitea ``/commit/``, GitLab ``/-/commit/``, Bitbucket Cloud ``/commits/``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from deploywatch.report.escaping import safe_url

_SCP: Final = re.compile(r"(?:[^@/\s]+@)?(?P<host>[A-Za-z0-9.-]+):(?P<path>[^/\s].*)")


@dataclass(frozen=True, slots=True)
class CodeHost:
    """A repository on a code host; ``root`` is its web address without a final slash."""

    root: str
    commit_path: str
    pull_request_path: str
    compare_path: str | None

    def commit(self, sha: str) -> str | None:
        """The page of a commit."""
        return safe_url(f"{self.root}/{self.commit_path}/{sha}")

    def pull_request(self, number: int) -> str | None:
        """The page of a pull (or merge) request."""
        return safe_url(f"{self.root}/{self.pull_request_path}/{number}")

    def compare(self, base: str, head: str) -> str | None:
        """The page of all changes from base to head, where the host has one."""
        return safe_url(f"{self.root}/{self.compare_path}/{base}...{head}") if self.compare_path else None


_HOSTS: Final = (
    ("gitlab", ("-/commit", "-/merge_requests", "-/compare")),
    ("bitbucket.org", ("commits", "pull-requests", None)),
    ("codeberg.org", ("commit", "pulls", "compare")),
    ("gitea", ("commit", "pulls", "compare")),
    ("forgejo", ("commit", "pulls", "compare")),
    ("github", ("commit", "pull", "compare")),
)


def code_host(remote_url: str | None) -> CodeHost | None:
    """The web side of a remote (``https``, ``ssh`` or ``git@host:path``), or ``None`` where the host is not known.

    User names, passwords and ports of ssh are dropped. Self-hosted servers are known by their name (``gitlab.example.org``).
    """
    place = place_of(remote_url or "")
    if place is None:
        return None
    host, path = place
    root = safe_url(f"https://{host}/{path}")
    paths = next((paths for word, paths in _HOSTS if word in host), None)
    return CodeHost(root, *paths) if root and paths else None


def place_of(url: str) -> tuple[str, str] | None:
    """Host (with its port, of http alone) and path of a git remote's address, ``None`` for what has none, like a folder."""
    try:
        parts = urlsplit(url)
        host, path = parts.hostname, parts.path
        port = parts.port if parts.scheme in ("http", "https") else None
    except ValueError:
        return None
    if parts.scheme not in ("http", "https", "ssh", "git", "git+ssh"):
        match = _SCP.fullmatch(url)
        host, path, port = (match["host"], match["path"], None) if match else (None, "", None)
    trimmed = path.strip("/").removesuffix(".git").strip("/")
    if not host or not trimmed:
        return None
    return (f"{host.lower()}:{port}" if port else host.lower()), trimmed
