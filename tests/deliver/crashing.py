"""Lives of an outbox that end at a chosen step, and what must be true of the receivers whatever happened."""

from __future__ import annotations

import itertools
import random
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from deploywatch.deliver.channel import Policy
from deploywatch.deliver.holder import Holder
from deploywatch.deliver.outbox import Outbox
from deploywatch.model import Delivery, DeliveryState, Finding, Report
from deploywatch.store.store import Store
from tests.deliver.support import LATER, LOST, NEVER, REFUSED, TAKEN, Clock, Scripted, manner, resolution
from tests.report.samples import bare_regression, bare_report, issue

LEASE_SECONDS = 91
MISHAPS = [TAKEN, LATER, LATER, LOST, LOST, NEVER, replace(LATER, wait=None), REFUSED]


class Killed(BaseException):
    """The process ends here; nothing of it runs after that, in no thread."""


class Fate:
    """Counts the steps of one life and ends it at a chosen one."""

    def __init__(self, kill_at: int | None, kill: Callable[[], None] | None = None) -> None:
        self._kill_at = kill_at
        self._kill = kill
        self._steps = 0
        self._over = False
        self._lock = threading.Lock()

    @property
    def steps(self) -> int:
        """How many there were so far."""
        return self._steps

    def step(self) -> None:
        with self._lock:
            self._steps += 1
            self._over |= self._steps == self._kill_at
            if self._over and self._kill:
                self._kill()
        if self._over:
            raise Killed


