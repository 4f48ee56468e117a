"""Versions of the shop run for real, and leave no process behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from deploywatch.errors import DeployWatchError
from deploywatch.sandbox.application import Application, export, python_environ
from deploywatch.sandbox.standin.server import StandIn
from deploywatch.sandbox.story import Story, build
from deploywatch.sandbox.traffic import VISITORS, Traffic

WITHIN = 20.0


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return build(tmp_path_factory.mktemp("story") / "repository")


def deployed(story: Story, version: str, folder: Path, environ: Mapping[str, str] | None = None) -> Application:
    return Application(export(story.repository, version, folder / version), environ=environ or {}, log=folder / f"{version}.log")


def telling(sentry: StandIn, release: str) -> dict[str, str]:
    return {"SENTRY_DSN": sentry.dsn("shop"), "SENTRY_RELEASE": release, "SENTRY_ENVIRONMENT": "production"}


def one_round(url: str) -> dict[str, dict[int, int]]:
    """Every visitor once."""
    steps = sum(4 + bool(visitor.coupon) for visitor in VISITORS)
    with Traffic(url, per_second=1000, at_most=steps) as traffic:
        traffic.wait(WITHIN)
    assert sum(sum(counts.values()) for counts in traffic.tally.values()) == steps
    return {endpoint: dict(counts) for endpoint, counts in traffic.tally.items()}


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_version_1_is_healthy_and_seen(story: Story, sentry: StandIn, tmp_path: Path) -> None:
    with deployed(story, "v1", tmp_path, telling(sentry, "shop@1.0.0")) as shop:
        tally = one_round(shop.url)
    assert {status for counts in tally.values() for status in counts} == {200, 201}
    assert sentry.state.issues == {}
    assert len(sentry.state.transactions) == sum(sum(counts.values()) for counts in tally.values())
    assert not any(request.failed for request in sentry.state.transactions)
    assert sum(sessions.exited for sessions in sentry.state.sessions) == len(sentry.state.transactions)


def test_version_2_fails_at_the_checkout_for_those_with_an_expired_coupon(story: Story, sentry: StandIn, tmp_path: Path) -> None:
    with deployed(story, "v2", tmp_path, telling(sentry, "shop@2.0.0")) as shop:
        tally = one_round(shop.url)
    unlucky = sum(visitor.coupon == "SPRING24" for visitor in VISITORS)
    assert tally.pop("POST /carts/{id}/checkout") == {201: len(VISITORS) - unlucky, 500: unlucky}
    assert {status for counts in tally.values() for status in counts} == {200, 201}
    (issue,) = sentry.state.issues.values()
    assert (issue.title, issue.culprit, issue.times_seen) == ("KeyError: 'SPRING24'", "/carts/{cart_id}/checkout", unlucky)
    assert (issue.first_release, issue.metadata["filename"]) == ("shop@2.0.0", "shop/pricing/discounts.py")
    assert sum(request.failed for request in sentry.state.transactions) == unlucky
    ours = [frame for frame in issue.events[-1].data["exception"]["values"][-1]["stacktrace"]["frames"] if frame["in_app"]]
    assert [frame["function"] for frame in ours] == ["place_order", "place", "quote", "best_discount", "coupon_discount"]
    assert "KeyError: 'SPRING24'" in shop.log.read_text()


def test_it_runs_without_sentry_too(story: Story, tmp_path: Path) -> None:
    with deployed(story, "v1", tmp_path) as shop:
        assert httpx.get(f"{shop.url}/health").text == "open\n"


def test_stopping_ends_the_process(story: Story, tmp_path: Path) -> None:
    shop = deployed(story, "v1", tmp_path).start()
    process = shop._process
    assert process is not None
    shop.stop()
    shop.stop()
    assert process.returncode == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(shop.url)


def test_a_killed_parent_takes_the_shop_along(story: Story, tmp_path: Path) -> None:
    folder = export(story.repository, "v1", tmp_path / "v1")
    program = (
        "import sys, time; from pathlib import Path; from deploywatch.sandbox.application import Application\n"
        "shop = Application(Path(sys.argv[1]), environ={}, log=Path(sys.argv[2])).start()\n"
        "print(shop._process.pid, flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", program, str(folder), str(tmp_path / "log")]
    with subprocess.Popen(command, env=python_environ(os.environ), stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + WITHIN
    while is_alive(pid) and time.monotonic() < deadline:
        # An orphan is reaped by whoever adopts it; until then it has no command line.
        if not Path(f"/proc/{pid}/cmdline").exists() or not Path(f"/proc/{pid}/cmdline").read_bytes():
            break
        time.sleep(0.02)
    else:
        assert not is_alive(pid)


def test_a_shop_that_does_not_start_shows_its_log(tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    with pytest.raises(DeployWatchError, match="No module named 'shop'") as raised:
        Application(tmp_path / "broken", environ={}, log=tmp_path / "log").start()
    assert str(tmp_path / "log") in raised.value.hint


def test_a_child_sees_nobodys_settings() -> None:
    environ = python_environ(
        {"SENTRY_DSN": "x", "DEPLOYWATCH_BASE": "x", "PYTHONHOME": "x", "GITHUB_TOKEN": "x", "LANG": "C"}, Path("/srv")
    )
    assert environ["LANG"] == "C"
    assert not {"SENTRY_DSN", "DEPLOYWATCH_BASE", "PYTHONHOME", "GITHUB_TOKEN"} & set(environ)
    assert environ["PYTHONPATH"].split(os.pathsep)[0] == "/srv"
