"""Simulated services before and after a deploy. Times are minutes since the deploy; all is drawn from a given generator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import pi
from typing import Final

import numpy as np
from numpy.typing import NDArray

BEFORE: Final = 240
"""Minutes of history."""

AFTER: Final = 60
"""Minutes after the deploy; what is not found by then is missed."""

PER_MINUTE: Final = 2.0
"""How often the known issue happens."""

DISCOVERIES: Final = 5 / 1440
"""Innocent new issues per minute."""

HISTORY: Final = 7 * 1440

_OUTAGE: Final = 3.0
"""How many times as often the known issue happens in an outage, at least."""

_CELLS: Final = 4  # per minute, for rates that change

Times = NDArray[np.float64]
Generator = np.random.Generator


@dataclass(frozen=True, slots=True)
class Stream:
    """Events of one issue after the deploy: when, by whom (-1: somebody who is met only once), and whether in the old release."""

    times: Times
    clients: NDArray[np.int64]
    old: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Deploy:
    """One deploy. ``before`` counts the known issue per minute, ``requests_before`` and ``requests_after`` the requests.

    ``requests_all`` are those of all releases after it, where that is known. ``shared`` is an issue that an outage brings to all.
    ``level`` and ``share`` are the truth, per minute after the deploy, for Wald's test alone: the known issue's rate if nothing
    changed, and the part of the traffic that the release serves. ``innocent`` and ``guilty`` are new issues.
    """

    before: NDArray[np.int64]
    after: Stream
    level: Times
    share: Times
    requests_before: Times | None = None
    requests_after: Times | None = None
    others: tuple[tuple[NDArray[np.int64], Stream], ...] = ()
    innocent: tuple[Stream, ...] = ()
    guilty: Stream | None = None
    requests_all: Times | None = None
    shared: Stream | None = None
    discovered: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """What the release does: the known issue ``ratio`` times as often, or a new issue ``new`` times a minute."""

    ratio: float = 1.0
    new: float = 0.0


Level = Callable[[Generator], Times]
"""The known issue's rate, per quarter of a minute over history and future."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """A kind of service.

    ``noise`` is the gamma shape by which whole minutes vary, ``None`` for none. ``ramp``: the release takes over gradually.
    ``requests``: they are counted, as extrapolated from one in ten. ``bursts`` per minute come from one client each, and then
    clients are known. ``sampled`` is the share of events that is sent at all. ``others`` are further known issues' rates.
    Of a service that is not ``promised`` anything, the numbers are only shown.
    """

    name: str
    level: Level
    noise: float | None = None
    ramp: bool = False
    canary: float = 1.0
    requests: bool = False
    bursts: float = 0.0
    sampled: float = 1.0
    others: tuple[float, ...] = ()
    promised: bool = True

    def deploy(self, rng: Generator, change: Change) -> Deploy:
        """One deploy of it."""
        level = self.level(rng)
        shaken = level * self._shake(rng)
        before, future = shaken[: BEFORE * _CELLS], shaken[BEFORE * _CELLS :]
        share = self._share()
        counts = rng.binomial(rng.poisson(before / self.sampled / _CELLS), self.sampled).reshape(BEFORE, _CELLS).sum(1)
        bursts_before, bursts_after = self._bursts(rng)
        new = self._sent(rng, _events(rng, future / self.sampled * change.ratio * np.repeat(share, _CELLS)))
        old = self._sent(rng, _events(rng, future / self.sampled * (1 - np.repeat(share, _CELLS))))
        part = future / PER_MINUTE * np.repeat(share, _CELLS)
        deploy = Deploy(
            before=counts + bursts_before,
            after=_joined(_single(new), _single(old, old=True), bursts_after),
            level=level[BEFORE * _CELLS :].reshape(AFTER, _CELLS).mean(1),
            share=share,
            requests_before=self._requests(rng, np.ones(BEFORE)) if self.requests else None,
            requests_after=self._requests(rng, share) if self.requests else None,
            others=tuple(
                (rng.poisson(rate, BEFORE), _single(_events(rng, np.full(AFTER * _CELLS, rate)))) for rate in self.others
            ),
            innocent=_innocent(rng),
            guilty=_single(_events(rng, change.new * part)) if change.new else None,
            discovered=int(rng.poisson(DISCOVERIES * HISTORY)),
        )
        own, rise = deploy.requests_after, level[BEFORE * _CELLS :] / PER_MINUTE
        return replace(
            deploy,
            requests_all=None if own is None else own + self._requests(rng, 1 - share),
            shared=self._shared(rng, rise, np.repeat(share, _CELLS)),
        )

    def _shake(self, rng: Generator) -> Times:
        minutes = BEFORE + AFTER
        return np.repeat(rng.gamma(self.noise, 1 / self.noise, minutes), _CELLS) if self.noise else np.ones(minutes * _CELLS)

    def _share(self) -> Times:
        """From a twentieth of the traffic to all of it in a quarter of an hour; a canary keeps its part."""
        return np.minimum(1.0, 0.05 + 0.95 * (np.arange(AFTER) + 0.5) / 15) if self.ramp else np.full(AFTER, self.canary)

    def _shared(self, rng: Generator, rise: Times, share: Times) -> Stream | None:
        """An issue that nobody saw before, some times a minute in all releases while the known one is raised by an outage."""
        rate = np.where(rise > _OUTAGE, rise, 0.0)
        if self.level is not outage:
            return None
        return _joined(_single(_events(rng, rate * share)), _single(_events(rng, rate * (1 - share)), old=True))

    def _requests(self, rng: Generator, share: Times) -> Times:
        """200 a minute, as extrapolated from a tenth of them."""
        return rng.poisson(200 * share * 0.1) / 0.1

    def _sent(self, rng: Generator, times: Times) -> Times:
        return times[rng.random(len(times)) < self.sampled]

    def _bursts(self, rng: Generator) -> tuple[NDArray[np.int64], Stream]:
        """Now and then a client tries 5 to 40 times within half a minute; before the deploy it counts as one client."""
        before = rng.poisson(self.bursts, BEFORE)
        starts = np.flatnonzero(rng.random(AFTER) < self.bursts) + rng.random()
        tries = [np.sort(start + rng.uniform(0, 0.5, rng.integers(5, 41))) for start in starts]
        times = np.concatenate(tries) if tries else np.empty(0)
        clients = np.repeat(np.arange(len(tries)), [len(one) for one in tries]).astype(np.int64)
        return before, Stream(times, clients, np.zeros(len(times), dtype=np.bool_))


def steady(_: Generator) -> Times:
    """Always the same."""
    return np.full((BEFORE + AFTER) * _CELLS, PER_MINUTE)


def daily(rng: Generator) -> Times:
    """Half as much again at the height of the day, half as much in the depth of the night; the deploy is at any hour."""
    minutes = np.arange((BEFORE + AFTER) * _CELLS) / _CELLS
    return PER_MINUTE * (1 + 0.5 * np.sin(2 * pi * (minutes / 1440 + rng.random())))


def wandering(rng: Generator) -> Times:
    """Up and down by a third for no reason, for twenty minutes at a time: every deploy may meet a real doubling by accident."""
    minutes, keep = BEFORE + AFTER, np.exp(-1 / 20)
    walk, steps = np.empty(minutes), rng.normal(size=minutes)
    walk[0] = steps[0]
    for minute in range(1, minutes):
        walk[minute] = keep * walk[minute - 1] + np.sqrt(1 - keep * keep) * steps[minute]
    return PER_MINUTE * np.repeat(np.exp(0.3 * walk - 0.045), _CELLS)


def outage(rng: Generator) -> Times:
    """What all releases depend on fails some minutes after the deploy, and stays away: three to ten times as many failures."""
    rate = steady(rng)
    rate[int((BEFORE + rng.uniform(0, 45)) * _CELLS) :] *= rng.uniform(_OUTAGE, 10)
    return rate


TRAFFIC: Final = (
    Traffic("Poisson", steady),
    Traffic("over-dispersed", steady, noise=2.0),
    Traffic("diurnal", daily),
    Traffic("ramp-up", steady, ramp=True, requests=True),
    Traffic("ramp-up, requests unknown", steady, ramp=True),
    Traffic("bursts of one client", steady, bursts=0.1),
    Traffic("sampled", steady, requests=True, sampled=0.25),
    Traffic("one of ten issues", steady, others=(1.0, 0.5, 0.5, 0.2, 0.2, 0.2, 0.1, 0.1, 0.1)),
    Traffic("wandering (no promise)", wandering, promised=False),
    Traffic("canary", steady, canary=0.2, requests=True),
    Traffic("canary, shared outage", outage, canary=0.2, requests=True),
)


def _events(rng: Generator, rate: Times) -> Times:
    """Event times of a rate per minute that is given for each cell."""
    counts = rng.poisson(rate / _CELLS)
    cells = np.repeat(np.arange(len(rate)), counts)
    return np.sort((cells + rng.random(len(cells))) / _CELLS)


def _single(times: Times, *, old: bool = False) -> Stream:
    return Stream(times, np.full(len(times), -1, dtype=np.int64), np.full(len(times), old))


def _joined(*streams: Stream) -> Stream:
    times = np.concatenate([one.times for one in streams])
    order = np.argsort(times)
    clients, old = np.concatenate([one.clients for one in streams]), np.concatenate([one.old for one in streams])
    return Stream(times[order], clients[order], old[order])


def _innocent(rng: Generator) -> tuple[Stream, ...]:
    """New issues of the long tail: they turn up once, and go on with anything between once a day and once an hour."""
    streams = []
    for first in rng.uniform(0, AFTER, rng.poisson(DISCOVERIES * AFTER)):
        rate = np.exp(rng.uniform(np.log(1 / 1440), np.log(1 / 60)))
        more = np.sort(rng.uniform(first, AFTER, rng.poisson(rate * (AFTER - first))))
        streams.append(_single(np.concatenate(([first], more))))
    return tuple(streams)
