"""A web API on loopback, made of routes: functions of the request that give a status and JSON. Every request is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request. ``found`` are the groups of the route's pattern; ``query`` has the last value of each name."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    found: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What a route says."""

    status: int
    body: Any = None
    headers: Mapping[str, str] | None = None
    drop: bool = False
    """Close without a word, after the route has done its work."""


Route = Callable[[Asked], Answer]


class FakeApi(ThreadingHTTPServer):
    """Routes are tried in order; ``(method, pattern)`` of the whole path. ``mishaps`` are answers that come before any route's.

    A mishap is a status to answer without doing anything, or "drop": do it, and say nothing.
    """

    daemon_threads = True

    def __init__(self, routes: Mapping[tuple[str, str], Route]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.routes = [(method, re.compile(pattern), route) for (method, pattern), route in routes.items()]
        self.requests: list[Asked] = []
        self.mishaps: list[int | str] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join(5)

    def writes(self) -> list[tuple[str, str]]:
        """The requests that change something."""
        return [(asked.method, asked.path) for asked in self.requests if asked.method != "GET"]

    def answer(self, asked: Asked) -> Answer:
        self.requests.append(asked)
        mishap = self.mishaps.pop(0) if self.mishaps and asked.method != "GET" else None
        if isinstance(mishap, int):
            return Answer(mishap, {"message": "not now"})
        for method, pattern, route in self.routes:
            if method == asked.method and (match := pattern.fullmatch(asked.path)):
                answer = route(Asked(asked.method, asked.path, asked.query, asked.headers, asked.body, match.groups()))
                return Answer(0, drop=True) if mishap == "drop" else answer
        return Answer(404, {"message": f"no route for {asked.method} {asked.path}"})


class _Handler(BaseHTTPRequestHandler):
    server: FakeApi
    protocol_version = "HTTP/1.1"

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.answer(Asked(self.command, parts.path, query, headers, json.loads(raw) if raw else None))
        self.close_connection = True
        if not answer.drop:
            self._say(answer)

    do_GET = do_POST = do_PATCH = do_PUT = _handle  # noqa: N815 - the names that http.server looks for

    def _say(self, answer: Answer) -> None:
        body = b"" if answer.body is None else json.dumps(answer.body).encode()
        self.send_response(answer.status)
        for name, value in {
            "content-type": "application/json",
            "content-length": str(len(body)),
            **(answer.headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""
