"""Trouble on demand: what goes wrong between a client and a server, for tests and for those who want to see it.

faults.add(Fault("GET", "*/issues/", status=502, times=2))
faults.add(Fault("*", "*/releases/*", html=True))                # a proxy's page instead of JSON
faults.add(Fault("PUT", "*/releases/*", status=409, json={"detail": "Release commits are currently being processed"}))
faults.add(Fault("GET", "*/events/latest/", cut=True))           # half of the real answer, then the connection closes
faults.add(Fault("GET", "*/issues/", delay=1.5, times=None))     # the real answers, all late
faults.add(Fault("GET", "*/issues/", change=lambda issues: issues * 2))  # each issue comes twice
"""

from __future__ import annotations

import json as jsonlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

PAGE = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"


@dataclass(slots=True)
class Fault:
    """One kind of trouble.

    ``method`` may be ``*``; ``path`` is a shell pattern on the decoded path, in which ``*`` crosses slashes. ``times`` counts
    down, ``None`` is for ever. With ``status``, ``json``, ``text`` or ``html`` that is the answer; without, the real answer is
    given, only late (``delay``, seconds), cut in half (``cut``: the connection closes before the announced length) or otherwise:
    ``change`` makes another JSON value of it.
    """

    method: str
    path: str
    times: int | None = 1
    status: int | None = None
    json: object = None
    text: str | None = None
    html: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: bool = False
    change: Callable[[Any], object] | None = None

    def fits(self, method: str, path: str) -> bool:
        """Whether this fault is to happen to the request."""
        return self.times != 0 and self.method in ("*", method) and fnmatchcase(path, self.path)

    def replaces(self) -> bool:
        """Whether the real answer is not given at all."""
        return self.status is not None or self.html or self.text is not None or self.json is not None

    def changed(self, body: bytes) -> bytes:
        """The real answer's body as this fault tells it."""
        return jsonlib.dumps(self.change(jsonlib.loads(body))).encode() if self.change and body else body

    def body(self) -> tuple[bytes, str]:
        """The body of the wrong answer and its content type."""
        if self.html:
            return PAGE.encode(), "text/html"
        if self.text is not None:
            return self.text.encode(), "text/plain"
        return (b"" if self.json is None else jsonlib.dumps(self.json).encode()), "application/json"


class Faults:
    """The faults that wait; the first that fits a request happens to it."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> Fault:
        """Let the requests that fit fail from now on."""
        self._waiting.append(fault)
        return fault

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that is to happen now, counted down."""
        for fault in self._waiting:
            if fault.fits(method, path):
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None

    def clear(self) -> None:
        """All well again."""
        self._waiting.clear()
