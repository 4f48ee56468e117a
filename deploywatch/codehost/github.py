"""GitHub's REST API 2022-11-28: "Get a commit", "List pull requests associated with a commit", "List CODEOWNERS errors".

A token that may read the repository is enough, such as the one of a job in GitHub Actions.
"""

from __future__ import annotations

from typing import Any

from deploywatch.codehost.host import Reader, member, segment, text
from deploywatch.http import Http
from deploywatch.owners.people import Identity
from deploywatch.owners.rules import Problem


class GitHub:
    """See ``CodeHost``. ``base`` is the API's address, ``repository`` owner/name."""

    def __init__(self, http: Http, base: str, repository: str, token: str) -> None:
        owner, _, name = repository.partition("/")
        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        self._reader = Reader(http, base, {**headers, "Authorization": f"Bearer {token}"})
        self._path = f"/repos/{segment(owner)}/{segment(name)}"

    def people_of(self, sha: str) -> tuple[Identity, ...]:
        """See ``CodeHost``."""
        commit = self._reader.get(f"{self._path}/commits/{segment(sha)}")
        found = (_identity(member(commit, role), member(commit, "commit", role)) for role in ("author", "committer"))
        return tuple(identity for identity in found if identity)

    def opened_by(self, sha: str) -> Identity | None:
        """See ``CodeHost``. Of several the one that was merged."""
        requests = self._reader.get(f"{self._path}/commits/{segment(sha)}/pulls")
        opened = [request for request in requests if isinstance(request, dict)] if isinstance(requests, list) else []
        merged = sorted(opened, key=lambda request: text(request, "merged_at") is None)
        return _identity(member(merged[0], "user"), None) if merged else None

    def owner_file_errors(self, rev: str) -> tuple[Problem, ...] | None:
        """See ``CodeHost``."""
        errors = member(self._reader.get(f"{self._path}/codeowners/errors?ref={segment(rev)}"), "errors")
        return tuple(map(_problem, errors)) if isinstance(errors, list) else None


def _identity(user: Any, signed: Any) -> Identity | None:
    """A user, with the address that the commit has; nobody where it is a robot or GitHub does not know the address."""
    login, address = text(user, "login"), text(signed, "email")
    if login is None or text(user, "type") == "Bot" or login == "web-flow":
        return None
    return Identity(text(signed, "name"), (address,) if address else (), github=login)


def _problem(error: Any) -> Problem:
    line = member(error, "line")
    said = f"{text(error, 'kind') or 'GitHub does not accept it'}: {text(error, 'suggestion') or text(error, 'message') or ''}"
    return Problem(line if isinstance(line, int) and line > 0 else 0, text(error, "source") or "", said.strip(": \n"))
