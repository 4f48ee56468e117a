"""The proof that no message is lost or seen twice, as long as one likes: ``python -m tests.deliver 1000 [postgresql://...]``.

First a kill at each step, then so many random schedules in one process, then as many of processes that are really killed. Each has
a state of its own; on PostgreSQL all have one, whose deliveries are forgotten in between.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.deliver import crashing, killing


def main() -> None:
    """Run it; an assertion fails where it does not hold."""
    schedules, url = int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None
    with tempfile.TemporaryDirectory() as folder:
        steps = crashing.every_step(lambda kill_at: f"sqlite:///{folder}/{kill_at}.db")
    say(f"killed at each of {steps} steps")
    runs = repeated(schedules, url, lambda state, _folder, seed: crashing.play(state, seed))
    say(f"{schedules} schedules, {runs} runs that could be killed")
    processes = killing.processes()
    killed = repeated(schedules, url, lambda state, folder, seed: killing.play(processes, state, folder, seed))
    say(f"{schedules} schedules, {killed} processes killed")


def repeated(schedules: int, url: str | None, play: Callable[[str, Path, int], int]) -> int:
    """The sum of what ``play`` counts, over so many seeds."""
    total = 0
    for seed in range(schedules):
        with tempfile.TemporaryDirectory() as folder:
            total += play(url or f"sqlite:///{folder}/state.db", Path(folder), seed)
            if url:
                crashing.forget(url)
    return total


def say(what: str) -> None:
    """At once: it takes long."""
    sys.stdout.write(f"{what}: nothing lost, nothing seen twice\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
