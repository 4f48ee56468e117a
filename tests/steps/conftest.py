"""A stand-in for Sentry whose time is the test's, fed by the real SDK, and the production set-up of the use cases in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sentry_sdk
from sentry_sdk.utils import event_from_exception

from deploywatch.bootstrap import Setup, production
from deploywatch.sandbox.standin.server import StandIn
from deploywatch.sentry.client import Client
from deploywatch.settings import Settings

DEPLOYED = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
OLD, NEW = "shop@1.0.0", "shop@2.0.0"
PRICES = {"tea": 3}


def price(item: str) -> int:
    return PRICES[item]


class StageClock:
    """Time that passes while somebody sleeps, and what happens meanwhile."""

    def __init__(self) -> None:
        self.time = DEPLOYED
        self.plans: list[tuple[datetime, Callable[[], object]]] = []

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        until = self.time + timedelta(seconds=seconds)
        for plan in sorted((one for one in self.plans if one[0] <= until), key=lambda one: one[0]):
            self.plans.remove(plan)
            self.time = max(self.time, plan[0])
            plan[1]()
        self.time = until

    def after(self, seconds: float, action: Callable[[], object]) -> None:
        self.plans.append((DEPLOYED + timedelta(seconds=seconds), action))


@dataclass
class Stage:
    """A Sentry, its clock, a set-up, and ways to make things happen."""

    sentry: StandIn
    clock: StageClock
    setup: Setup
    said: list[str]
    ticks: list[Any] = field(default_factory=list)

    @property
    def client(self) -> Client:
        return self.setup.connect()

    def settings(self, **sections: Any) -> Setup:
        return replace(self.setup, settings=Settings.model_validate(sections))

    def setup_with(self, **environ: str) -> Setup:
        return replace(self.setup, environ={**self.setup.environ, **environ})

    def fails(
        self,
        item: str,
        release: str = NEW,
        *,
        times: int = 1,
        seconds: float | None = None,
        environment: str = "production",
        endpoint: str | None = None,
    ) -> None:
        """So many users ask for an item that has no price; the SDK of the release sends what is raised (now, unless ``seconds``)."""
        at = self.clock.now() if seconds is None else DEPLOYED + timedelta(seconds=seconds)
        sdk = sentry_sdk.Client(dsn=self.sentry.dsn("shop"), release=release, environment=environment, default_integrations=False)
        for number in range(times):
            event, hint = _event(item, sdk.options, at + timedelta(milliseconds=number), user=f"{item}-{number}")
            event |= {"transaction": endpoint} if endpoint else {}
            if self.sentry.dialect.envelopes:
                sdk.capture_event(event, hint)
            else:
                self.sentry.receive({**event, "release": release, "environment": environment}, project="shop")
        sdk.close(timeout=5)

    def serves(self, endpoint: str, release: str = NEW, *, requests: int, failed: int, environment: str = "production") -> None:
        """So many requests to an endpoint until now, as the SDK of the release traces them."""
        sdk = sentry_sdk.Client(dsn=self.sentry.dsn("shop"), release=release, environment=environment, default_integrations=False)
        at = self.clock.now().isoformat()
        for number in range(requests):
            status = "internal_error" if number < failed else "ok"
            trace = {"trace_id": f"{number:032x}", "span_id": f"{number:016x}", "op": "http.server", "status": status}
            request = {"type": "transaction", "transaction": endpoint, "contexts": {"trace": trace}, "spans": []}
            sdk.capture_event({**request, "start_timestamp": at, "timestamp": at})
        sdk.close(timeout=5)


def _event(item: str, options: Any, at: datetime, *, user: str) -> tuple[Any, Any]:
    try:
        price(item)
    except KeyError as raised:
        event, hint = event_from_exception(raised, options, {"type": "test", "handled": False})
        event |= {"timestamp": at.isoformat(), "user": {"id": user}, "fingerprint": [item]}
        return event, hint
    raise AssertionError(f"{item} has a price")


@pytest.fixture(scope="session")
def _server() -> Iterator[tuple[StandIn, StageClock]]:
    clock = StageClock()
    with StandIn(organization="acme", projects=("shop",), now=clock.now) as server:
        yield server, clock


@pytest.fixture
def stage(_server: tuple[StandIn, StageClock], tmp_path: Path) -> Stage:
    """Nothing has happened yet; it is the moment of the deploy."""
    return make_stage(*_server, tmp_path)


def make_stage(sentry: StandIn, clock: StageClock, tmp_path: Path) -> Stage:
    """A fresh stage on a running server whose time is the clock's."""
    sentry.reset()
    clock.__init__()
    said: list[str] = []
    environ = {**sentry.environ("shop"), "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state")}
    setup = replace(production(Settings(), environ=environ, say=said.append), folder=tmp_path, now=clock.now, sleep=clock.sleep)
    return Stage(sentry, clock, setup, said)


def busy_before(stage: Stage, minutes: int = 60) -> None:
    """So many minutes before the deploy in which the old release failed about once in a minute, as ever."""
    for minute in range(1, minutes + 1):
        stage.sentry.receive(
            {
                "event_id": f"{minute:032x}",
                "release": OLD,
                "environment": "production",
                "timestamp": (DEPLOYED - timedelta(minutes=minute + 0.5)).isoformat(),
                "user": {"id": f"u{minute}"},
                "fingerprint": ["fork"],
                "exception": {"values": [{"type": "KeyError", "value": "'fork'", "mechanism": {"handled": False}}]},
            },
            project="shop",
        )
