"""How fast ``deploywatch --help`` starts, against the least that any Python program needs: ``python -c pass``.

Run: ``python -m ci.bench.startup``. It exits with 1 when the ratio of CPU times is above the limit. CPU time, because a busy
machine triples wall time and leaves CPU time as it is; medians of runs that take turns, because machines warm up and cool down.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
LIMIT: Final = 7.0
"""Times ``python -c pass``. click alone is about 4; pydantic, rich or httpx at import would each add 6 or more."""

_START: Final = "from deploywatch.cli.main import main; main()"
PROGRAMS: Final = {
    "python -c pass": ("-c", "pass"),
    "import click": ("-c", "import click"),
    "deploywatch --help": ("-c", _START, "--help"),
    "deploywatch run --help": ("-c", _START, "run", "--help"),
    "deploywatch suspects --help": ("-c", _START, "suspects", "--help"),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one start, in seconds."""

    wall: float
    cpu: float


def start(arguments: tuple[str, ...]) -> Cost:
    """Run Python once and measure it."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=environ)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(time.perf_counter() - began, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


def main() -> int:
    """Measure, print the table, and compare with the limit."""
    parser = argparse.ArgumentParser(prog="python -m ci.bench.startup", description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    for arguments in PROGRAMS.values():
        start(arguments)
    costs: dict[str, list[Cost]] = {name: [] for name in PROGRAMS}
    for _ in range(runs):
        for name, arguments in PROGRAMS.items():
            costs[name].append(start(arguments))
    base = median(cost.cpu for cost in costs["python -c pass"])
    print(f"{'program':<28} {'CPU ms':>8} {'wall ms':>8} {'ratio':>6}   (medians of {runs})")
    for name, found in costs.items():
        cpu, wall = median(cost.cpu for cost in found), median(cost.wall for cost in found)
        print(f"{name:<28} {cpu * 1000:8.0f} {wall * 1000:8.0f} {cpu / base:6.1f}")
    ratio = median(cost.cpu for cost in costs["deploywatch --help"]) / base
    print(f"deploywatch --help: {ratio:.1f} times python -c pass; the limit is {LIMIT}")
    return 1 if ratio > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
