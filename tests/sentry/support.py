"""A scripted Sentry behind the real client and the real HTTP adapter, and a clock that sleeping moves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import httpx

from deploywatch.http import HttpClient
from deploywatch.model import Attempt
from deploywatch.sentry.client import Client
from deploywatch.sentry.connection import Connection
from deploywatch.sentry.retry import Retry
from deploywatch.sentry.tokens import Secret

URL = "https://sentry.example"
TOKEN = "sntryu_" + "0123456789abcdef" * 4
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
DETAIL_404 = {"detail": "The requested resource does not exist"}
PAGE = "<!doctype html><html><head><title>502 Bad Gateway</title></head><body><app-root></app-root></body></html>"


class Clock:
    def __init__(self) -> None:
        self.time = NOW
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.time += timedelta(seconds=seconds)


def reply(json: Any = None, status: int = 200, *, headers: Mapping[str, str] | None = None) -> httpx.Response:
    return httpx.Response(status, json=json, headers=headers)


def raw(body: bytes | str, status: int = 200, content_type: str = "application/json") -> httpx.Response:
    return httpx.Response(status, content=body, headers={"content-type": content_type})


def page(status: int = 200) -> httpx.Response:
    return raw(PAGE, status, "text/html; charset=utf-8")


@dataclass(frozen=True)
class Asked:
    """One request as it went over the wire. ``path`` is below ``/api/0`` and still escaped."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    json: Any
    headers: Mapping[str, str] = field(repr=False)

    @property
    def line(self) -> str:
        return f"{self.method} {self.path}"

    def values(self, key: str) -> list[str]:
        return [value for name, value in self.query if name == key]


class Script:
    """Gives its answers in order (an exception is raised instead) and records what was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode().partition("?")[0]
        body = json.loads(request.content) if request.content else None
        self.asked.append(
            Asked(request.method, path.removeprefix("/api/0"), tuple(request.url.params.multi_items()), body, request.headers)
        )
        assert self.answers, f"nobody expected {request.method} {unquote(str(request.url))}"
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def lines(self) -> list[str]:
        return [asked.line for asked in self.asked]


@dataclass
class Stage:
    """A client in front of a script."""

    client: Client
    script: Script
    clock: Clock
    attempts: list[Attempt]


def stage(*answers: httpx.Response | Exception, attempts: int = 6, **connection: Any) -> Stage:
    script, clock, seen = Script(*answers), Clock(), []
    described = {"url": URL, "token": Secret(TOKEN), "org": "acme", "projects": ("shop",)} | connection
    client = Client(
        Connection(**described),
        sleep=clock.sleep,
        now=clock.now,
        transport=HttpClient(transport=httpx.MockTransport(script), environ={}),
        retry=Retry(attempts=attempts, jitter=lambda: 0.5, observe=seen.append),
    )
    return Stage(client, script, clock, seen)


def link(cursor: str, *, more: bool, host: str = URL) -> dict[str, str]:
    return {
        "Link": f'<{host}/api/0/x/?cursor=0:0:1>; rel="previous"; results="false"; cursor="0:0:1", '
        f'<{host}/api/0/x/?cursor={cursor}>; rel="next"; results="{str(more).lower()}"; cursor="{cursor}"'
    }
