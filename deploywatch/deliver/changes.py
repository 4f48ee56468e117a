"""Comments on the change that a report names, in any code host: on the request that brought it, else on the commit itself.

Which pull (or merge) request it was is asked of the host by the commit, because what the commit's message says may be an issue's
number, or nothing. A target is the path of the comments, or ``<sha>/<number in the message>`` where that is still to be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from deploywatch.deliver.channel import CannotTell, Receipt
from deploywatch.deliver.commenting import Posted
from deploywatch.deliver.rest import Api, document, segment, text_of
from deploywatch.model import Report
from deploywatch.report.excerpt import named_suspect

COMMIT: Final = "commit"
"""The value of ``on`` that leaves requests alone; any other means the request first."""


@dataclass(frozen=True, slots=True)
class Host:
    """How a code host speaks: paths below the repository's, and what it calls things.

    ``requests`` lists those of a commit (``{sha}``), ``on_request`` (``{number}``) and ``on_commit`` are comments. ``number`` is
    the key of a request's number; ``is_merged`` tells of a request. ``reference`` makes one of a target and a comment;
    ``change`` says where a comment is changed (method, path), and ``None`` where it cannot be.
    """

    requests: str
    on_request: str
    on_commit: str
    number: str
    is_merged: Callable[[Mapping[str, Any]], bool]
    body: Callable[[str], str]
    reference: Callable[[str, Any], str]
    change: Callable[[str], tuple[str, str] | None]


@dataclass(frozen=True, slots=True)
class ChangeComments:
    """The comments of one repository, whose path in the API is ``repository``."""

    api: Api
    repository: str
    on: str
    host: Host
    limit: int

    def target(self, report: Report) -> str | None:
        """The commit that is named, or the request that brought it; nothing where none is named."""
        named = named_suspect(report.findings[0].regression.ranking)
        if named is None:
            return None
        sha = segment(named.commit.sha)
        return self.host.on_commit.format(sha=sha) if self.on == COMMIT else f"{sha}/{named.commit.pull_request or ''}"

    def add(self, target: str, text: str) -> Receipt:
        """Post it."""
        place = self._place(target)
        if isinstance(place, CannotTell):
            return place.receipt()
        receipt = self.api.write("POST", f"{self.repository}/{place}", {self.host.body(place): text})
        return replace(receipt, reference=self.host.reference(place, document(receipt)))

    def change(self, reference: str, text: str) -> Receipt | None:
        """Edit it, where the host lets one."""
        found = self.host.change(reference)
        if found is None:
            return None
        method, path = found
        return replace(self.api.write(method, f"{self.repository}/{path}", {"body": text}), reference=reference)

    def posted(self, target: str) -> Iterable[Posted] | CannotTell:
        """All comments there."""
        place = self._place(target)
        found = place if isinstance(place, CannotTell) else self.api.pages(f"{self.repository}/{place}")
        if isinstance(found, CannotTell):
            return found
        body = self.host.body(str(place))
        return [Posted(self.host.reference(str(place), item), text_of(item, body)) for item in found]

    def _place(self, target: str) -> str | CannotTell:
        sha, slash, told = target.partition("/")
        if not slash or "/" in told:
            return target
        found = self.api.read(f"{self.repository}/{self.host.requests.format(sha=sha)}")
        if isinstance(found, CannotTell) and (found.for_now or not told):
            return found
        number = told if isinstance(found, CannotTell) else self._best(found, told)
        return self.host.on_request.format(number=number) if number else self.host.on_commit.format(sha=sha)

    def _best(self, found: Any, told: str) -> str:
        """A merged request, the one that the message names before others; else one that is still open. ``""``: there is none."""
        items = [item for item in found or () if isinstance(item, Mapping)] if isinstance(found, list) else []
        numbers = {text_of(item, self.host.number): self.host.is_merged(item) for item in items}
        return max(numbers, key=lambda number: (numbers[number], number == told), default="")
