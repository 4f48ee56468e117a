"""A JSON web API as the channels see it: one call, one receipt; and the credentials that go with every call and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from deploywatch.deliver.answers import Post, send
from deploywatch.deliver.channel import CannotTell, Outcome, Receipt
from deploywatch.deliver.options import Tools, WebOptions
from deploywatch.http import Http

TIMEOUT: Final = timedelta(seconds=15)
PAGE_SIZE: Final = 100
MAX_PAGES: Final = 20
_FAR_FUTURE: Final = 1e11


class ApiOptions(WebOptions):
    """The keys of a channel that is a web API: its address where that is not the usual one, and the credentials."""

    token: str
    """The credentials, by reference: "env:NAME" or "file:/path"."""


@dataclass(frozen=True, slots=True)
class Api:
    """An API by its base address (without a slash at its end). ``headers`` hold the credentials."""

    http: Http
    base: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    now: Callable[[], datetime]

    def write(self, method: str, path: str, body: Mapping[str, Any]) -> Receipt:
        """Send JSON."""
        headers = {"Content-Type": "application/json", "Accept": "application/json", **dict(self.headers)}
        return self._rated(send(self.http, Post(self.base + path, json.dumps(body), headers, TIMEOUT, method), self.now()))

    def read(self, path: str) -> Any:
        """The JSON at a path, or ``CannotTell``."""
        headers = {"Accept": "application/json", **dict(self.headers)}
        receipt = self._rated(send(self.http, Post(self.base + path, None, headers, TIMEOUT, "GET"), self.now()))
        if receipt.outcome is not Outcome.TAKEN:
            return CannotTell(receipt.error or "no answer", for_now=receipt.outcome is not Outcome.REFUSED)
        return document(receipt)

    def _rated(self, receipt: Receipt) -> Receipt:
        """A refusal because of the rate limit is one for now, until the time that the headers name (GitHub: 403; GitLab: 429)."""
        headers = dict(receipt.headers)
        spent = headers.get("x-ratelimit-remaining", headers.get("ratelimit-remaining")) == "0"
        if receipt.status not in (403, 429) or not (spent or receipt.wait is not None or receipt.status == 429):
            return receipt
        wait = receipt.wait if receipt.wait is not None or not spent else self._until_reset(headers)
        return replace(receipt, outcome=Outcome.LATER, wait=wait, error=f"HTTP {receipt.status}: its rate limit is spent")

    def _until_reset(self, headers: Mapping[str, str]) -> timedelta | None:
        try:
            reset = float(headers.get("x-ratelimit-reset", headers.get("ratelimit-reset", "")))
        except ValueError:
            return None
        if not 0 < reset < _FAR_FUTURE:
            return None
        return max(datetime.fromtimestamp(reset, UTC) - self.now(), timedelta(0))

    def pages(self, path: str) -> list[Any] | CannotTell:
        """The items of a list that is numbered in pages (``per_page``, ``page``), at most ``MAX_PAGES`` pages of it."""
        found: list[Any] = []
        for page in range(1, MAX_PAGES + 1):
            mark = "&" if "?" in path else "?"
            items = self.read(f"{path}{mark}per_page={PAGE_SIZE}&page={page}")
            if isinstance(items, CannotTell):
                return items
            found += items if isinstance(items, list) else []
            if not isinstance(items, list) or len(items) < PAGE_SIZE:
                break
        return found


def document(receipt: Receipt) -> Any:
    """The JSON of an answer; ``None`` where it is none."""
    try:
        return json.loads(receipt.answer)
    except (ValueError, RecursionError):
        return None


def segment(value: object) -> str:
    """A value as one segment of a path."""
    return quote(str(value), safe="")


def text_of(value: Any, *keys: str) -> str:
    """The text under a path of keys in JSON, ``""`` where there is none; a number is text too."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return str(value) if isinstance(value, str | int) else ""


def connect(options: ApiOptions, name: str, tools: Tools, credentials: Callable[[str], Mapping[str, str]]) -> Api:
    """The API of a channel's options; ``credentials`` makes headers of the token. Raises ``ConfigError``."""
    token = tools.vault.secret(options.token, f"channels.{name}.token")
    base = tools.vault.address(options.url, f"channels.{name}.url").rstrip("/")
    return Api(tools.connect(options.guard()), base, tuple(credentials(token).items()), tools.now)
