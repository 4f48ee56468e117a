"""GitLab's REST API v4: "List merge requests associated with a commit".

GitLab tells nobody whose user an e-mail address is, and checks owner files in its editor only.
"""

from __future__ import annotations

from typing import Final

from deploywatch.codehost.host import Reader, segment, text
from deploywatch.http import Http
from deploywatch.owners.people import Identity
from deploywatch.owners.rules import Problem

_ROBOTS: Final = ("project_", "group_")
"""How the names of tokens' own users begin: project_12_bot_abc, group_7_bot."""


class GitLab:
    """See ``CodeHost``. ``base`` is the server's address, ``project`` its path with all groups."""

    def __init__(self, http: Http, base: str, project: str, token: str) -> None:
        self._reader = Reader(http, f"{base}/api/v4", {"Accept": "application/json", "PRIVATE-TOKEN": token})
        self._path = f"/projects/{segment(project)}"

    def people_of(self, sha: str) -> tuple[Identity, ...]:  # noqa: ARG002 - the port's signature
        """See ``CodeHost``."""
        return ()

    def opened_by(self, sha: str) -> Identity | None:
        """See ``CodeHost``. Of several the one that was merged."""
        requests = self._reader.get(f"{self._path}/repository/commits/{segment(sha)}/merge_requests")
        opened = [request for request in requests if isinstance(request, dict)] if isinstance(requests, list) else []
        merged = sorted(opened, key=lambda request: text(request, "state") != "merged")
        username = text(merged[0], "author", "username") if merged else None
        if username is None or (username.startswith(_ROBOTS) and "_bot" in username):
            return None
        return Identity(text(merged[0], "author", "name"), gitlab=username)

    def owner_file_errors(self, rev: str) -> tuple[Problem, ...] | None:  # noqa: ARG002 - the port's signature
        """See ``CodeHost``."""
        return None
