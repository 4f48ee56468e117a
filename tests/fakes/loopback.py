"""A server on loopback that says exactly the bytes it is told to: half answers, late answers, none at all."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

Answer = bytes | Callable[[socket.socket], None]


def http(status: str = "200 OK", body: bytes = b"{}", **headers: str) -> bytes:
    """The bytes of an ordinary answer."""
    lines = {"content-type": "application/json", "content-length": str(len(body)), "connection": "close"}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


def hang_up(connection: socket.socket) -> None:
    """Close without a word, the rude way (RST)."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def silence(seconds: float) -> Callable[[socket.socket], None]:
    """Say nothing for so long, or until the other side gives up."""

    def wait(connection: socket.socket) -> None:
        connection.settimeout(seconds)
        try:
            connection.recv(1)
        except TimeoutError:
            return

    return wait


def drip(chunk: bytes, times: int, pause: float) -> Callable[[socket.socket], None]:
    """An endless-looking body, a little at a time: never slow enough for a read timeout."""

    def send(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
        for _ in range(times):
            connection.sendall(chunk)
            time.sleep(pause)

    return send


class Loopback:
    """Answers the n-th connection with the n-th answer (the last one for ever). ``requests`` are the raw heads and bodies so far."""

    def __init__(self, answers: Iterable[Answer]) -> None:
        self._answers = list(answers)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.requests: list[bytes] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        try:
            self.requests.append(_request(connection))
            answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
            connection.sendall(answer) if isinstance(answer, bytes) else answer(connection)
        except OSError:
            return


def _request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received and not received.startswith(b"\x16"):  # 0x16: a TLS hello is not HTTP
        received += connection.recv(65536) or b"\r\n\r\n"
    head, _, body = received.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
