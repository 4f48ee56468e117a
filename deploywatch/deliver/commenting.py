"""Comments below something that a finding is about, with an invisible marker by which each is found again.

Effectively once: a comment whose answer was lost is looked for before it is added again. What is new about the same incident
takes the place of the comment that was there, where the board lets one change it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from deploywatch.deliver.channel import CannotTell, Parcel, Policy, Receipt
from deploywatch.model import Delivery, Report, Resolution
from deploywatch.report import resolved
from deploywatch.sentry.comments import marked, marker_of

_GONE: Final = (404, 410)  # somebody deleted it
# GitHub asks for a second between requests that make something, lest its secondary limit strikes.
POLICY: Final = Policy(repeatable=False, attempts=5, pause=timedelta(seconds=1), updates=True)


@dataclass(frozen=True, slots=True)
class Posted:
    """A comment that is there. ``reference`` is enough to change it."""

    reference: str
    text: str


class Board(Protocol):
    """Where comments go, such as the issues of Sentry or the pull requests of GitHub."""

    @property
    def limit(self) -> int:
        """Characters that a comment may have."""
        ...

    def target(self, report: Report) -> str | None:
        """What to comment on for the report's first finding; ``None``: there is nothing."""
        ...

    def add(self, target: str, text: str) -> Receipt:
        """Add a comment; the receipt has its reference."""
        ...

    def change(self, reference: str, text: str) -> Receipt | None:
        """Put another text in a comment's place; ``None`` where that cannot be done here."""
        ...

    def posted(self, target: str) -> Iterable[Posted] | CannotTell:
        """The comments that are there, newest first as far as that can be had."""
        ...


@dataclass(frozen=True, slots=True)
class Commenter:
    """A comment for each finding. Its payload is ``{"target": ..., "text": Markdown}``."""

    name: str
    board: Board
    render: Callable[[Report, str], str]
    policy: Policy = POLICY
    per_finding: bool = True

    def compose(self, report: Report, key: str) -> str | None:
        """The comment for the report's first finding."""
        target = self.board.target(report) if report.findings else None
        if target is None:
            return None
        room = self.board.limit - len(marked("", key))
        return json.dumps({"target": target, "text": marked(self.render(report, "markdown")[:room], key)})

    def resolve(self, resolution: Resolution, told: Delivery, key: str) -> str:
        """Another comment below the same thing."""
        return json.dumps({"target": json.loads(told.payload)["target"], "text": marked(resolved.as_markdown(resolution), key)})

    def send(self, parcel: Parcel) -> Receipt:
        """Change the earlier comment, or add one."""
        told = json.loads(parcel.payload)
        changed = self.board.change(parcel.earlier, told["text"]) if parcel.earlier else None
        if changed is None or changed.status in _GONE:
            return self.board.add(told["target"], told["text"])
        return changed

    def find(self, parcel: Parcel) -> str | CannotTell | None:
        """The comment with the marker."""
        there = self.board.posted(json.loads(parcel.payload)["target"])
        if isinstance(there, CannotTell):
            return there
        return next((posted.reference for posted in there if marker_of(posted.text) == parcel.key), None)
