"""A kill at any point neither loses nor repeats a message, as far as each channel can promise it."""

from __future__ import annotations

from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from tests.deliver import crashing, killing

SCHEDULES = 10


@pytest.mark.parametrize("first", range(0, 4 * SCHEDULES, SCHEDULES))
def test_no_schedule_of_kills_loses_or_repeats_a_message(tmp_path: Path, first: int):
    for seed in range(first, first + SCHEDULES):
        crashing.play(f"sqlite:///{tmp_path}/{seed}.db", seed)


def test_a_kill_at_any_step_neither_loses_nor_repeats_a_message(tmp_path: Path):
    """Every seventh step; ``python -m tests.deliver`` tries each, which takes as long as many other tests together."""
    assert crashing.every_step(lambda kill_at: f"sqlite:///{tmp_path}/{kill_at}.db", first=3, stride=7) > 80


@pytest.mark.postgres
def test_no_schedule_of_kills_loses_or_repeats_a_message_on_postgres(postgres_url: str):
    for seed in range(1000, 1000 + SCHEDULES):
        crashing.play(postgres_url, seed)
        crashing.forget(postgres_url)


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    return killing.processes()


@pytest.mark.parametrize("seed", range(4))
def test_really_killed_processes_neither_lose_nor_repeat(processes: ForkServerContext, state_url: str, tmp_path: Path, seed: int):
    killing.play(processes, state_url, tmp_path, seed)
