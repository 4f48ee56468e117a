"""A small forward proxy on loopback: CONNECT for TLS, whole addresses for plain HTTP. It leads every host to one server."""

from __future__ import annotations

import base64
import contextlib
import re
import socket
import threading
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class Proxy:
    """Passes everything on to ``port`` of loopback, whatever host is named. ``hosts`` are those that were asked for, in order.

    ``login`` is ``user:password`` where it wants one.
    """

    def __init__(self, port: int, *, login: str | None = None) -> None:
        self._target = port
        self._login = f"Basic {base64.b64encode(login.encode()).decode()}" if login else None
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.hosts: list[str] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(client,), daemon=True).start()

    def _one(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                part = client.recv(65536)
                if not part:
                    return
                head += part
            method, address, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
            self.hosts.append(address if method == "CONNECT" else urlsplit(address).netloc)
            if self._login and f"proxy-authorization: {self._login}".lower().encode() not in head.lower():
                client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", self._target)) as server:
                if method == "CONNECT":
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                else:
                    parts = urlsplit(address)
                    own = f"{parts.path}?{parts.query}" if parts.query else parts.path
                    # One request for each connection, so that no later one needs its address rewritten, too.
                    once = re.sub(rb"(?i)\r\nconnection: [^\r]*", b"\r\nConnection: close", head)
                    server.sendall(once.replace(address.encode(), own.encode(), 1))
                back = threading.Thread(target=_pump, args=(server, client), daemon=True)
                back.start()
                _pump(client, server)
                back.join(5)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
