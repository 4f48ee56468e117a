"""What an HTTP answer, or the lack of one, says about a message: taken, not taken, or nobody knows.

A server that answers 500 or 503 says that it failed, so the message is taken to be not there. A gateway that answers 502 or
504 only says that it lost the answer of the server behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Final

from deploywatch.deliver.channel import Outcome, Receipt
from deploywatch.http import FailureKind, Http, HttpFailure, Response

LATER: Final = frozenset({408, 425, 429, 500, 503, 507})
UNSURE: Final = frozenset({502, 504, 520, 521, 522, 523, 524})
_KEPT_HEADERS: Final = frozenset(
    (
        "content-type date location retry-after x-request-id x-correlation-id x-slack-req-id x-github-request-id "
        "x-ratelimit-remaining x-ratelimit-reset ratelimit-remaining ratelimit-reset"
    ).split()
)
# On a connection that was kept, the server may just be closing it: the message would be lost, and nobody would know.
_FRESH: Final[Mapping[str, str]] = MappingProxyType({"Connection": "close"})
_HOPELESS: Final = frozenset({FailureKind.INVALID, FailureKind.TLS, FailureKind.FORBIDDEN})


@dataclass(frozen=True, slots=True)
class Post:
    """A request whose body is the message (a ``GET`` has none)."""

    url: str
    body: str | None
    headers: Mapping[str, str]
    timeout: timedelta
    method: str = "POST"


def send(http: Http, post: Post, now: datetime) -> Receipt:
    """Send it once and say what is certain then. ``now`` is for a ``Retry-After`` that is a date."""
    body = None if post.body is None else post.body.encode()
    headers = {**post.headers, **_FRESH}
    try:
        response = http.request(post.method, post.url, headers=headers, body=body, timeout=post.timeout)
    except HttpFailure as failure:
        return _without_answer(failure)
    return receipt_of(response, now)


def receipt_of(response: Response, now: datetime) -> Receipt:
    """What a whole answer says."""
    outcome = outcome_of(response.status)
    return Receipt(
        outcome,
        status=response.status,
        answer=response.text,
        headers=tuple((name, value) for name, value in response.headers.items() if name in _KEPT_HEADERS),
        error=None if outcome is Outcome.TAKEN else _complaint(response.status),
        wait=retry_after(response.headers, now),
    )


def outcome_of(status: int) -> Outcome:
    """What the status alone says."""
    if 200 <= status < 300:
        return Outcome.TAKEN
    if status in LATER:
        return Outcome.LATER
    return Outcome.UNSURE if status in UNSURE else Outcome.REFUSED


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """The wait that ``Retry-After`` asks for, as seconds or as a date (RFC 9110, 10.2.3); ``None`` where it asks for none."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit() and len(value) < 10:
        return timedelta(seconds=int(value))
    try:
        until = parsedate_to_datetime(value)
        return max(until - now, timedelta(0)) if until.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _without_answer(failure: HttpFailure) -> Receipt:
    error = f"{failure.host}: {failure}"
    if failure.status is not None:  # half an answer, but the half that counts
        return Receipt(outcome_of(failure.status), status=failure.status, error=error)
    if failure.sent:
        return Receipt(Outcome.UNSURE, error=error)
    return Receipt(Outcome.REFUSED if failure.kind in _HOPELESS else Outcome.LATER, error=error)


def _complaint(status: int) -> str:
    if 300 <= status < 400:
        return f"HTTP {status}: it answers with a redirect, which is not followed; configure the address that it leads to"
    if status in (401, 403):
        return f"HTTP {status}: it does not let us in; check the channel's address and secret"
    if status in (404, 410):
        return f"HTTP {status}: there is nothing (any more) at the channel's address; make a new one"
    return f"HTTP {status}"
