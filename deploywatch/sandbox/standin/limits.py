"""Sentry's rate-limit headers: a fixed window per token and kind of address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from deploywatch.sandbox.standin.answers import Answer


@dataclass(slots=True)
class _Count:
    window: int
    used: int = 0


class Limits:
    """At most ``limit`` requests per ``seconds`` of one token to one kind of address; a sandbox is generous by default."""

    def __init__(self, *, now: Callable[[], datetime], limit: int = 1_000, seconds: int = 1) -> None:
        self.limit = limit
        self.seconds = seconds
        self._now = now
        self._counts: dict[tuple[str, str], _Count] = {}

    def spend(self, token: str, address: str) -> tuple[dict[str, str], Answer | None]:
        """The headers for this request, and the 429 where it was one too many (a bare JSON string, and no ``Retry-After``)."""
        window = int(self._now().timestamp()) // self.seconds
        count = self._counts.get((token, address))
        if count is None or count.window != window:
            count = self._counts[token, address] = _Count(window)
        count.used += 1
        headers = {
            "X-Sentry-Rate-Limit-Limit": str(self.limit),
            "X-Sentry-Rate-Limit-Remaining": str(max(self.limit - count.used, 0)),
            "X-Sentry-Rate-Limit-Reset": str((window + 1) * self.seconds),
            "X-Sentry-Rate-Limit-ConcurrentLimit": "25",
            "X-Sentry-Rate-Limit-ConcurrentRemaining": "24",
        }
        return headers, self._refusal() if count.used > self.limit else None

    def _refusal(self) -> Answer:
        return Answer(
            f"You are attempting to use this endpoint too frequently. Limit is {self.limit} requests in {self.seconds} seconds",
            429,
        )