class Mortal:
    """Does what the other does; the life may end before and after each call."""

    def __init__(self, other: Any, fate: Fate) -> None:
        self._other = other
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._other, name)
        return self._mortal(found) if callable(found) and name not in ("now", "jitter") else found

    def _mortal(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            self._fate.step()
            result = call(*args, **kwargs)
            self._fate.step()
            return result

        return wrapped


def two_findings(why: str) -> Report:
    """A report of two issues; ``why`` changes from run to run, as counts do."""
    findings = tuple(Finding(replace(bare_regression(), issue=issue(number))) for number in (7, 8))
    return replace(bare_report(), findings=findings, why=why)


@dataclass
class World:
    """The channels with their receivers, which outlive every process, and a clock."""

    random: random.Random
    clock: Clock = field(default_factory=Clock)
    dead: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.team = Scripted("team", self._script())
        self.hook = Scripted("hook", self._script(), policy=Policy(repeatable=True))
        self.note = Scripted("note", self._script(), can_find=True, per_finding=True)
        self.oncall = Scripted("on-call", self._script(), can_find=True)

    def _script(self) -> list:
        return self.random.choices(MISHAPS, k=self.random.randrange(5))

    def live(self, state: str, number: int, kill_at: int | None) -> tuple[Delivery, ...] | None:
        """One run of the same commands, a report and its first issue's end; ``None`` if it was killed."""
        fate = Fate(kill_at)
        holder = self._holder()
        settings = manner(self.clock, holder=holder)
        settings = replace(settings, timing=replace(settings.timing, sleep=Mortal(self.clock, fate).sleep))
        with Store.open(state) as store:
            channels = [Mortal(channel, fate) for channel in (self.team, self.hook, self.note)]
            oncall = Mortal(self.oncall, fate)
            outbox = Outbox(Mortal(store.deliveries, fate), settings, fallbacks={"team": oncall})
            try:
                told = outbox.deliver(two_findings(f"run {number}"), channels)
                return (*told, *outbox.resolve(resolution(7), [*channels, oncall], lambda _: False))
            except Killed:
                self._bury(holder)
                return None

    def calm_down(self) -> None:
        """From now on every receiver works."""
        for channel in (self.team, self.hook, self.note, self.oncall):
            channel._script.clear()

    def _holder(self) -> Holder:
        dead = self.dead

        class Witness(Holder):
            def gone(self, name: str) -> bool:
                return name in dead

        return Witness("here", 1, "1", uuid.uuid4().hex)

    def _bury(self, holder: Holder) -> None:
        """Sometimes the next run can tell that this one is dead (same machine), sometimes its lease must end."""
        if self.random.random() < 0.5:
            self.dead.add(holder.name)
        else:
            self.clock.sleep(LEASE_SECONDS)

    def check_never_twice(self) -> None:
        """``hook`` may be told again under the same key, by which it can tell. Of the report, and of its first issue's end."""
        for channel, messages in ((self.team, 2), (self.hook, 2), (self.note, 3), (self.oncall, 2)):
            counts = Counter(key for key, _ in channel.seen)
            assert len(counts) <= messages, f"{channel.name} saw it under two keys"
            assert channel is self.hook or set(counts.values()) <= {1}, f"{channel.name} saw it twice"

    def check_never_lost(self, delivered: tuple[Delivery, ...]) -> None:
        """What the channels can promise, after a run that was not killed and with receivers that work."""
        names = ("team", "hook", "note", "on-call")
        told = [delivery for delivery in delivered if delivery.kind != "resolved"]
        of = {name: [delivery for delivery in told if delivery.channel == name] for name in names}
        assert [len(of[name]) for name in ("team", "hook", "note")] == [1, 1, 2]
        for delivery in (*of["hook"], *of["note"]):
            assert delivery.state is DeliveryState.DELIVERED
        for channel in (self.team, self.hook, self.note, self.oncall):
            there = {key for key, _ in channel.seen}
            mine = [delivery for delivery in delivered if delivery.channel == channel.name]
            assert {delivery.key for delivery in mine if delivery.state is DeliveryState.DELIVERED} <= there
            ends = [delivery.state for delivery in mine if delivery.kind == "resolved"]
            knows = there or {each.state for each in of[channel.name]} & {DeliveryState.DELIVERED, DeliveryState.UNKNOWN}
            assert len(ends) == (1 if knows else 0), f"{channel.name} was not told of the end"
            assert channel is self.team or set(ends) <= {DeliveryState.DELIVERED}
        (team,) = of["team"]
        if team.state is not DeliveryState.DELIVERED:
            assert team.state is DeliveryState.UNKNOWN
            assert [delivery.state for delivery in of["on-call"]] == [DeliveryState.DELIVERED], "nobody was told"


def play(state: str, seed: int) -> int:
    """One schedule: runs of the same command, most of them killed, then calm ones. How many runs it took."""
    world = World(random.Random(seed))
    lives = 0
    for lives in range(1, 1 + world.random.randrange(1, 6)):
        world.live(state, lives, kill_at=world.random.randrange(1, 90))
        world.check_never_twice()
    world.calm_down()
    delivered = world.live(state, lives + 1, kill_at=None)
    assert delivered is not None
    world.check_never_twice()
    world.check_never_lost(delivered)
    again = world.live(state, lives + 2, kill_at=None)
    assert again is not None
    world.check_never_twice()
    assert [delivery.state for delivery in again] == [delivery.state for delivery in delivered]
    return lives


def every_step(state: Callable[[int], str], first: int = 1, stride: int = 1) -> int:
    """A run that is killed at its n-th step, then a calm one, for each n until one comes to its end; about how many steps it has.

    ``state`` gives an empty place for the n-th. The receivers lose an answer and are slow, so that each kind of step is met.
    """
    for kill_at in itertools.count(first, stride):
        world = World(random.Random(0))
        for channel, script in ((world.team, [LATER]), (world.hook, [NEVER]), (world.note, [LOST, LATER]), (world.oncall, [])):
            channel._script[:] = script
        survived = world.live(state(kill_at), 1, kill_at) is not None
        delivered = world.live(state(kill_at), 2, None)
        assert delivered is not None
        world.check_never_twice()
        world.check_never_lost(delivered)
        if survived:
            return kill_at - 1
    raise AssertionError


def forget(state: str) -> None:
    """Empty a shared database."""
    with Store.open(state) as store:
        store.deliveries.prune(Clock().now().replace(year=9999), states=tuple(DeliveryState))
