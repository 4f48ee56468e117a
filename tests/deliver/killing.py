"""Real processes that are really killed, against receivers on loopback that misbehave. Only the receivers survive."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.context import ForkServerContext
from pathlib import Path
from threading import Lock, Thread
from typing import Any, Self

from deploywatch.deliver import archive
from deploywatch.deliver.answers import Post, send
from deploywatch.deliver.channel import Outcome, Policy
from deploywatch.deliver.channels.file import ReportFile
from deploywatch.deliver.channels.sentry_comment import CommentsOfIssues
from deploywatch.deliver.channels.slack import SlackWebhook
from deploywatch.deliver.channels.webhook import Webhook
from deploywatch.deliver.commenting import Commenter
from deploywatch.deliver.courier import Timing
from deploywatch.deliver.outbox import Manner, Outbox
from deploywatch.errors import SentryUnavailable
from deploywatch.http import HttpClient
from deploywatch.model import Delivery, DeliveryState, Report
from deploywatch.store.store import Store
from tests.deliver.crashing import Fate, Mortal, two_findings

QUICK = timedelta(milliseconds=5)
TIMEOUT = timedelta(seconds=2)
BEHAVIOURS = ["works"] * 4 + ["drops", "drops", "500", "429", "twice", "never takes it", "kills", "kills first"]
NOT_TAKEN = ("500", "429", "never takes it", "kills first")
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
ANSWERS = {
    "works": OK,
    "twice": OK * 2,
    "500": b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n",
    "429": b"HTTP/1.1 429 Slow down\r\nretry-after: 0\r\ncontent-length: 0\r\n\r\n",
}


class Receivers(ThreadingHTTPServer):
    """One server for all channels, by the first part of the path. ``seen`` holds what each of them took, in order.

    A behaviour is drawn for every POST; ``kills`` kills the process that sent it, after or before taking the message.
    """

    daemon_threads = True

    def __init__(self, seed: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.random = random.Random(seed)
        self.calm = False
        self.seen: dict[str, list[tuple[str, str]]] = {"slack": [], "hook": [], "comments": [], "on-call": []}
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self._lock = Lock()
        self._thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join(5)

    def behaviour(self) -> str:
        with self._lock:
            return "works" if self.calm else self.random.choice(BEHAVIOURS)

    def take(self, name: str, key: str, body: str) -> None:
        with self._lock:
            self.seen[name].append((key, body))

    def comments(self) -> bytes:
        with self._lock:
            return json.dumps([json.loads(body)["text"] for _, body in self.seen["comments"]]).encode()

    def handle_error(self, *_: object) -> None:
        """A killed process breaks its connections."""


class Handler(BaseHTTPRequestHandler):
    """One request to ``Receivers``."""

    protocol_version = "HTTP/1.1"
    server: Receivers

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        behaviour, sender = self.server.behaviour(), int(self.headers["x-pid"])
        if behaviour == "kills first":
            os.kill(sender, signal.SIGKILL)
        if behaviour not in NOT_TAKEN:
            self.server.take(self.path.strip("/"), self.headers["webhook-id"] or body, body)
        if behaviour == "kills":
            os.kill(sender, signal.SIGKILL)
        self._say(ANSWERS.get(behaviour, b""))

    def do_GET(self) -> None:
        body = self.server.comments()
        self._say(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s" % (len(body), body))

    def _say(self, answer: bytes) -> None:
        self.close_connection = True
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@dataclass(frozen=True)
class Comment:
    id: str
    text: str


@dataclass(frozen=True)
class HttpComments:
    """Comments of issues, over the receivers' server."""

    http: HttpClient
    url: str

    def comment(self, issue_id: str, text: str) -> Comment:
        body = json.dumps({"target": issue_id, "text": text})
        receipt = send(self.http, Post(f"{self.url}/comments", body, headers(), TIMEOUT), datetime.now(UTC))
        if receipt.outcome is not Outcome.TAKEN:
            raise SentryUnavailable("no answer", hint="", status=receipt.status, sent=receipt.outcome is Outcome.UNSURE)
        return Comment("1", text)

    def comments(self, issue_id: str) -> tuple[Comment, ...]:
        there = self.http.request("GET", f"{self.url}/comments", timeout=TIMEOUT).json()
        return tuple(Comment(str(number), text) for number, text in enumerate(there, start=1))


def headers() -> dict[str, str]:
    return {"X-Pid": str(os.getpid())}


@dataclass(frozen=True)
class Signing:
    """The door to HTTP, which tells the receivers whom to kill."""

    http: HttpClient

    def request(self, method: str, url: str, **parts: Any) -> Any:
        parts["headers"] = {**(parts.get("headers") or {}), **headers()}
        return self.http.request(method, url, **parts)


