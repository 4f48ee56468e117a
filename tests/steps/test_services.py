"""A deploy that changes several services, watched side by side against one stand-in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from deploywatch.bootstrap import Setup, production
from deploywatch.model import Verdict
from deploywatch.owner_settings import Service
from deploywatch.requests import PlaceRequest, WatchRequest
from deploywatch.sandbox.standin.server import StandIn
from deploywatch.settings import Settings
from deploywatch.steps.services import watched_apart
from deploywatch.steps.watching import watch_release
from tests.steps.conftest import DEPLOYED, NEW, OLD, StageClock

REQUEST = WatchRequest(
    place=PlaceRequest(release=NEW, environment="production"), duration=timedelta(minutes=5), every=timedelta(seconds=30)
)


def service(name: str, *projects: str, **others: object) -> Service:
    return Service.model_validate({"name": name, "owners": [f"@{name}"], "projects": projects} | others)


@pytest.mark.parametrize(
    ("services", "projects", "parts"),
    [
        ((), (), (("", ()),)),
        ((), ("a", "b"), (("a, b", ("a", "b")),)),
        ((service("cart", "a"), service("pay", "b")), ("b", "a"), (("cart", ("a",)), ("pay", ("b",)))),
        ((service("cart", "a", "c"),), ("a", "b", "c", "d"), (("cart", ("a", "c")), ("b, d", ("b", "d")))),
        ((service("cart", "a"), service("pay", "a")), ("a",), (("cart", ("a",)),)),
        ((service("cart", "x"),), ("a",), (("a", ("a",)),)),
        ((service("cart", paths=["/cart/"]),), ("a",), (("a", ("a",)),)),
    ],
)
def test_projects_of_services_are_watched_apart(services, projects, parts):
    assert watched_apart(services, projects) == parts


@pytest.fixture
def two() -> Iterator[tuple[StandIn, StageClock]]:
    clock = StageClock()
    with StandIn(organization="acme", projects=("cart", "pay"), now=clock.now) as server:
        yield server, clock


def setup_of(two: tuple[StandIn, StageClock], tmp_path) -> Setup:
    server, clock = two
    services = [{"name": name, "owners": [f"@{name}"], "projects": [name]} for name in ("cart", "pay")]
    settings = Settings.model_validate({"services": services})
    environ = {**server.environ("cart"), "SENTRY_PROJECT": "cart,pay", "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    return replace(production(settings, environ=environ), folder=tmp_path, now=clock.now, sleep=clock.sleep)


def happens(two: tuple[StandIn, StageClock], project: str, what: str, release: str, seconds: float) -> None:
    server, clock = two
    at = DEPLOYED + timedelta(seconds=seconds)
    raised = {"values": [{"type": "KeyError", "value": what, "mechanism": {"handled": False}}]}
    event = {
        "release": release,
        "environment": "production",
        "timestamp": at.isoformat(),
        "fingerprint": [what],
        "exception": raised,
    }
    clock.plans.append((at, lambda: server.receive(event, project=project))) if seconds > 0 else server.receive(
        event, project=project
    )


def watch(setup: Setup, ticks: list):
    return watch_release(setup, setup.connect(), REQUEST, ticks.append, lambda: False)


def test_each_is_watched_and_the_one_that_broke_is_named(two, tmp_path):
    for minute in range(60):
        happens(two, "cart", "known", OLD, -60 * minute - 30)
        happens(two, "pay", "known", OLD, -60 * minute - 30)
    for second in range(10, 30, 3):
        happens(two, "pay", "broken", NEW, second)
    happens(two, "cart", "known", NEW, 15)
    ticks: list = []
    result = watch(setup_of(two, tmp_path), ticks)
    assert result.verdict is Verdict.REGRESSION
    assert [(one.issue.project, one.why.partition(":")[0]) for one in result.regressions] == [("pay", "pay")]
    assert {tick.plan.projects for tick in ticks} == {("cart",), ("pay",)}
    assert {tick.plan.alpha for tick in ticks} == {0.005}


def test_a_service_of_which_nothing_is_seen_keeps_the_deploy_from_being_called_healthy(two, tmp_path):
    for minute in range(240):
        happens(two, "cart", "known", OLD, -60 * minute - 30)
    result = watch(setup_of(two, tmp_path), [])
    assert result.verdict is Verdict.INCONCLUSIVE
    assert "pay: no event at all is visible" in result.why


class Killed(BaseException):
    """As a process that is killed."""


def test_all_of_them_go_on_after_a_kill(two, tmp_path):
    setup = setup_of(two, tmp_path)
    looks: list = []

    def until_the_fifth(tick):
        looks.append(tick)
        if len(looks) == 5:
            raise Killed

    happens(two, "pay", "known", OLD, -300)
    happens(two, "cart", "known", OLD, -300)
    with pytest.raises(Killed):
        watch_release(setup, setup.connect(), REQUEST, until_the_fifth, lambda: False)
    later: list = []
    result = watch(setup, later)
    assert result.started_at == DEPLOYED
    assert {tick.started_at for tick in later} == {DEPLOYED}
    assert min(tick.polls for tick in later) > 2
