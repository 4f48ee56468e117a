"""A comment on the pull request, or the commit, that the report names as the cause; its author hears of it there.

GitHub's REST API 2022-11-28: "List pull requests associated with a commit", "Issue comments" (a pull request is an issue) and
"Commit comments".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from deploywatch.deliver.changes import ChangeComments, Host
from deploywatch.deliver.commenting import Commenter
from deploywatch.deliver.options import Tools, read_options
from deploywatch.deliver.rest import ApiOptions, connect, segment, text_of

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
    """What to comment on; a commit that no pull request brought is commented on itself."""


def credentials(token: str) -> dict[str, str]:
    """GitHub's headers."""
    return {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


def _changing(reference: str) -> tuple[str, str] | None:
    fragment = urlsplit(reference).fragment
    for sign, place in _PLACES.items():
        if fragment.startswith(sign):
            return "PATCH", f"{place}/{segment(fragment.removeprefix(sign))}"
    return None


HOST: Final = Host(
    requests="commits/{sha}/pulls",
    on_request="issues/{number}/comments",
    on_commit="commits/{sha}/comments",
    number="number",
    is_merged=lambda request: bool(request.get("merged_at")),
    body=lambda _target: "body",
    reference=lambda target, posted: text_of(posted, "html_url") or target,
    change=_changing,
)


def make(name: str, config: Mapping[str, Any], tools: Tools) -> Commenter:
    """From ``repository``, ``token``, ``on`` and ``url``. Raises ``ConfigError``."""
    options = read_options(CommentOptions, name, config)
    board = ChangeComments(connect(options, name, tools, credentials), options.path(), options.on, HOST, LIMIT)
    return Commenter(name, board, tools.render)
