"""A large history without a clone: thousands of commits by fast-import, and failures at its head."""

from __future__ import annotations

import random
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from deploywatch.history.repository import Repository

FILES: Final = 300
_FUNCTIONS: Final = 40
_LINES: Final = 8
_STARTED: Final = 1_700_000_000


def make_repository(folder: Path, commits: int, *, seed: int = 1) -> Path:
    """A bare repository in which each commit changes a few lines of one to three of 300 modules; some modules are favourites."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder)], check=True)
    stream = "".join(_stream(commits, random.Random(seed)))  # noqa: S311 - a benchmark's history
    subprocess.run(["git", "fast-import", "--quiet"], cwd=folder, input=stream.encode(), check=True)
    return folder


def _stream(commits: int, rng: random.Random) -> Iterator[str]:
    texts = {f"shop/part{n // 20}/module{n}.py": _module(n) for n in range(FILES)}
    yield _commit(0, "what was deployed before", texts)
    names = list(texts)
    for number in range(1, commits + 1):
        touched = {names[min(int(rng.expovariate(12) * FILES), FILES - 1)] for _ in range(rng.randint(1, 3))}
        for name in touched:
            for _ in range(rng.randint(1, 4)):
                at = rng.randrange(_FUNCTIONS) * _LINES + rng.randint(3, _LINES - 2)
                texts[name][at] = f"    total = total + rate_{rng.randrange(500)}(order, {number})"
        yield _commit(number, f"Change {number}: rates of {', '.join(sorted(touched))}", {name: texts[name] for name in touched})


def _module(number: int) -> list[str]:
    lines: list[str] = []
    for n in range(_FUNCTIONS):
        body = [f"    total = total + part_{n}_{line}(order)" for line in range(_LINES - 4)]
        lines += [f"def price_{number}_{n}(order):", '    """What it costs."""', "    total = 0", *body, "    return total"]
    return lines


def _commit(number: int, message: str, files: dict[str, list[str]]) -> str:
    stamp = f"Ana <ana@acme.test> {_STARTED + 60 * number} +0000"
    head = f"commit refs/heads/main\nmark :{number + 1}\nauthor {stamp}\ncommitter {stamp}\n{_data(message)}"
    return head + "".join(f"M 100644 inline {name}\n{_data(chr(10).join(lines) + chr(10))}" for name, lines in files.items())


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


def make_events(repository: Repository, base: str, head: str, issues: int, *, seed: int = 1) -> list[dict[str, Any]]:
    """One event for each of so many issues, with nine frames in three of the files that the window changed most."""
    rng = random.Random(seed)  # noqa: S311
    out = repository.git.run("log", "--format=", "--name-only", "--no-renames", f"{base}..{head}", "--").decode(
        "utf-8", "replace"
    )
    there = set(repository.paths(head))
    touched = Counter(path for path in out.split("\n") if path in there and path.endswith((".py", ".js")) and "test" not in path)
    files = [path for path, _ in touched.most_common(max(3, min(issues, 12)))]
    texts = repository.read_many(files, head)
    return [_event(number, rng, {path: texts[path] or "" for path in _three(files, number)}) for number in range(issues)]


def _three(files: list[str], number: int) -> list[str]:
    return [files[(number + step) % len(files)] for step in range(3)]


def _event(number: int, rng: random.Random, texts: dict[str, str]) -> dict[str, Any]:
    frames = []
    for path, text in texts.items():
        lines = text.split("\n")
        for at in sorted(rng.sample(range(len(lines)), 3)):
            frames.append({"filename": path, "lineno": at + 1, "function": "f", "in_app": True, "context_line": lines[at]})  # noqa: PERF401
    value = f"'NoneType' object has no attribute 'rate_{number}'"
    raised = {"type": "AttributeError", "value": value, "stacktrace": {"frames": frames}}
    return {"event_id": f"{number:032x}", "platform": "python", "exception": {"values": [raised]}}
