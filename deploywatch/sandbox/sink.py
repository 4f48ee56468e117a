"""A stand-in for Slack and for any webhook: takes what is posted to it and remembers it."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

LONGEST = 2_000_000


@dataclass(frozen=True, slots=True)
class Message:
    """One POST: its path, its body as JSON (``None`` where it was none), and the key by which a repetition is known, if any."""

    path: str
    body: Any
    key: str | None = None


class Sink:
    """A server on a random port of loopback; every POST is answered ``ok``, as Slack does."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True, name="message sink")

    def url(self, path: str) -> str:
        """The address of a path that begins with ``/``."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{path}"

    def received(self, path: str) -> list[Message]:
        """What was posted to this path, oldest first."""
        return [message for message in self.messages if message.path == path]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        messages = self.messages

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = min(int(self.headers.get("Content-Length") or 0), LONGEST)
                messages.append(Message(self.path, _read(self.rfile.read(length)), self.headers.get("webhook-id")))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the parent's name
                """Say nothing: the demo shows what came."""

        return Handler


def _read(text: bytes) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
