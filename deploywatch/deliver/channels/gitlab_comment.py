"""A comment on the merge request, or the commit, that the report names as the cause, in GitLab.

GitLab's REST API v4: "Notes" of merge requests, and "Post comment to commit", whose comments cannot be changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from deploywatch.deliver.channel import CannotTell, Receipt
from deploywatch.deliver.commenting import Commenter, Posted
from deploywatch.deliver.options import Tools, read_options
from deploywatch.deliver.rest import Api, ApiOptions, connect, document, segment, text_of
from deploywatch.model import Report
from deploywatch.report.excerpt import named_suspect

LIMIT: Final = 1_000_000


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
    """What to comment on."""


@dataclass(frozen=True, slots=True)
class GitLabComments:
    """The comments of one project's merge requests or commits. A reference is the path of the note in the API."""

    api: Api
    project: str
    on: str
    limit: int = LIMIT

    def target(self, report: Report) -> str | None:
        """The merge request's notes or the commit's comments; nothing where no change is named."""
        named = named_suspect(report.findings[0].regression.ranking)
        if named is None:
            return None
        if self.on == "commit":
            return f"repository/commits/{named.commit.sha}/comments"
        return f"merge_requests/{named.commit.pull_request}/notes" if named.commit.pull_request else None

    def add(self, target: str, text: str) -> Receipt:
        """Post it."""
        key = "note" if self.on == "commit" else "body"
        receipt = self.api.write("POST", f"{self.project}/{target}", {key: text})
        return replace(receipt, reference=_reference(target, document(receipt)))

    def change(self, reference: str, text: str) -> Receipt | None:
        """Edit a note."""
        if not reference.startswith("merge_requests/"):
            return None
        return replace(self.api.write("PUT", f"{self.project}/{reference}", {"body": text}), reference=reference)

    def posted(self, target: str) -> Iterable[Posted] | CannotTell:
        """All notes or comments there."""
        found = self.api.pages(f"{self.project}/{target}")
        if isinstance(found, CannotTell):
            return found
        return [Posted(_reference(target, item), text_of(item, "note") or text_of(item, "body")) for item in found]


def credentials(token: str) -> dict[str, str]:
    """GitLab's header, for personal, group, project and OAuth tokens alike."""
    return {"Authorization": f"Bearer {token}"}


def _reference(target: str, posted: Any) -> str:
    number = text_of(posted, "id")
    return f"{target}/{number}" if number else target


def make(name: str, config: Mapping[str, Any], tools: Tools) -> Commenter:
    """From ``project``, ``token``, ``on`` and ``url``. Raises ``ConfigError``."""
    options = read_options(CommentOptions, name, config)
    return Commenter(name, GitLabComments(connect(options, name, tools, credentials), options.path(), options.on), tools.render)
