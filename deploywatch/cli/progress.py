"""How a watch goes, on stderr: a live display on a terminal, plain lines everywhere else (one for each thing that changed)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, TextIO

from deploywatch.durations import format_duration
from deploywatch.model import Verdict
from deploywatch.watch.plan import WatchPlan
from deploywatch.watch.seen import Novelty, SeenIssue
from deploywatch.watch.tick import Tick

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

    from deploywatch.watch.loop import Progress

HEARTBEAT: Final = timedelta(minutes=1)
"""Plain lines come at least so often, or a pipeline that kills silent steps would kill this one."""

_MOST_ISSUES: Final = 8
_LONGEST_TITLE: Final = 60
_STYLES: Final = {Verdict.HEALTHY: "green", Verdict.REGRESSION: "bold red", Verdict.INCONCLUSIVE: "yellow", None: "cyan"}
_KINDS: Final = {Novelty.NEW: "new", Novelty.REGRESSED: "back", Novelty.ELSEWHERE: "known elsewhere", Novelty.KNOWN: "known"}


@contextmanager
def show_progress(stream: TextIO, *, plain: bool) -> Iterator[Progress]:
    """Gives what to tell every ``Tick``. ``plain`` is for where nothing may move; what is no terminal is always plain."""
    if plain or not stream.isatty():
        yield PlainLines(stream)
        return
    from rich.console import Console
    from rich.live import Live

    console = Console(file=stream)
    with Live(console=console, auto_refresh=False, transient=True) as live:
        display = LiveDisplay(console)
        yield lambda tick: live.update(display.after(tick), refresh=True)
    if last_words := display.last_words():
        console.print(last_words)


class PlainLines:
    """Writes a line when something changed that a reader of a log wants to know, and a heartbeat in between."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._told: dict[WatchPlan, tuple[object, ...]] = {}
        self._written: dict[WatchPlan, datetime] = {}

    def __call__(self, tick: Tick) -> None:
        """Tells of a look, or keeps silent about it."""
        first = tick.plan not in self._told
        news = (frozenset(_counting(tick)), tick.trouble is None, tick.verdict, tick.result is None)
        is_due = not first and tick.at - self._written[tick.plan] >= HEARTBEAT
        if first:
            self._line(tick, f"watching {_place(tick.plan)} until {tick.ends_at:%H:%M:%S} UTC")
        if first or news != self._told[tick.plan] or is_due:
            self._line(tick, _sentence(tick))
        self._told[tick.plan] = news

    def _line(self, tick: Tick, text: str) -> None:
        self._written[tick.plan] = tick.at
        # Never at the start of a line: CI servers take commands from lines of a log (GitHub's begin with two colons).
        self._stream.write(f"deploywatch: {clean(text)}\n")
        self._stream.flush()


class LiveDisplay:
    """What the terminal shows while one or several watches run."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._ticks: dict[WatchPlan, Tick] = {}

    def after(self, tick: Tick) -> RenderableType:
        """The display once ``tick`` is told."""
        from rich.console import Group

        self._ticks[tick.plan] = tick
        return Group(*(part for one in self._ticks.values() for part in _panel(one)))

    def last_words(self) -> Text:
        """What stays on the terminal when the display is gone: a line for each watch."""
        from rich.text import Text

        lines = (
            Text(f"{_place(tick.plan)}: {clean(_sentence(tick))}", style=_STYLES[tick.verdict]) for tick in self._ticks.values()
        )
        return Text("\n").join(lines)


def clean(text: str) -> str:
    """``text`` on one line and without anything that would steer a terminal; errors' titles are written by strangers."""
    return "".join(character if character.isprintable() else " " for character in text)


def _panel(tick: Tick) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.progress_bar import ProgressBar
    from rich.text import Text

    whole = (tick.ends_at - tick.started_at).total_seconds()
    yield Text(f"{_place(tick.plan)}  {_clock(tick)}", style="bold")
    # A bar does not end its line by itself.
    yield Padding(ProgressBar(total=whole, completed=min(whole, tick.elapsed.total_seconds()), width=60), 0)
    if tick.seen.issues:
        yield _table(tick)
    yield Text(clean(_sentence(tick)), style=_STYLES[tick.verdict])


def _table(tick: Tick) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for name in ("issue", "", "events", "users", ""):
        table.add_column(name, justify="right" if name in ("events", "users") else "left")
    for one in _worst(tick)[:_MOST_ISSUES]:
        users = one.issue.user_count
        title = Text(clean(one.issue.title)[:_LONGEST_TITLE], overflow="ellipsis", no_wrap=True)
        numbers = (str(max(one.issue.count, len(one.events))), "" if users is None else str(users))
        table.add_row(Text(clean(one.issue.short_id)), Text(_KINDS[one.novelty]), *numbers, title)
    return table


def _worst(tick: Tick) -> list[SeenIssue]:
    order = {Novelty.NEW: 0, Novelty.REGRESSED: 1, Novelty.ELSEWHERE: 2, Novelty.KNOWN: 3}
    return sorted(tick.seen.issues.values(), key=lambda one: (order[one.novelty], -one.issue.count, one.issue.id))


def _counting(tick: Tick) -> Iterator[str]:
    """The issues whose appearance is news."""
    return (one.issue.id for one in tick.seen.ours())


def _sentence(tick: Tick) -> str:
    if tick.result is not None:
        return f"{tick.result.verdict.value}: {tick.result.why}"
    if tick.trouble:
        return f"{_clock(tick)}: Sentry cannot be seen: {tick.trouble}"
    events = tick.seen.event_count()
    return f"{_clock(tick)}: {events:,} event{'' if events == 1 else 's'}; {tick.why}"


def _clock(tick: Tick) -> str:
    return f"{format_duration(tick.elapsed)} of {format_duration(tick.plan.duration)}"


def _place(plan: WatchPlan) -> str:
    projects = f" ({', '.join(plan.projects)})" if plan.projects else ""
    return clean(f"{plan.release} in {plan.environment}{projects}")