def say(told: Report, form: str) -> str:
    """Rendering is not what is tested here."""
    issues = [finding.regression.issue.id for finding in told.findings]
    return json.dumps({"form": form, "issues": issues, "warnings": told.warnings})


def now() -> datetime:
    return datetime.now(UTC)


def deliver(state: str, url: str, folder: str, kill_at: int | None) -> tuple[Delivery, ...]:
    """The command: every step of it may be its last."""
    fate = Fate(kill_at, lambda: os.kill(os.getpid(), signal.SIGKILL))
    slack, hook = (
        Policy(repeatable=False, first_wait=QUICK, timeout=TIMEOUT),
        Policy(repeatable=True, first_wait=QUICK, timeout=TIMEOUT),
    )
    with HttpClient(environ={}) as client, Store.open(state) as store:
        http = Signing(client)
        channels = [
            SlackWebhook("slack", http, f"{url}/slack", say, now, slack),
            Webhook("hook", http, f"{url}/hook", say, now, policy=hook),
            Commenter("comments", CommentsOfIssues(HttpComments(client, url)), say, Policy(repeatable=False, first_wait=QUICK)),
            ReportFile("file", Path(folder) / "{key}.json", "json", say),
        ]
        fallback = Webhook("on-call", http, f"{url}/on-call", say, now, policy=hook)
        manner = Manner(timing=Timing(lease=timedelta(seconds=20), patience=timedelta(seconds=20)))
        outbox = Outbox(Mortal(store.deliveries, fate), manner, fallbacks={"slack": Mortal(fallback, fate)})
        return outbox.deliver(two_findings("it broke"), [Mortal(channel, fate) for channel in channels])


def live(state: str, url: str, folder: str, kill_at: int | None) -> None:
    """What the killed process runs; its exit code is 0 when it came to its end."""
    deliver(state, url, folder, kill_at)
    sys.stdout.flush()
    os._exit(0)


def processes() -> ForkServerContext:
    """New processes that need not import anything: each is forked from one that has."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.deliver.killing"])
    return context


def play(context: ForkServerContext, state: str, folder: Path, seed: int) -> int:
    """One schedule: four times one or two processes of the same command, then a calm one. How many of them were killed."""
    fate = random.Random(seed)
    codes: list[int | None] = []
    with Receivers(seed) as receivers:
        for _ in range(4):
            arguments = (state, receivers.url, str(folder), fate.choice([None, fate.randrange(1, 60), fate.randrange(1, 60)]))
            runs = [context.Process(target=live, args=arguments) for _ in range(fate.choice([1, 1, 2]))]
            for run in runs:
                run.start()
            for run in runs:
                run.join(60)
            codes += [run.exitcode for run in runs]
            assert seen_twice(receivers.seen) == []
        receivers.calm = True
        delivered = deliver(state, receivers.url, str(folder), None)
    assert set(codes) <= {0, -signal.SIGKILL}
    assert seen_twice(receivers.seen) == []
    check_never_lost(receivers, delivered, folder)
    return codes.count(-signal.SIGKILL)


def check_never_lost(receivers: Receivers, delivered: tuple[Delivery, ...], folder: Path) -> None:
    """Everybody has it, or somebody was told that Slack may not."""
    states = {delivery.channel: delivery.state for delivery in delivered}
    assert [states[name] for name in ("hook", "comments", "file")] == [DeliveryState.DELIVERED] * 3
    comments = {delivery.payload for delivery in delivered if delivery.channel == "comments"}
    assert comments == {body for _, body in receivers.seen["comments"]}
    assert len(list(folder.glob("*.json"))) == 1
    if states["slack"] is DeliveryState.DELIVERED:
        assert len(receivers.seen["slack"]) == 1
    else:
        assert (states["slack"], states["on-call"]) == (DeliveryState.UNKNOWN, DeliveryState.DELIVERED)
        assert "may or may not have reached slack" in receivers.seen["on-call"][-1][1]


def seen_twice(seen: dict[str, list[tuple[str, str]]]) -> list[str]:
    """What a receiver can tell: Slack cannot tell repetitions, the others can by key or marker."""
    messages = {"slack": 1, "hook": 1, "comments": 2, "on-call": 1}
    bad = [name for name, allowed in messages.items() if len({key for key, _ in seen[name]}) > allowed]
    repeated = [name for name in ("slack", "comments") if set(Counter(body for _, body in seen[name]).values()) - {1}]
    return bad + repeated


archive.dump(two_findings("forked processes need not prepare for this again"))
