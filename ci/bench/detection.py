"""How often deploywatch cries wolf, and how soon it sees the wolf: simulated deploys, every poll looked at, against other rules.

Run: ``python -m ci.bench.detection [--deploys 6000] [--seed 1] [--jobs 2] [--only TRAFFIC]... [--out FOLDER]``. It prints one
Markdown table, and with ``--out`` writes ``detection.md`` and ``detection.svg``. It exits with 1 when a promise is broken: more
false alarms than alpha (beyond what chance explains), or a median delay of more than 1.5 times Wald's bound and one poll.
Needs numpy; the product does not.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from multiprocessing import Pool
from pathlib import Path
from typing import Final

from ci.bench.deploys.drawing import interval, markdown, svg
from ci.bench.deploys.measure import BOUND, CHANGES, OURS, Kind, measure
from ci.bench.deploys.rules import PLAN, POLL
from ci.bench.deploys.traffic import TRAFFIC

SLOWEST: Final = 1.5
"""Times Wald's bound."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, compare with the promises."""
    options = _options(arguments)
    tasks = [
        (index, options.deploys, options.seed)
        for index, traffic in enumerate(TRAFFIC)
        if not options.only or traffic.name in options.only
    ]
    with Pool(options.jobs) as pool:
        kinds = pool.map(measure, tasks, chunksize=1)
    table = markdown(kinds, options.seed)
    print(table)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "detection.md").write_text(table, encoding="utf-8")
        (options.out / "detection.svg").write_text(svg(kinds), encoding="utf-8")
    broken = list(_broken(kinds))
    for sentence in broken:
        print(f"broken promise: {sentence}", file=sys.stderr)
    return 1 if broken else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m ci.bench.detection", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--deploys", type=int, default=6000, help="innocent deploys of each kind; a third of it for each change")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", action="append", metavar="TRAFFIC", help="measure this kind of traffic (and others given so)")
    parser.add_argument("--out", type=Path)
    return parser.parse_args(arguments)


def _broken(kinds: Sequence[Kind]) -> Iterator[str]:
    for kind in (kind for kind in kinds if kind.promised):
        least, _ = interval(kind.alarms[OURS], kind.deploys)
        if least > PLAN.alpha:
            yield f"{kind.name}: {kind.alarms[OURS] / kind.deploys:.2%} false alarms"
        for change in CHANGES:
            late = kind.delays[OURS][change].minutes - kind.delays[BOUND][change].minutes
            if kind.ratio(change) > SLOWEST and late > POLL:
                yield f"{kind.name}, {change}: {kind.ratio(change):.2f} times Wald's bound"


if __name__ == "__main__":
    sys.exit(main())
