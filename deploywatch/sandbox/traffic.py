"""Visitors of the shop: always the same ten, one after another, at a steady pace and up to a limit."""

from __future__ import annotations

import http.client
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who looks at a thing and buys it. ``customer`` is ``None`` for a guest."""

    sku: str
    quantity: int = 1
    customer: str | None = None
    coupon: str | None = None
    country: str = "DK"


# Three of ten still type the coupon of last spring's campaign: they get nothing off, and no error, until version 2.
VISITORS = (
    Visitor("tea-001", 2),
    Visitor("pot-001", customer="ada"),
    Visitor("cup-001", 4, coupon="WELCOME10"),
    Visitor("tin-001", customer="grace", country="DE"),
    Visitor("tea-002", 3, coupon="SPRING24"),
    Visitor("cup-001", 2, customer="edsger", coupon="SPRING24"),
    Visitor("pot-001", 3, coupon="BIGBASKET", country="SE"),
    Visitor("tea-001", customer="ada", coupon="WELCOME10"),
    Visitor("tea-002", 2, customer="barbara", coupon="SPRING24"),
    Visitor("tin-001", 2, country="PT"),
)

Ask = Callable[[str, str, str, Mapping[str, Any] | None], dict[str, Any]]


class Traffic:
    """A thread that sends ``per_second`` requests, ``at_most`` so many in all.

    ``tally`` counts the answers by endpoint and status; 0 stands for no answer at all.
    """

    def __init__(self, url: str, *, per_second: float, at_most: int) -> None:
        self.tally: dict[str, Counter[int]] = {}
        self._host = urlsplit(url).netloc
        self._pause = 1 / per_second
        self._left = at_most
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="visitors of the shop")

    def start(self) -> Self:
        """Open the door."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Close it, and wait for the request that is under way."""
        self._is_over.set()
        self._thread.join(TIMEOUT)

    def wait(self, seconds: float) -> None:
        """Let it go on for so long, or until the limit is reached."""
        self._is_over.wait(seconds)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _run(self) -> None:
        connection = http.client.HTTPConnection(self._host, timeout=TIMEOUT)
        ask = self._asking(connection)
        for visitor in cycle(VISITORS):
            for _ in visit(visitor, ask):
                self._left -= 1
                if self._left <= 0:
                    self._is_over.set()
                if self._is_over.wait(self._pause):
                    connection.close()
                    return

    def _asking(self, connection: http.client.HTTPConnection) -> Ask:
        def ask(method: str, path: str, endpoint: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
            text = None if body is None else json.dumps(body)
            try:
                connection.request(method, path, text, {"Content-Type": "application/json"})
                answer = connection.getresponse()
                status, content = answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                # Seen in the tally as 0; a shop that went away is not the visitors' failure.
                status, content = 0, b""
            if status in (0, 500):
                # uvicorn hangs up after an exception, without saying so in the answer.
                connection.close()
            self.tally.setdefault(f"{method} {endpoint}", Counter())[status] += 1
            return _object(content) if 200 <= status < 300 else {}

        return ask


def _object(content: bytes) -> dict[str, Any]:
    try:
        read = json.loads(content)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def visit(visitor: Visitor, ask: Ask) -> Iterator[None]:
    """One visit, a step at a time. ``ask`` takes method, path, endpoint and body, and answers the body or nothing."""
    ask("GET", f"/products/{visitor.sku}", "/products/{sku}", None)
    yield
    cart = ask("POST", "/carts", "/carts", {"customer": visitor.customer}).get("id")
    yield
    if cart is None:
        return
    ask("POST", f"/carts/{cart}/items", "/carts/{id}/items", {"sku": visitor.sku, "quantity": visitor.quantity})
    yield
    if visitor.coupon:
        ask("PUT", f"/carts/{cart}/coupon", "/carts/{id}/coupon", {"code": visitor.coupon})
        yield
    ask("POST", f"/carts/{cart}/checkout", "/carts/{id}/checkout", {"country": visitor.country})
    yield
