"""Comments on an issue. Each POST adds another one, so it looks before it posts, and looks again when an answer got lost."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from deploywatch.errors import SentryRejected, SentryUnavailable, UsageError
from deploywatch.sentry.addresses import at_issue
from deploywatch.sentry.client import Call, Client
from deploywatch.sentry.retry import ONCE
from deploywatch.sentry.wire import CommentWire, read, read_all

SCOPE: Final = "event:write"
# A link definition that nothing refers to: Markdown shows nothing of it, and it comes back with the text.
_MARKER = re.compile(r"^\[//\]: # \(deploywatch:([^\s()]{1,200})\)$", re.MULTILINE)
_DUPLICATE = "already posted that comment"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment. ``id`` is empty for one that Sentry says is there and does not show."""

    id: str
    text: str
    author: str | None = None
    created_at: datetime | None = None


def marked(text: str, key: str) -> str:
    """Markdown ``text`` with an invisible marker by which a later run finds its own comment again.

    ``key`` has neither spaces nor parentheses.
    """
    body = f"{text.rstrip()}\n\n[//]: # (deploywatch:{key})"
    if marker_of(body) != key:
        raise UsageError(f"{key!r} cannot mark a comment", hint="use up to 200 characters without spaces and parentheses")
    return body


def marker_of(text: str) -> str | None:
    """The key of the (last) marker in a comment, if it has one."""
    found = _MARKER.findall(text.replace("\r\n", "\n"))
    return found[-1] if found else None


def comments(client: Client, issue_id: str) -> tuple[Comment, ...]:
    """The comments of the issue, newest first."""

    def ask(path: str) -> tuple[CommentWire, ...]:
        return read_all(CommentWire, client.pages(path), path)

    return tuple(_noun(wire) for wire in at_issue(client, issue_id, "comments", ask=ask) if wire.type in ("note", None))


def comment(client: Client, issue_id: str, text: str) -> Comment:
    """Make sure that this Markdown ``text`` stands below the issue, once. The same marker is it; without one, the same text is.

    Raises ``SentryUnavailable`` with ``sent`` true where it may or may not stand there now.
    """
    if there := _standing(client, issue_id, text):
        return there
    try:
        return at_issue(client, issue_id, "comments", ask=lambda path: _post(client, path, text))
    except SentryUnavailable as error:
        if error.sent and (there := _standing(client, issue_id, text)):
            return there
        raise
    except SentryRejected as error:
        if _DUPLICATE not in error.message:
            raise
        return _standing(client, issue_id, text) or Comment("", text)


def _standing(client: Client, issue_id: str, text: str) -> Comment | None:
    key = marker_of(text)
    for there in comments(client, issue_id):
        if marker_of(there.text) == key if key else there.text.strip() == text.strip():
            return there
    return None


def _post(client: Client, path: str, text: str) -> Comment:
    body: dict[str, Any] = {"text": text}
    if path.startswith("/issues/"):
        # GlitchTip, which has only this address, wants the text one level deeper; Sentry ignores what it does not know.
        body["data"] = {"text": text}
    return _noun(read(CommentWire, client.call(Call("POST", path, body=body, scope=SCOPE, repeat=ONCE)).json, path))


def _noun(wire: CommentWire) -> Comment:
    user = wire.user
    author = (user.name or user.email or user.username) if user else None
    return Comment(wire.id, (wire.data.text if wire.data else None) or "", author, wire.date_created)
