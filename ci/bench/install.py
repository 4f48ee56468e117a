"""What deploywatch costs to have and to start, beside sentry-cli and what Sentry's own GitHub Action needs, as Markdown.

    python -m ci.bench.install [--runs 20] [--pex dist/deploywatch.pex]

Sizes are bytes on disk after installation: for deploywatch its own files and those of every locked dependency, for sentry-cli
those of its wheel, for @sentry/cli those of it and its binary for Linux (skipped where there is no registry). The action
getsentry/action-release runs a Docker image on Linux, which cannot be measured here, and elsewhere sets up Node and installs
@sentry/cli: the least of that is a start of node. Starts are medians of runs that take turns.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from statistics import median
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
_LOCKED: Final = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==", re.MULTILINE)
_NPM: Final = ("@sentry/cli", "@sentry/cli-linux-x64")


def installed(package: str) -> int:
    """The bytes of an installed package; 0 where it is not here (the lock names some for other systems)."""
    try:
        listed = files(package) or []
    except PackageNotFoundError:
        return 0
    places = (Path(str(each.locate())) for each in listed if "__pycache__" not in each.parts)
    return sum(place.stat().st_size for place in places if place.is_file())


def ours() -> int:
    """deploywatch from the checkout, without the sandbox's caches."""
    folders = (ROOT / "deploywatch", ROOT / "templates")
    every = (file for folder in folders for file in folder.rglob("*") if file.is_file() and "__pycache__" not in file.parts)
    return sum(file.stat().st_size for file in every)


def of_npm() -> int | None:
    """The unpacked size of what the action installs by npm."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    total = 0
    for package in _NPM:
        command = [npm, "pack", package, "--dry-run", "--json", "--silent"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        if done.returncode or not done.stdout.strip():
            return None
        told = json.loads(done.stdout)
        (packed,) = told if isinstance(told, list) else told.values()
        total += int(packed["unpackedSize"])
    return total


def sizes(pex: Path) -> Iterator[tuple[str, int, int | None]]:
    """What there is to have, how many packages it is, and its bytes; ``None`` where that cannot be told here."""
    locked = _LOCKED.findall((ROOT / "requirements/runtime.txt").read_text("utf-8"))
    parts = {name: size for name in locked if (size := installed(name))}
    yield "deploywatch and its dependencies", len(parts) + 1, ours() + sum(parts.values())
    yield "deploywatch.pex, one file (make package)", 1, pex.stat().st_size if pex.is_file() else None
    yield "sentry-cli from PyPI", 1, installed("sentry-cli") or None
    yield "@sentry/cli from npm, without Node", len(_NPM), of_npm()


def start(command: list[str]) -> tuple[float, float]:
    """CPU and wall seconds of one start."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, time.perf_counter() - began


def commands(pex: Path) -> dict[str, list[str]]:
    """What is started, by what it is called; only what is here."""
    here = Path(sys.executable).parent
    known = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "deploywatch --version": [str(here / "deploywatch"), "--version"],
        "deploywatch run --help": [str(here / "deploywatch"), "run", "--help"],
        "deploywatch.pex --version": [str(pex), "--version"],
        "sentry-cli --version": [str(here / "sentry-cli"), "--version"],
        "sentry-cli releases --help": [str(here / "sentry-cli"), "releases", "--help"],
        "node -e 0": [shutil.which("node") or "", "-e", "0"],
    }
    return {name: command for name, command in known.items() if Path(command[0]).is_file()}


def main() -> int:
    """Measure and print both tables."""
    parser = argparse.ArgumentParser(prog="python -m ci.bench.install", description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--pex", type=Path, default=ROOT / "dist/deploywatch.pex")
    given = parser.parse_args()
    print("| to have | packages | MB |\n| --- | ---: | ---: |")
    for name, packages, size in sizes(given.pex):
        print(f"| {name} | {packages} | {'not here' if size is None else f'{size / 1e6:.1f}'} |")
    started = commands(given.pex)
    for command in started.values():
        start(command)
    costs: dict[str, list[tuple[float, float]]] = {name: [] for name in started}
    for _ in range(given.runs):
        for name, command in started.items():
            costs[name].append(start(command))
    print(f"\n| to start (medians of {given.runs}) | CPU ms | wall ms |\n| --- | ---: | ---: |")
    for name, found in costs.items():
        print(f"| {name} | {median(cpu for cpu, _ in found) * 1e3:.0f} | {median(wall for _, wall in found) * 1e3:.0f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
