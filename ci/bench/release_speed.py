"""How long ``deploywatch release`` takes beside ``sentry-cli releases set-commits --local`` on the same repository.

Run: ``python -m ci.bench.release_speed``. It makes one big repository (``git fast-import``: 20,000 files, 5,000 commits of four
files each) and lets both programs send its last 20, 500 and 5,000 commits to the sandbox's stand-in for Sentry, in turns; medians
of wall time. ``git log --raw`` is the least that anybody who reads the commits must spend. deploywatch does more in its time: it
creates the release, marks it as released and asks which repositories and issues Sentry knows. It exits with 1 when deploywatch is
slower than sentry-cli at 500 or 5,000 commits.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from deploywatch.sandbox.standin.server import StandIn

ROOT: Final = Path(__file__).resolve().parent.parent.parent
BIN: Final = Path(sys.executable).parent
SIZES: Final = (20, 500, 5_000)
NOT_SLOWER_AT: Final = (500, 5_000)
FILES: Final = 20_000
_COMMITS: Final = 5_200
_CHANGED: Final = 4
_ANA: Final = "Ana <ana@acme.test>"


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one run, in seconds."""

    wall: float
    cpu: float


def main() -> int:
    """Measure, print the table, compare."""
    parser = argparse.ArgumentParser(prog="python -m ci.bench.release_speed", description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    print(f"medians of {runs} runs, seconds of wall time (CPU time)")
    print(f"{'commits':>8} {'git log --raw':>16} {'sentry-cli':>16} {'deploywatch':>16} {'ratio':>6}")
    slower = []
    with tempfile.TemporaryDirectory() as place, StandIn() as sentry:
        repo = Path(place) / "shop"
        make(repo)
        for size in SIZES:
            costs = _compare(sentry, repo, size, runs)
            ratio = costs["deploywatch"].wall / costs["sentry-cli"].wall
            cells = " ".join(f"{f'{cost.wall:.2f} ({cost.cpu:.2f})':>16}" for cost in costs.values())
            print(f"{size:>8} {cells} {ratio:6.2f}")
            if ratio > 1 and size in NOT_SLOWER_AT:
                slower.append(size)
    print(
        f"slower than sentry-cli at: {', '.join(map(str, slower))}" if slower else "not slower than sentry-cli at 500 and 5,000"
    )
    return 1 if slower else 0


def make(folder: Path) -> None:
    """The repository, packed as a clone would be."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    stream = "".join(_stream()).encode()
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input=stream, check=True)
    subprocess.run(["git", "remote", "add", "origin", "git@github.com:acme/shop.git"], cwd=folder, check=True)
    subprocess.run(["git", "repack", "-adq"], cwd=folder, check=True)


def _stream() -> Iterator[str]:
    paths = [f"services/s{number % 40}/package{number % 400}/module_{number}.py" for number in range(FILES)]
    yield "blob\nmark :1\ndata 6\nhello\n\n"
    yield f"commit refs/heads/main\ncommitter {_ANA} 1750000000 +0000\ndata 5\nstart\n"
    yield from (f"M 100644 :1 {path}\n" for path in paths)
    for number in range(_COMMITS):
        message = f"Change {number}: what was done and why\n\nA body of some length, as people write them.\n"
        yield f"\ncommit refs/heads/main\ncommitter {_ANA} {1750000060 + 60 * number} +0000\ndata {len(message)}\n{message}\n"
        for change in range(_CHANGED):
            text = f"hello {number}\n"
            yield f"M 100644 inline {paths[(number * 7919 + change * 104_729) % FILES]}\ndata {len(text)}\n{text}\n"


def _compare(sentry: StandIn, repo: Path, size: int, runs: int) -> dict[str, Cost]:
    span = f"HEAD~{size}"
    release = ("--release", "ours@1", "--base", span, "--project", "shop")
    programs = {
        "git log --raw": ("git", "log", "--raw", "-z", "--format=%H", f"{span}..HEAD"),
        "sentry-cli": (str(BIN / "sentry-cli"), "releases", "set-commits", "theirs@1", "--local", "--initial-depth", str(size)),
        "deploywatch": (str(BIN / "deploywatch"), "release", *release),
    }
    costs: dict[str, list[Cost]] = {name: [] for name in programs}
    for _ in range(runs + 1):
        for name, command in programs.items():
            sentry.reset()
            costs[name].append(_run(command, repo, sentry))
            sent = [len(one.commits) for one in sentry.state.releases.values()]
            assert sent in ([], [size]), f"{name} sent {sent} commits of {size}"
    # The first run of each warms the disk's cache.
    return {
        name: Cost(median(cost.wall for cost in found[1:]), median(cost.cpu for cost in found[1:]))
        for name, found in costs.items()
    }


def _run(command: Sequence[str], repo: Path, sentry: StandIn) -> Cost:
    environ = {**os.environ, **sentry.environ("shop"), "XDG_STATE_HOME": str(repo.parent / "state")}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=repo, env=environ, check=True, capture_output=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


if __name__ == "__main__":
    sys.exit(main())
