"""Running the stand-in: a real server on a random port of loopback, in a thread of this process.

with StandIn(organization="acme", projects=("shop",)) as sentry:
    os.environ["SENTRY_URL"], os.environ["SENTRY_AUTH_TOKEN"] = sentry.url, sentry.token
    sentry_sdk.init(sentry.dsn("shop"))
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import uvicorn

from deploywatch.sandbox.standin import auth, ingest, organization
from deploywatch.sandbox.standin.answers import not_found
from deploywatch.sandbox.standin.app import Door, Seen, World, below
from deploywatch.sandbox.standin.dialects import DIALECTS
from deploywatch.sandbox.standin.dialects.base import Dialect
from deploywatch.sandbox.standin.faults import Faults
from deploywatch.sandbox.standin.limits import Limits
from deploywatch.sandbox.standin.records import Project
from deploywatch.sandbox.standin.state import State

STOP_WITHIN = 5.0
TOKEN = "sntryu_" + "5" * 64


@dataclass(frozen=True, slots=True)
class Site:
    """Where it lives: below a path (``/sentry``), and with TLS where there are a certificate and its key (PEM files)."""

    path: str = ""
    certificate: Path | None = None
    key: Path | None = None


class _Quiet(uvicorn.Server):
    """Signals belong to the program around it."""

    def install_signal_handlers(self) -> None:
        return

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _utc_now() -> datetime:
    return datetime.now(UTC)


class StandIn:
    """A server, started by ``with`` (or ``start`` and ``stop``). Everything it was told is gone when it stops.

    ``dialect`` is the kind of server that it is, one of ``dialects.DIALECTS``. ``now`` answers an aware UTC time and may be a
    test's clock. ``faults`` makes things go wrong; ``seen`` is what was asked so far.
    """

    def __init__(
        self,
        *,
        organization: str = "acme",
        projects: tuple[str, ...] = ("shop",),
        now: Callable[[], datetime] = _utc_now,
        site: Site = Site(),
        dialect: str = "current",
    ) -> None:
        self._site = site
        self._dialect = DIALECTS[dialect]
        self.organization = organization
        self._projects = projects
        self._now = now
        self._door = Door(self._world())
        self._socket: socket.socket | None = None
        self._server: _Quiet | None = None
        self._thread: threading.Thread | None = None

    def reset(self) -> None:
        """Forget everything that happened, faults and tokens too; keep running at the same address."""
        with self._door.lock:
            self._door.world = self._world()

    @property
    def dialect(self) -> Dialect:
        """The kind of server that it is."""
        return self._dialect

    @property
    def state(self) -> State:
        """What the server remembers; look at it while nothing is being asked."""
        return self._door.world.state

    @property
    def limits(self) -> Limits:
        """How many requests it takes."""
        return self._door.world.limits

    @property
    def token(self) -> str:
        """A user's token with every scope."""
        return TOKEN

    @property
    def faults(self) -> Faults:
        """What is to go wrong."""
        return self._door.world.faults

    @property
    def seen(self) -> tuple[Seen, ...]:
        """The requests so far, oldest first."""
        with self._door.lock:
            return tuple(self._door.world.seen)

    @property
    def url(self) -> str:
        """Scheme, host, port and path, no trailing slash. Raises ``RuntimeError`` before ``start``."""
        if self._socket is None:
            raise RuntimeError("the stand-in is not running")
        scheme = "https" if self._site.certificate else "http"
        return f"{scheme}://127.0.0.1:{self.port}{self._site.path}"

    @property
    def port(self) -> int:
        """The port of loopback; 0 while it does not run."""
        return int(self._socket.getsockname()[1]) if self._socket else 0

    def dsn(self, project: str) -> str:
        """Where an SDK sends the project's events."""
        return organization.dsn(self._project(project), self.url)

    def environ(self, project: str) -> dict[str, str]:
        """The variables that point sentry-cli and deploywatch here."""
        return {
            "SENTRY_URL": self.url,
            "SENTRY_AUTH_TOKEN": self.token,
            "SENTRY_ORG": self.organization,
            "SENTRY_PROJECT": project,
            "SENTRY_DSN": self.dsn(project),
        }

    def add_token(self, *scopes: str) -> str:
        """Another user token, with these scopes only."""
        number = self.state.next_id("token")
        return self._door.world.tokens.add(auth.Token(f"sntryu_{number:064x}", frozenset(scopes), self.state.users[0])).text

    def add_organization_token(self) -> str:
        """A token as CI systems use it: releases and deploys, nothing about issues."""
        text = auth.organization_token(self.url, self.organization)
        return self._door.world.tokens.add(auth.Token(text, frozenset({"org:ci"}), None)).text

    def receive(self, event: Mapping[str, Any], *, project: str) -> str:
        """Take one event, shaped as an SDK sends it, without the network. Returns its id."""
        with self._door.lock:
            return ingest.take_event(self.state, self._project(project), event)

    def start(self) -> Self:
        """Listen; returns when requests are answered."""
        # asyncio turns Nagle's algorithm off only where the protocol is named, and it costs 40 ms per answer.
        self._socket = socket.socket(proto=socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            below(self._site.path, self._door.app()),
            log_level="critical",
            lifespan="off",
            timeout_graceful_shutdown=1,
            ssl_certfile=self._site.certificate,
            ssl_keyfile=self._site.key,
        )
        self._server = _Quiet(config)
        # A listening socket queues connections, so clients need not wait for the thread.
        self._socket.listen(128)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True, name="sentry stand-in")
        self._thread.start()
        return self

    def stop(self) -> None:
        """Answer what was asked, then close. Stopping twice is no harm."""
        if self._server and self._thread and self._socket:
            self._server.should_exit = True
            self._thread.join(STOP_WITHIN)
            self._socket.close()
            self._socket = self._server = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _world(self) -> World:
        state = State(self.organization, now=self._now)
        for slug in self._projects:
            state.add_project(slug)
        owner = state.add_user("Robin Release", "robin@shop.example")
        tokens = auth.Tokens()
        tokens.add(auth.Token(TOKEN, frozenset(auth.ALL_SCOPES), owner))
        return World(state, tokens, Limits(now=self._now), dialect=self._dialect)

    def _project(self, name: str) -> Project:
        found = self.state.find_project(name)
        if found is None:
            raise not_found(f"no project {name!r} in the stand-in")
        return found
