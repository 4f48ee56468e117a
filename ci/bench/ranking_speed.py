"""What it costs to name the suspects of a failure: python -m ci.bench.ranking_speed [REPO] [--event FILE] [--write-docs]

On a window of 10,000 commits one event is ranked by ``deploywatch suspects``, and beside it, in turns in the same run, the bare
minimum of git commands that any correct answer needs is run, one after the other:

    git rev-list --count BASE..HEAD                which commits are in question
    git log -p -U0 BASE..HEAD -- FILES             what they changed in the files of the frames, deletions too
    git blame -w -M -L LINES BASE..HEAD -- FILE    where the frames' lines are from, a command a file
    git cat-file --batch                           the files at head

deploywatch runs from byte code, as every installer leaves it, and not from the sources of a check-out that may not write any.

Then 500 events of 25 issues are ranked in one go. Without REPO the history is made up. Exits with 1 where one event takes more
than 1.5 times the bare minimum, or 500 more than 10 times one. Times are those of the clock, of each the best of several turns,
since other work on the machine only adds; the CPU's stand beside.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ci.bench.ranking import page
from ci.bench.ranking.layout import table
from ci.bench.ranking.synthetic import make_events, make_repository
from deploywatch import __file__ as package
from deploywatch.history.repository import Repository

PACKAGE: Final = Path(package).parent
OF_MINIMUM: Final = 1.5
OF_ONE: Final = 10.0
_EVENTS: Final = 500
_ISSUES: Final = 25


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds by the clock and of the CPU, children included; ``memory`` is the peak of any process in MB."""

    clock: float
    cpu: float
    memory: float = 0.0


@dataclass(frozen=True, slots=True)
class Window:
    """Where it is measured."""

    repo: Path
    base: str
    head: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, compare with the promises."""
    given = _options(arguments)
    # Written also where PYTHONDONTWRITEBYTECODE is set, which keeps Python from doing it at the first start.
    compileall.compile_dir(PACKAGE, quiet=1)
    with tempfile.TemporaryDirectory() as folder:
        repo = given.repo or make_repository(Path(folder) / "made.git", given.commits + 100)
        window, events = _asked(repo, given)
        costs = _measure(window, events, Path(folder), given.turns)
    print(text := report(costs, given.commits))
    if given.write_docs:
        page.write(page.PAGE, {"speed": text})
    broken = list(promises_broken(costs))
    for sentence in broken:
        print(f"broken promise: {sentence}", file=sys.stderr)
    return 1 if broken else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m ci.bench.ranking_speed", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repo", type=Path, nargs="?", metavar="REPO")
    parser.add_argument("--head", default="HEAD")
    parser.add_argument("--commits", type=int, default=10_000, help="of the window, at least (default: 10000)")
    parser.add_argument("--event", type=Path, help="a Sentry event as JSON, raised at --head")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--write-docs", action="store_true", help="write the table into docs/ranking.md")
    return parser.parse_args(arguments)


def _asked(repo: Path, given: argparse.Namespace) -> tuple[Window, list[dict[str, Any]]]:
    repository = Repository.open(repo)
    head = repository.resolve(given.head)
    line = repository.git.run("rev-list", "--first-parent", head).decode().split()
    base = next((sha for sha in line[:: max(1, given.commits // 200)] if repository.count(sha, head) >= given.commits), line[-1])
    events = make_events(repository, base, head, _ISSUES)
    if given.event:
        events[0] = json.loads(given.event.read_text("utf-8"))
    return Window(repository.git.git_dir, base, head), events


def _measure(window: Window, events: Sequence[dict[str, Any]], folder: Path, turns: int) -> dict[str, Cost]:
    one, many = folder / "one.json", folder / "many.jsonl"
    one.write_text(json.dumps(events[0]), "utf-8")
    many.write_text("".join(json.dumps(events[n % len(events)]) + "\n" for n in range(_EVENTS)), "utf-8")
    costs: dict[str, Cost] = {}
    for _ in range(turns):
        for name, work in (("git", lambda: _bare_minimum(window, events[0])), ("one", lambda: _suspects(window, one))):
            _keep_best(costs, name, timed(work))
    for _ in range(max(1, turns // 2)):
        _keep_best(costs, "many", timed(lambda: _suspects(window, many)))
    return costs


def _keep_best(costs: dict[str, Cost], name: str, cost: Cost) -> None:
    best = costs.get(name, cost)
    costs[name] = Cost(min(best.clock, cost.clock), min(best.cpu, cost.cpu), max(best.memory, cost.memory))


def timed(work: Callable[[], float]) -> Cost:
    """What ``work`` costs in child processes; it returns their peak of memory in MB."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    memory = work()
    clock, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, memory)


def _bare_minimum(window: Window, event: dict[str, Any]) -> float:
    lines: dict[str, set[int]] = defaultdict(set)
    for value in event["exception"]["values"]:
        for frame in value["stacktrace"]["frames"]:
            if frame.get("in_app"):
                lines[frame["filename"]].add(frame["lineno"])
    span = f"{window.base}..{window.head}"
    _run("git", f"--git-dir={window.repo}", "rev-list", "--count", span)
    _run("git", f"--git-dir={window.repo}", "log", "-p", "-U0", span, "--", *lines)
    for path, numbers in lines.items():
        ranges = (f"-L{number},{number}" for number in sorted(numbers))
        _run("git", f"--git-dir={window.repo}", "blame", "-w", "-M", "--porcelain", *ranges, span, "--", path)
    names = "".join(f"{window.head}:{path}\n" for path in lines)
    _run("git", f"--git-dir={window.repo}", "cat-file", "--batch", stdin=names)
    return 0.0


def _suspects(window: Window, events: Path) -> float:
    asked = (
        "suspects",
        str(events),
        "--repo",
        str(window.repo),
        "--base",
        window.base,
        "--head",
        window.head,
        "--format",
        "json",
    )
    return _run(sys.executable, "-m", "deploywatch", *asked)


def _run(*command: str, stdin: str = "") -> float:
    """Run it; its peak of memory in MB."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert process.stdin is not None
    process.stdin.write(stdin.encode())
    process.stdin.close()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command[:3])} ... exited with {process.returncode}")
    return used.ru_maxrss / 1024


def promises_broken(costs: dict[str, Cost]) -> list[str]:
    """A sentence for each."""
    of_minimum, of_one = costs["one"].clock / costs["git"].clock, costs["many"].clock / costs["one"].clock
    return [
        *([f"one event takes {of_minimum:.2f} times git's bare minimum"] if of_minimum > OF_MINIMUM else []),
        *([f"{_EVENTS} events take {of_one:.1f} times one"] if of_one > OF_ONE else []),
    ]


def report(costs: dict[str, Cost], commits: int) -> str:
    """The table."""
    git, one, many = costs["git"], costs["one"], costs["many"]
    rows = (
        ("git's bare minimum for one event", f"{git.clock:.2f}", f"{git.cpu:.2f}", "", ""),
        ("one event", f"{one.clock:.2f}", f"{one.cpu:.2f}", f"{one.memory:.0f}", f"{one.clock / git.clock:.2f} times git"),
        (
            f"{_EVENTS} events of {_ISSUES} issues",
            f"{many.clock:.2f}",
            f"{many.cpu:.2f}",
            f"{many.memory:.0f}",
            f"{many.clock / one.clock:.1f} times one",
        ),
    )
    return f"A window of {commits:,} commits:\n\n{table(('', 'seconds', 'CPU seconds', 'peak MB', ''), rows)}"


if __name__ == "__main__":
    sys.exit(main())
