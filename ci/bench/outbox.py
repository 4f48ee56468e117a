"""What the outbox costs: time per message and messages per second, on each kind of state, as Markdown.

    python -m ci.bench.outbox [--messages 200] [--state postgresql://...]

A message is a report that is recorded, claimed, sent and settled, each in a transaction of its own that is on disk before the
next step. The channel answers at once, so that what is measured is the outbox: ``again`` says what was said before (a run that is
repeated), ``four channels`` counts each channel's message. ``bare insert`` is one durable transaction with one row: the least
that "recorded before it is sent" can cost here.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from deploywatch.deliver.channel import Channel, Outcome, Parcel, Policy, Receipt
from deploywatch.deliver.outbox import Outbox
from deploywatch.model import Delivery, Finding, Issue, Rate, Regression, RegressionKind, Report, Resolution, Severity, Verdict
from deploywatch.store.store import Store

MADE_AT: Final = datetime(2026, 11, 20, 14, 5, tzinfo=UTC)
ISSUE: Final = Issue("9", "SHOP-9", "KeyError: 'currency'", "shop.checkout", "shop")
REGRESSION: Final = Regression(RegressionKind.NEW, Severity.HIGH, ISSUE, Rate(0.0, 12.5), "First seen in this release.")
POLICY: Final = Policy(repeatable=True)
REPORT: Final = Report("shop@0", "production", Verdict.REGRESSION, "1 new issue.", MADE_AT, findings=(Finding(REGRESSION),))


@dataclass(frozen=True, slots=True)
class Instant:
    """A channel that takes everything at once. Its messages are as long as a Slack message of one finding."""

    name: str
    policy: Policy = POLICY
    per_finding: bool = False

    def compose(self, report: Report, key: str) -> str:
        """About 4 kB."""
        return f"{report.release} {key} " + "x" * 4000

    def resolve(self, resolution: Resolution, told: Delivery, key: str) -> None:
        """Never asked."""

    def send(self, parcel: Parcel) -> Receipt:
        """At once."""
        return Receipt(Outcome.TAKEN, status=200, answer=f"ok {parcel.key}")

    def find(self, parcel: Parcel) -> None:
        """Never asked."""


def measured(messages: int, work: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU milliseconds per message."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - wall) * 1000 / messages, (time.process_time() - cpu) * 1000 / messages


def say(outbox: Outbox, channels: Sequence[Channel], releases: range) -> None:
    """One report per release, each in a call of its own as in a run."""
    for number in releases:
        outbox.deliver(replace(REPORT, release=f"shop@{number}"), channels)


def bare_inserts(folder: Path, messages: int) -> None:
    """Durable single-row transactions without any of our code."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t (payload TEXT)")
    for _ in range(messages):
        connection.execute("INSERT INTO t VALUES (?)", ("x" * 4000,))
    connection.close()


@contextmanager
def states(url: str | None) -> Iterator[dict[str, str]]:
    """Where to keep state: a new file, and the given database (which is left as full as it is then)."""
    with tempfile.TemporaryDirectory() as folder:
        yield {"SQLite": f"sqlite:///{folder}/state.db"} | ({"PostgreSQL": url} if url else {})


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--messages", type=int, default=200)
    arguments.add_argument("--state", help="a PostgreSQL database to measure too; it keeps the messages")
    asked = arguments.parse_args()
    print("| state | what | wall ms | CPU ms | per second |\n|---|---|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        row("SQLite", "bare insert", *measured(asked.messages, lambda: bare_inserts(Path(folder), asked.messages)))
    with states(asked.state) as places:
        for name, place in places.items():
            with Store.open(place) as store:
                rows(name, Outbox(store.deliveries), asked.messages)


def rows(name: str, outbox: Outbox, messages: int) -> None:
    """All measurements on one kind of state. The first messages warm up what is made once."""
    one, four = [Instant("one")], [Instant(f"channel {number}") for number in range(4)]
    start = int(time.time())
    releases = range(start, start + messages)
    say(outbox, one, range(start - 5, start))
    row(name, "one channel", *measured(messages, lambda: say(outbox, one, releases)))
    row(name, "again", *measured(messages, lambda: say(outbox, one, releases)))
    row(name, "four channels", *measured(4 * messages, lambda: say(outbox, four, releases)))


def row(state: str, what: str, wall: float, cpu: float) -> None:
    """A line of the table."""
    print(f"| {state} | {what} | {wall:.2f} | {cpu:.2f} | {1000 / wall:.0f} |")


if __name__ == "__main__":
    main()
