"""A comment on the merge request, or the commit, that the report names as the cause, in GitLab.

GitLab's REST API v4: "List merge requests associated with a commit", "Notes" of merge requests, and "Post comment to commit",
whose comments cannot be changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from deploywatch.deliver.changes import ChangeComments, Host
from deploywatch.deliver.commenting import Commenter
from deploywatch.deliver.options import Tools, read_options
from deploywatch.deliver.rest import ApiOptions, connect, segment, text_of

LIMIT: Final = 1_000_000
_NOTES: Final = "merge_requests/"


class GitLabOptions(ApiOptions):
    """The keys of what speaks to GitLab."""

    url: str = "https://gitlab.com"
    """The server's address."""
    project: str
    """group/name, or the project's number."""

    def path(self) -> str:
        """The project's path in the API."""
        return f"/api/v4/projects/{segment(self.project)}"


class CommentOptions(GitLabOptions):
    """The keys of a comment."""

    on: Literal["merge-request", "commit"] = "merge-request"
    """What to comment on; a commit that no merge request brought is commented on itself."""


def credentials(token: str) -> dict[str, str]:
    """GitLab's header, for personal, group, project and OAuth tokens alike."""
    return {"Authorization": f"Bearer {token}"}


def _reference(target: str, posted: Any) -> str:
    number = text_of(posted, "id")
    return f"{target}/{number}" if number else target


HOST: Final = Host(
    requests="repository/commits/{sha}/merge_requests",
    on_request=_NOTES + "{number}/notes",
    on_commit="repository/commits/{sha}/comments",
    number="iid",
    is_merged=lambda request: text_of(request, "state") == "merged",
    body=lambda target: "body" if target.startswith(_NOTES) else "note",
    reference=_reference,
    change=lambda reference: ("PUT", reference) if reference.startswith(_NOTES) else None,
)


def make(name: str, config: Mapping[str, Any], tools: Tools) -> Commenter:
    """From ``project``, ``token``, ``on`` and ``url``. Raises ``ConfigError``."""
    options = read_options(CommentOptions, name, config)
    board = ChangeComments(connect(options, name, tools, credentials), options.path(), options.on, HOST, LIMIT)
    return Commenter(name, board, tools.render)
