"""The pull (or merge) request of a branch that is on the code host already, opened once.

GitHub's REST API 2022-11-28 ("List pull requests", "Create a pull request", "Get a repository") and GitLab's v4 ("Merge
requests", "Projects"). One that a person has closed is left closed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from deploywatch.deliver.channel import CannotTell, Outcome, Receipt
from deploywatch.deliver.channels.github_comment import credentials as github_credentials
from deploywatch.deliver.channels.gitlab_comment import credentials as gitlab_credentials
from deploywatch.deliver.rest import Api, document, segment, text_of
from deploywatch.errors import DeliveryError
from deploywatch.http import Http
from deploywatch.report.links import place_of

_BY_HAND: Final = "open it by hand: the branch is there"


@dataclass(frozen=True, slots=True)
class Draft:
    """What the request is to say; ``body`` is Markdown."""

    branch: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How a code host speaks. ``listed`` makes a query of owner and branch, ``opened`` a body of draft and target branch."""

    requests: str
    address: str
    listed: Callable[[str, str], str]
    opened: Callable[[Draft, str], dict[str, Any]]
    credentials: Callable[[str], Mapping[str, str]]


_GITHUB: Final = _Dialect(
    "pulls",
    "html_url",
    lambda owner, branch: f"?head={segment(f'{owner}:{branch}')}&state=all",
    lambda draft, base: {"title": draft.title, "head": draft.branch, "base": base, "body": draft.body},
    github_credentials,
)
_GITLAB: Final = _Dialect(
    "merge_requests",
    "web_url",
    lambda _, branch: f"?source_branch={segment(branch)}",
    lambda draft, base: {
        "title": draft.title,
        "source_branch": draft.branch,
        "target_branch": base,
        "description": draft.body,
        "remove_source_branch": True,
    },
    gitlab_credentials,
)


@dataclass(frozen=True, slots=True)
class PullRequests:
    """Those of one repository, whose path in the API is ``path``."""

    api: Api
    path: str
    owner: str
    dialect: _Dialect

    def ensure(self, draft: Draft) -> str:
        """The address of the branch's request, which is opened if there has never been one. Raises ``DeliveryError``."""
        if found := self._found(draft.branch):
            return found
        repository = self.api.read(self.path)
        if isinstance(repository, CannotTell):
            raise DeliveryError(f"the code host did not tell its default branch: {repository.why}", hint=_BY_HAND)
        base = text_of(repository, "default_branch")
        receipt = self.api.write("POST", f"{self.path}/{self.dialect.requests}", self.dialect.opened(draft, base))
        if receipt.outcome is Outcome.TAKEN:
            return text_of(document(receipt), self.dialect.address)
        # Its answer may have been lost, or another run was quicker.
        if found := self._found(draft.branch):
            return found
        raise DeliveryError(f"the code host did not open it: {_why(receipt)}", hint=_BY_HAND)

    def _found(self, branch: str) -> str | None:
        listed = self.api.read(f"{self.path}/{self.dialect.requests}{self.dialect.listed(self.owner, branch)}")
        if isinstance(listed, CannotTell):
            raise DeliveryError(f"the code host does not show its pull requests: {listed.why}", hint=_BY_HAND)
        return text_of(listed[0], self.dialect.address) if isinstance(listed, list) and listed else None


@dataclass(frozen=True, slots=True)
class Means:
    """What opening one takes: the environment that holds the tokens, the door to HTTP, and a clock."""

    environ: Mapping[str, str]
    http: Callable[[], Http]
    now: Callable[[], datetime]


def pull_requests_of(remote_url: str | None, means: Means) -> PullRequests | None:
    """Those of the remote's repository, where it is on GitHub or GitLab and there is a token for *that* host; else ``None``.

    A token is only ever sent to the host that it is for: github.com or gitlab.com, and those which the pipeline names as its own.
    """
    host, path = place_of(remote_url or "") or ("", "")
    own = _own(host, means.environ)
    if own is None:
        return None
    base, token, dialect = own
    api = Api(means.http(), base, tuple(dialect.credentials(token).items()), means.now)
    owner, _, name = path.rpartition("/")
    where = f"/repos/{segment(owner)}/{segment(name)}" if dialect is _GITHUB else f"/projects/{segment(path)}"
    return PullRequests(api, where, owner, dialect)


_API: Final = MappingProxyType({"github.com": "https://api.github.com", "gitlab.com": "https://gitlab.com/api/v4"})


def _own(host: str, environ: Mapping[str, str]) -> tuple[str, str, _Dialect] | None:
    github = environ.get("GITHUB_TOKEN") or environ.get("GH_TOKEN") or ""
    gitlab = environ.get("GITLAB_TOKEN") or ""
    server, _ = place_of(environ.get("GITHUB_SERVER_URL", "") + "/x") or ("", "")
    known = (
        (server, environ.get("GITHUB_API_URL", ""), github, _GITHUB),
        (environ.get("CI_SERVER_HOST", ""), environ.get("CI_API_V4_URL", ""), gitlab, _GITLAB),
        ("github.com", _API["github.com"], github, _GITHUB),
        ("gitlab.com", _API["gitlab.com"], gitlab, _GITLAB),
    )
    return next(
        ((base, token, dialect) for name, base, token, dialect in known if host and name == host and base and token), None
    )


def _why(receipt: Receipt) -> str:
    said = text_of(document(receipt), "message")
    return f"{receipt.error or 'no reason given'}{f' ({said[:200]})' if said else ''}"
