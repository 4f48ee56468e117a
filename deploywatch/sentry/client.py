"""The client of Sentry's web API: one organisation, bearer auth, patience, paging, and typed errors. It knows no resource."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from deploywatch.errors import SentryUnavailable
from deploywatch.http import FailureKind, Http, HttpClient, HttpFailure, Network, Response
from deploywatch.model import Attempt
from deploywatch.sentry.complaints import is_html
from deploywatch.sentry.connection import Connection
from deploywatch.sentry.paging import next_cursor
from deploywatch.sentry.refusals import Asked, answer_error, failure_error
from deploywatch.sentry.retry import SAFE, Repeat, Retry, quiet_until, server_time

PAGE_SIZE = 100
Query = Sequence[tuple[str, str]]
_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer: its status (2xx), its JSON (``None`` for an empty body) and where the next page is.

    ``hits`` is how many items there are on all pages, where the server says so.
    """

    status: int
    json: Any
    cursor: str | None = None
    hits: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One request to make. ``path`` begins after ``root``; ``scope`` is the token scope to name when Sentry refuses."""

    method: str
    path: str
    query: Query = ()
    body: Mapping[str, Any] | None = None
    scope: str = "event:read"
    repeat: Repeat = SAFE
    root: str = "/api/0"


class Client:
    """Speaks to the organisation of ``connection``. Every method raises the ``SentryError`` that fits.

    ``sleep`` takes seconds; ``now`` gives aware UTC. ``transport`` is the HTTP port, httpx unless given.
    ``project_numbers`` are the numbers of project slugs, as far as a server wanted them. ``skew`` is how far Sentry's clock is
    ahead of ours by its last answer, to half a second and half the way there and back; ``None`` while it has not said.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        sleep: Callable[[float], None],
        now: Callable[[], datetime],
        transport: Http | None = None,
        retry: Retry | None = None,
    ) -> None:
        self.connection = connection
        self.now = now
        self.project_numbers: dict[str, str] = {}
        self.skew: timedelta | None = None
        self._quiet_until: datetime | None = None
        self._sleep = sleep
        self._http = transport or HttpClient(network=Network(connection.verify_tls, connection.proxy))
        patience = retry or Retry()
        limit = connection.max_retries
        self._retry = patience if limit is None else replace(patience, attempts=limit + 1)

    def with_patience(self, retry: Retry) -> Client:
        """The same client with another patience, whatever number of attempts the configuration says."""
        connection = replace(self.connection, max_retries=None)
        return Client(connection, sleep=self._sleep, now=self.now, transport=self._http, retry=retry)

    def path(self, *segments: str) -> str:
        """A path below the organisation; each argument is one segment, percent-encoded."""
        return api_path("organizations", self.connection.org, *segments)

    def get(self, path: str, query: Query = (), *, scope: str = "event:read") -> Any:
        """The JSON at ``path``."""
        return self.call(Call("GET", path, query, scope=scope)).json

    def pages(self, path: str, query: Query = (), *, scope: str = "event:read", limit: int = 20) -> Pages:
        """The items of a list over at most ``limit`` pages, each item once."""
        return Pages(self, Call("GET", path, query, scope=scope), limit)

    def call(self, call: Call) -> Answer:
        """Make one request, again and again as far as ``call.repeat`` and the client's patience allow."""
        started = self.now()
        tried = 0
        while True:
            tried += 1
            outcome = self._attempt(call)
            if isinstance(outcome, Answer):
                return outcome
            asked = Asked(call.method, call.path, call.scope, tried)
            wait = self._retry.wait(tried, outcome, self.now())
            over = self.now() + wait > started + self._retry.deadline
            if over or tried >= self._retry.attempts or not call.repeat.allows(outcome):
                raise self._error(outcome, asked)
            self._sleep(wait.total_seconds())

    def pause(self, seconds: float) -> None:
        """Let time pass before another look at something that Sentry is busy with."""
        self._sleep(seconds)

    def wait_hint(self) -> timedelta | None:
        """How long Sentry's last answer asked to wait before the next request; ``None`` where it did not, or that is over."""
        left = self._quiet_until - self.now() if self._quiet_until else timedelta(0)
        return left if left > timedelta(0) else None

    def _attempt(self, call: Call) -> Answer | Response | HttpFailure:
        started = self.now()
        what = f"{call.method} {call.path}"
        try:
            response = self._http.request(
                call.method,
                self._url(call),
                headers=self._headers(call),
                body=_encoded(call.body),
                timeout=self._retry.timeout,
            )
            content = _content(response)
        except HttpFailure as failure:
            self._retry.observe(Attempt(started, self.now(), failure.status, answer=what, error=str(failure)))
            return failure
        self._retry.observe(Attempt(started, self.now(), response.status, answer=what))
        self._quiet_until = quiet_until(response, self.now())
        self._compare_clocks(response, started)
        if content is _NOTHING:
            return response
        return Answer(response.status, content, next_cursor(response.headers.get("link")), _hits(response))

    def _compare_clocks(self, response: Response, started: datetime) -> None:
        if theirs := server_time(response):
            # The date is cut to seconds, so that on average it is half a second later.
            self.skew = theirs + timedelta(seconds=0.5) - (started + (self.now() - started) / 2)

    def _url(self, call: Call) -> str:
        query = f"?{urlencode(call.query)}" if call.query else ""
        return f"{self.connection.url}{call.root}{call.path}{query}"

    def _headers(self, call: Call) -> dict[str, str]:
        headers = dict(self.connection.headers)
        headers |= {"Authorization": f"Bearer {self.connection.token.reveal()}", "Accept": "application/json"}
        return headers if call.body is None else headers | {"Content-Type": "application/json"}

    def _error(self, outcome: Response | HttpFailure, asked: Asked) -> Exception:
        if isinstance(outcome, HttpFailure):
            return failure_error(outcome, asked, self.connection)
        return answer_error(outcome, asked, self.connection)


