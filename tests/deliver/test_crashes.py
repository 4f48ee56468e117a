"""A kill at any point neither loses nor repeats a message, as far as each channel can promise it."""

from __future__ import annotations

import multiprocessing
import random
import signal
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from deploywatch.model import DeliveryState
from tests.deliver.crashing import forget, play
from tests.deliver.killing import Receivers, deliver, main, seen_twice

SCHEDULES = 10


@pytest.mark.parametrize("first", range(0, 4 * SCHEDULES, SCHEDULES))
def test_no_schedule_of_kills_loses_or_repeats_a_message(tmp_path: Path, first: int):
    for seed in range(first, first + SCHEDULES):
        play(f"sqlite:///{tmp_path}/{seed}.db", seed)


@pytest.mark.postgres
def test_no_schedule_of_kills_loses_or_repeats_a_message_on_postgres(postgres_url: str):
    for seed in range(1000, 1000 + SCHEDULES):
        play(postgres_url, seed)
        forget(postgres_url)


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """New processes that need not import anything: each is forked from one that has."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.deliver.killing"])
    return context


@pytest.mark.parametrize("seed", range(4))
def test_really_killed_processes_neither_lose_nor_repeat(processes: ForkServerContext, state_url: str, tmp_path: Path, seed: int):
    fate = random.Random(seed)
    codes: list[int | None] = []
    with Receivers(seed) as receivers:
        for _ in range(4):
            arguments = (
                state_url,
                receivers.url,
                str(tmp_path),
                fate.choice([None, fate.randrange(1, 60), fate.randrange(1, 60)]),
            )
            runs = [processes.Process(target=main, args=arguments) for _ in range(fate.choice([1, 1, 2]))]
            for run in runs:
                run.start()
            for run in runs:
                run.join(60)
            codes += [run.exitcode for run in runs]
            assert seen_twice(receivers.seen) == []
        receivers.calm = True
        delivered = deliver(state_url, receivers.url, str(tmp_path), None)
    assert set(codes) <= {0, -signal.SIGKILL}
    assert seen_twice(receivers.seen) == []
    states = {delivery.channel: delivery.state for delivery in delivered}
    assert [states[name] for name in ("hook", "comments", "file")] == [DeliveryState.DELIVERED] * 3
    assert {delivery.payload for delivery in delivered if delivery.channel == "comments"} == {
        body for _, body in receivers.seen["comments"]
    }
    assert len(list(tmp_path.glob("*.json"))) == 1
    if states["slack"] is DeliveryState.DELIVERED:
        assert len(receivers.seen["slack"]) == 1
    else:
        assert (states["slack"], states["on-call"]) == (DeliveryState.UNKNOWN, DeliveryState.DELIVERED)
        assert "may or may not have reached slack" in receivers.seen["on-call"][-1][1]
