"""A comment on the pull request, or the commit, that the report names as the cause; its author hears of it there.

GitHub's REST API 2022-11-28: "Issue comments" (a pull request is an issue) and "Commit comments".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from deploywatch.deliver.channel import CannotTell, Receipt
from deploywatch.deliver.commenting import Commenter, Posted
from deploywatch.deliver.options import Tools, read_options
from deploywatch.deliver.rest import Api, ApiOptions, connect, document, segment, text_of
from deploywatch.model import Report
from deploywatch.report.excerpt import named_suspect

LIMIT: Final = 65_536
_PLACES: Final[Mapping[str, str]] = MappingProxyType({"issuecomment-": "issues/comments", "commitcomment-": "comments"})


class GitHubOptions(ApiOptions):
    """The keys of what speaks to GitHub."""

    url: str = "https://api.github.com"
    """The API's address; for GitHub Enterprise Server https://HOST/api/v3."""
    repository: str
    """owner/name."""

    def path(self) -> str:
        """The repository's path in the API."""
        owner, _, name = self.repository.partition("/")
        return f"/repos/{segment(owner)}/{segment(name)}"


class CommentOptions(GitHubOptions):
    """The keys of a comment."""

    on: Literal["pull-request", "commit"] = "pull-request"
    """What to comment on."""


@dataclass(frozen=True, slots=True)
class GitHubComments:
    """The comments of one repository's pull requests or commits. A target is ``issues/128`` or ``commits/<sha>``."""

    api: Api
    repository: str
    on: str
    limit: int = LIMIT

    def target(self, report: Report) -> str | None:
        """The pull request or the commit that is named; nothing where none is."""
        named = named_suspect(report.findings[0].regression.ranking)
        if named is None:
            return None
        if self.on == "commit":
            return f"commits/{named.commit.sha}"
        return f"issues/{named.commit.pull_request}" if named.commit.pull_request else None

    def add(self, target: str, text: str) -> Receipt:
        """Post it."""
        return _with_reference(self.api.write("POST", f"{self.repository}/{target}/comments", {"body": text}))

    def change(self, reference: str, text: str) -> Receipt | None:
        """Edit it."""
        fragment = urlsplit(reference).fragment
        for sign, place in _PLACES.items():
            if fragment.startswith(sign):
                number = segment(fragment.removeprefix(sign))
                return _with_reference(self.api.write("PATCH", f"{self.repository}/{place}/{number}", {"body": text}))
        return None

    def posted(self, target: str) -> Iterable[Posted] | CannotTell:
        """All comments there."""
        found = self.api.pages(f"{self.repository}/{target}/comments")
        if isinstance(found, CannotTell):
            return found
        return [Posted(text_of(item, "html_url"), text_of(item, "body")) for item in reversed(found)]


def credentials(token: str) -> dict[str, str]:
    """GitHub's headers."""
    return {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


def _with_reference(receipt: Receipt) -> Receipt:
    return replace(receipt, reference=text_of(document(receipt), "html_url") or None)


def make(name: str, config: Mapping[str, Any], tools: Tools) -> Commenter:
    """From ``repository``, ``token``, ``on`` and ``url``. Raises ``ConfigError``."""
    options = read_options(CommentOptions, name, config)
    return Commenter(name, GitHubComments(connect(options, name, tools, credentials), options.path(), options.on), tools.render)