class Pages:
    """The items of a paged list, in Sentry's order, each once (lists move between pages). Iterate once.

    ``complete`` is false until the last page was read: there is more than the limit of pages. ``hits`` is how many items there
    are in all, where the server says so.
    """

    def __init__(self, client: Client, call: Call, limit: int) -> None:
        self._client = client
        self._call = call
        self._limit = limit
        self.complete = False
        self.hits: int | None = None

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        cursor: str | None = None
        cursors: set[str] = set()
        seen: set[str] = set()
        for _ in range(self._limit):
            query = (*self._call.query, ("cursor", cursor)) if cursor else self._call.query
            answer = self._client.call(replace(self._call, query=query))
            self.hits = answer.hits if self.hits is None else self.hits
            for item in _objects(answer.json, self._call.path):
                key = str(item.get("id") or item.get("version") or "")
                if not key or key not in seen:
                    seen.add(key)
                    yield item
            cursor = answer.cursor
            if cursor is None or cursor in cursors:
                self.complete = True
                return
            cursors.add(cursor)


def api_path(*segments: str) -> str:
    """A path of the API; each argument is one segment, percent-encoded as sentry-cli does it (``@`` stays)."""
    return "/" + "".join(f"{quote(segment, safe='@')}/" for segment in segments)


def _hits(response: Response) -> int | None:
    value = response.headers.get("x-hits", "")
    return int(value) if value.isascii() and value.isdigit() else None


def _encoded(body: Mapping[str, Any] | None) -> bytes | None:
    return None if body is None else json.dumps(body).encode()


def _content(response: Response) -> Any:
    """The JSON of a good answer, ``None`` for an empty body, ``_NOTHING`` for any other answer.

    Raises ``HttpFailure`` for half an answer.
    """
    if not 200 <= response.status < 300 or is_html(response):
        return _NOTHING
    if not response.body.strip():
        return None
    try:
        return response.json()
    except ValueError:
        raise HttpFailure(FailureKind.TRUNCATED, "", sent=True, status=response.status) from None


def _objects(value: Any, path: str) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(item is None or isinstance(item, Mapping) for item in value):
        raise SentryUnavailable(
            f"Sentry answered {path} with something else than a list of objects",
            hint="check that SENTRY_URL is a Sentry, and what stands between it and this machine",
        )
    return [item for item in value if item is not None]
