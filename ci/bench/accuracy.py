"""How often deploywatch names the right commit, beside what others ship: python -m ci.bench.accuracy CASES.jsonl --repos DIR

CASES holds verified regressions, one JSON object a line: {"id", "repo", "source"?, "base", "head", "culprit", "event"}. DIR holds
their clones (owner+name/repo, owner+name or owner+name.git of "source" or "repo"). A method sees the window base..head and the
event. Every case is asked twice: with the culprit in the window, and with the window beginning after it, where "none of these" is
right. deploywatch is scored by weights fitted on the other repositories' cases, and by those that it ships.

--write-docs writes the tables between their markers in docs/ranking.md, and docs/ranking/reliability.svg. Nothing else is written
anywhere. Needs numpy.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ci.bench.ranking import page
from ci.bench.ranking.drawing import svg
from ci.bench.ranking.study import CROSS_VALIDATED, Window, answers, study
from ci.bench.ranking.tables import blocks


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, measure, print."""
    given = _options(arguments)
    windows = _studied(given.cases, given.repos, given.jobs)
    if not windows:
        print(f"no case has its repository below {given.repos}", file=sys.stderr)
        return 2
    found = answers(windows)
    made = blocks(found, windows)
    print("\n".join(f"## {name}\n\n{block}" for name, block in made.items()))
    if given.write_docs:
        page.write(page.PAGE, made)
        picture = page.PAGE.parent / page.PICTURE
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_text(svg(found[CROSS_VALIDATED]), encoding="utf-8")
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m ci.bench.accuracy", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", type=Path, metavar="CASES.jsonl")
    parser.add_argument("--repos", type=Path, required=True, metavar="DIR")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    parser.add_argument("--write-docs", action="store_true", help="write the results into docs/")
    return parser.parse_args(arguments)


def _studied(cases: Path, root: Path, jobs: int) -> list[Window]:
    windows: list[Window] = []
    left_out = 0
    for done, found in enumerate(study(cases, root, jobs=jobs), 1):
        windows += found
        left_out += not found
        print(f"\r{done} cases", end="", file=sys.stderr, flush=True)
    print(f", {left_out} left out for want of their repository" if left_out else "", file=sys.stderr)
    return windows


if __name__ == "__main__":
    sys.exit(main())
