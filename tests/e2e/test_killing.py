"""A run that is killed at random moments and started again ends as if nothing had happened; a cancelled one tells what it saw."""

from __future__ import annotations

import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploywatch.sandbox.sink import Sink
from deploywatch.sandbox.standin.server import StandIn
from tests.e2e import killing
from tests.steps.conftest import Stage, make_stage


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as receiving:
        yield receiving


@pytest.mark.parametrize("story", killing.STORIES)
def test_killed_at_random_moments_it_ends_as_if_it_had_not_been(stage: Stage, tmp_path: Path, story: str) -> None:
    def staged(name: str, kills: tuple[int, ...]) -> tuple[killing.Ending, int]:
        folder = tmp_path / name
        with Sink() as sink:
            return killing.lives(
                make_stage(stage.sentry, stage.clock, folder), sink, killing.repository(folder / "repo"), story, kills
            )

    undisturbed, steps = staged("undisturbed", ())
    assert undisturbed.deploys == 1
    assert (undisturbed.hooks, undisturbed.chats, undisturbed.comments) == ((1, 1, 1) if story == "broken" else (0, 0, 0))
    source = random.Random(7)
    for number in range(3):
        killing.check(staged(str(number), killing.schedule(source, steps))[0], undisturbed)


def test_a_process_that_is_killed_for_good_is_gone_on_with(tmp_path: Path) -> None:
    killing.process_killed(tmp_path, 2.0)


def test_a_cancelled_pipeline_gets_a_partial_report_and_exit_code_4(tmp_path: Path, sink: Sink) -> None:
    repo = killing.repository(tmp_path / "repo")
    with StandIn(organization="acme", projects=("shop",)) as server:
        process = killing.Process(repo, killing.environ_of(server, sink, repo, tmp_path), seconds=300)
        process.until_it_watches()
        code, report = process.end(signal.SIGTERM)
    assert (code, report["verdict"]) == (4, "inconclusive")
    assert "before its end" in report["why"]
    assert sink.received("/hook") == []
