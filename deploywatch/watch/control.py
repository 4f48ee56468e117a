"""The releases that serve beside the watched one: how often they fail per request is what is normal at that time.

Before a deploy there was another traffic, another load and perhaps another state of what all releases depend on. Those that go
on serving in a canary or a rolling deploy meet the same minute as the new one, so an outage that hits old and new alike is
nobody's fault there.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from deploywatch.watch.counting import MINUTE, Exposure
from deploywatch.watch.sequential import RATIOS, evidence_beside
from deploywatch.watch.source import Failures, FailureTally

LARGEST_SHARE: Final = 2 / 3
"""Up to this share of the requests of the release the other ones are a measure: they serve at least half as many.

With less than that they show an outage much later than the release does, and little is learnt from comparing with them."""

# The share is taken over so many buckets to each side, and larger by the error that their scatter shows (the ratio estimator's:
# Cochran 1977, "Sampling techniques"): single ones of a small canary hold a few samples, or none. Too large errs on the side of
# no alarm.
_SIDE: Final = 5


@dataclass(frozen=True, slots=True)
class Control:
    """``shares`` are (minutes since the deploy at the bucket's end, the release's share of the requests), rising.

    The share is ``None`` where the other releases are no measure; before the first and after the last bucket it is as in those.
    """

    shares: tuple[tuple[float, float | None], ...] = ()

    def share_at(self, minutes: float) -> float | None:
        """The release's share so many minutes after the deploy, where the others are the measure."""
        place = bisect_left(self.shares, (minutes,))
        return self.shares[min(place, len(self.shares) - 1)][1] if self.shares else None

    def __bool__(self) -> bool:
        return any(share is not None for _, share in self.shares)

    def others(self, own: Failures | None, everybody: Failures | None, deployed_at: datetime) -> Exposure:
        """The requests of the other releases while those are a measure."""
        rests = (
            replace(whole, total=max(0.0, (whole.total or 0.0) - (one.total or 0.0))) for one, whole in _pairs(own, everybody)
        )
        return Exposure.of_requests(rests, deployed_at, worth=lambda end: 0.0 if self.share_at(end) is None else 1.0)

    @classmethod
    def of(cls, own: Failures | None, everybody: Failures | None, deployed_at: datetime) -> Control:
        """From the requests of the release and those of all; only of buckets that both know."""
        pairs = list(_pairs(own, everybody))
        counts = [(one.total or 0.0, whole.total or 0.0) for one, whole in pairs]
        ends = [(one.start + one.width - deployed_at) / MINUTE for one, _ in pairs]
        return cls(tuple((end, _share(counts, place)) for place, end in enumerate(ends) if end > 0))


@dataclass(frozen=True, slots=True)
class Beside:
    """What happened while there was a measure: failures of the release, and failures and requests of the other ones.

    ``logs`` are the logarithms of the likelihood ratios of it, one for each of ``sequential.RATIOS``; ``expected`` is how often
    the release would have failed if it failed as often per request as the others.
    """

    failed: float = 0.0
    others_failed: float = 0.0
    others_requests: float = 0.0
    expected: float = 0.0
    logs: tuple[float, ...] = (0.0,) * len(RATIOS)

    def with_failures(self, share: float, *, own: float = 0.0, others: float = 0.0) -> Beside:
        """With more failures, while the release served this share of the requests."""
        more = evidence_beside(own, others, share=share)
        return replace(
            self,
            failed=self.failed + own,
            others_failed=self.others_failed + others,
            expected=self.expected + others * share / (1 - share),
            logs=tuple(log + new for log, new in zip(self.logs, more, strict=True)),
        )

    @property
    def others_rate(self) -> float:
        """The other ones' failures per request."""
        return self.others_failed / self.others_requests if self.others_requests else 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """After a failure, ``is_own`` or another release's: ``hits`` of the release in all, ``alone`` of them with nobody beside."""

    minutes: float
    hits: float = 0.0
    alone: float = 0.0
    beside: Beside = field(default_factory=Beside)
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Walk:
    """Through the failures of the release and of the others, in order of time."""

    steps: tuple[Step, ...]

    def at(self, minutes: float) -> Step:
        """What there was until so many minutes after the deploy."""
        place = bisect_right(self.steps, minutes, key=lambda step: step.minutes)
        return self.steps[place - 1] if place else Step(minutes)

    @classmethod
    def of(cls, times: Sequence[float], others: Sequence[float], control: Control) -> Walk:
        """By the times, in minutes since the deploy, of single failures."""
        events = sorted([*((minutes, True) for minutes in times), *((minutes, False) for minutes in others)])
        return cls.of_counts((minutes, control.share_at(minutes), float(own), float(not own)) for minutes, own in events)

    @classmethod
    def of_counts(cls, counts: Iterable[tuple[float, float | None, float, float]]) -> Walk:
        """By minutes, the release's share (or ``None``), its failures and the others' at that time; rising."""
        steps, hits, alone, beside = [], 0.0, 0.0, Beside()
        for minutes, share, own, others in counts:
            hits += own
            if share is None:
                alone += own
            else:
                beside = beside.with_failures(share, own=own, others=others)
            steps.append(Step(minutes, hits, alone, beside, is_own=own > 0))
        return cls(tuple(steps))


def _pairs(own: Failures | None, everybody: Failures | None) -> Iterator[tuple[FailureTally, FailureTally]]:
    known = {tally.start: tally for tally in everybody.tallies} if everybody else {}
    for tally in sorted(own.tallies if own else (), key=lambda tally: tally.start):
        if tally.start in known:
            yield tally, known[tally.start]


def _share(counts: Sequence[tuple[float, float]], place: int) -> float | None:
    near = counts[max(0, place - _SIDE) : place + _SIDE + 1]
    own, whole = sum(one for one, _ in near), sum(whole for _, whole in near)
    if not 0 < own <= LARGEST_SHARE * whole:
        return None
    share = own / whole
    error = math.sqrt(sum((one - share * all_of_them) ** 2 for one, all_of_them in near)) / whole
    return min(share + error, LARGEST_SHARE)
