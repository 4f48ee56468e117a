"""What is done to an issue by its status: resolved in a release, opened again. Always one issue by its number, never a search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from deploywatch.model import Issue
from deploywatch.sentry.addresses import at_issue
from deploywatch.sentry.client import Call, Client
from deploywatch.sentry.wire import IssueWire, read

SCOPE: Final = "event:write"


def resolve(client: Client, issue_id: str, *, in_release: str) -> Issue:
    """Mark the issue as resolved in the release, so that events of older ones do not open it again, and newer ones do.

    Raises ``SentryRejected`` where the issue's project does not have the release.
    """
    return _put(client, issue_id, {"status": "resolved", "statusDetails": {"inRelease": in_release}})


def reopen(client: Client, issue_id: str) -> Issue:
    """Mark the issue as unresolved."""
    return _put(client, issue_id, {"status": "unresolved"})


def _put(client: Client, issue_id: str, body: Mapping[str, Any]) -> Issue:
    def ask(path: str) -> Issue:
        return read(IssueWire, client.call(Call("PUT", path, body=body, scope=SCOPE)).json, path).noun()

    return at_issue(client, issue_id, ask=ask)
