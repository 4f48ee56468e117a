"""Time, memory and size of ``owners compress``, against sorting the same rules and against a quadratic algorithm, as Markdown.

    python ci/bench/compress.py [--rules 1000 10000 100000 1000000] [--quadratic-up-to 5000]

Every measurement runs in a process of its own. Times are CPU seconds of the whole way from text to proven text; memory is the
growth of the process's peak over what it held with the text read. The quadratic algorithm is written after its description in an
article on this problem (rules of one owner are merged pairwise by longest common prefix, cut at ``/`` or ``_``, while no rule
of another owner starts with that prefix, until the text is below Sentry's limit); it proves nothing.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from deploywatch.owners.compress import Mode, compress
from deploywatch.owners.sentry_grammar import SIZE_LIMIT

WORDS = ("api", "core", "billing", "user", "order", "search", "views", "models", "tests", "utils", "admin", "report", "sync")
SHAPES = {"files": "path:src/{}", "behind a star": "path:*/src/{}"}


def made_up_rules(count: int, shape: str) -> list[str]:
    """Rules for the files of a made-up repository in random order: 300 teams, of whom another one owns 3 files in 100."""
    chance = random.Random(20261121)  # noqa: S311 (the same rules every time)
    rules: dict[str, None] = {}
    while len(rules) < count:
        folder = "/".join(chance.choice(WORDS) + str(chance.randrange(40)) for _ in range(chance.randint(2, 5)))
        team = chance.randrange(300)
        for _ in range(chance.randint(1, 30)):
            name = "_".join(chance.choice(WORDS) for _ in range(chance.randint(1, 3))) + str(chance.randrange(1000))
            owner = team if chance.random() < 0.97 else chance.randrange(300)
            rules[f"{SHAPES[shape].format(folder)}/{name}.py #team-{owner}"] = None
    listed = list(rules)[:count]
    chance.shuffle(listed)
    return listed


def quadratic(lines: Sequence[str]) -> str:
    """Merge pairs of rules, longest common prefix first, until the text is below the limit or no pair is left."""
    rules = [tuple(line.split(" ", 1)) for line in lines]
    prefixes: dict[tuple[str, str], int] = {}
    for place, (first, owner) in enumerate(rules):
        for second, other in rules[place + 1 :]:
            if owner == other and (prefix := common_prefix(first, second)):
                prefixes[prefix, owner] = len(prefix)
    size = sum(map(len, lines)) + len(lines)
    for prefix, owner in sorted(prefixes, key=lambda found: -prefixes[found]):
        if size <= SIZE_LIMIT:
            break
        if all(other == owner for pattern, other in rules if pattern.startswith(prefix)):
            rules = [rule for rule in rules if not rule[0].startswith(prefix)] + [(f"{prefix}*", owner)]
            size = sum(len(pattern) + len(to) + 2 for pattern, to in rules)
    return "\n".join(" ".join(rule) for rule in sorted(rules)) + "\n"


def common_prefix(first: str, second: str) -> str:
    """What two patterns share, cut behind the last ``/`` or ``_``; empty if that is no more than the type and the first name."""
    length = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        length += 1
    shared = first[: max(first.rfind("/", 0, length), first.rfind("_", 0, length)) + 1]
    return shared if shared.count("/") > 1 else ""


def measure(task: str, count: int, shape: str) -> dict[str, float]:
    """Do one task in this process; the result is printed as JSON for the process that asked."""
    lines = made_up_rules(count, shape)
    text = "\n".join(lines) + "\n"
    tasks: dict[str, Callable[[], str]] = {
        "sorted": lambda: "\n".join(sorted(lines)),
        "readable": lambda: compress(text, Mode.READABLE).text,
        "smallest": lambda: compress(text, Mode.SMALLEST).text,
        "quadratic": lambda: quadratic(lines),
    }
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    result = tasks[task]()
    seconds = time.process_time() - started
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held) * 1024
    return {"seconds": seconds, "bytes": grown, "before": len(text), "after": len(result), "rules": result.count("\n")}


def in_own_process(task: str, count: int, shape: str) -> dict[str, float]:
    """The same in a fresh process, so that no measurement profits from another's memory."""
    command = [sys.executable, str(Path(__file__)), "--one", task, str(count), shape]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    return {key: float(value) for key, value in json.loads(answer.stdout).items()}


HEAD = (
    "| rules | shape | sorted() s | mode | s | x sorted() | bytes/rule | characters before -> after | rules after |\n"
    "|--:|---|--:|---|--:|--:|--:|---|--:|"
)


def rows(count: int, shape: str, *, with_quadratic: bool) -> list[str]:
    """The table's rows for one size."""
    base = in_own_process("sorted", count, shape)["seconds"]
    lines: list[str] = []
    for task in ("readable", "smallest", *(["quadratic"] if with_quadratic else [])):
        found = in_own_process(task, count, shape)
        ratio = found["seconds"] / base if base else float("nan")
        memory = found["bytes"] / count
        lines.append(
            f"| {count:,} | {shape} | {base:.3f} | {task} | {found['seconds']:.2f} | {ratio:,.1f} | {memory:,.0f} "
            f"| {found['before']:,.0f} -> {found['after']:,.0f} | {found['rules']:,.0f} |"
        )
    return lines


def main() -> None:
    """Print the table, or one measurement as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rules", type=int, nargs="+", default=[1_000, 3_000, 100_000, 1_000_000])
    parser.add_argument("--quadratic-up-to", type=int, default=5_000)
    parser.add_argument("--one", nargs=3, metavar=("TASK", "COUNT", "SHAPE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        task, count, shape = options.one
        print(json.dumps(measure(task, int(count), shape)))
        return
    print(HEAD, flush=True)
    for count in options.rules:
        for shape in SHAPES:
            for line in rows(count, shape, with_quadratic=count <= options.quadratic_up_to):
                print(line, flush=True)


if __name__ == "__main__":
    main()
