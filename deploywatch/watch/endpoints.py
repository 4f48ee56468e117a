"""The endpoint that an issue hurts most: how many of the requests to it fail with the issue, and how sure that is."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from deploywatch.model import EndpointShare
from deploywatch.watch.judgement import Judgement
from deploywatch.watch.plan import SeveritySettings, WatchPlan
from deploywatch.watch.source import EndpointTally

# An issue of many endpoints is judged by the few where it happens most: in the long tail some small one always looks bad.
_MOST_MAIN: Final = 3
_LEAST_PART: Final = 0.1
_MOST_ASKED: Final = 10
# So many events of an issue are read, the newest; where there are more, those stand for all.
_ENOUGH_EVENTS: Final = 1000
# The 95th percentile of the standard normal distribution.
_Z95: Final = 1.645


def main_endpoints(plan: WatchPlan, judgement: Judgement) -> tuple[str, ...]:
    """The endpoints where the issue happens most in the release, most first."""
    return tuple(name for name, _ in _main(plan, judgement))


def in_question(plan: WatchPlan, judged: Iterable[Judgement]) -> tuple[str, ...]:
    """The endpoints of the issues that are held against the release, each one's main one first; few enough for one question."""
    certain = [_main(plan, judgement) for judgement in judged if judgement.reached is not None]
    names = (name for place in range(_MOST_MAIN) for main in certain for name, _ in main[place : place + 1])
    return tuple(dict.fromkeys(names))[:_MOST_ASKED]


def worst_endpoint(plan: WatchPlan, judgement: Judgement, tallies: Mapping[str, EndpointTally]) -> EndpointShare | None:
    """Of the issue's main endpoints the one whose requests fail most certainly; ``None`` where none has enough of them."""
    shares = [share for share in _shares(plan, judgement, tallies) if share.samples >= plan.severity.min_requests]
    return max(shares, key=lambda share: (certain_share(share), share.requests), default=None)


def certain_share(found: EndpointShare) -> float:
    """The least share that the numbers allow, wrong once in twenty times: the lower end of Wilson's interval (1927).

    Nothing is critical by the luck of one failure in ten requests, nor by one sample that was extrapolated to ten.
    """
    return _wilson(found, -1.0)


def possible_share(found: EndpointShare) -> float:
    """The largest share that the numbers allow, likewise."""
    return _wilson(found, 1.0)


def hardly_fails(settings: SeveritySettings, found: EndpointShare | None) -> bool:
    """Whether even the endpoint that is hurt most certainly fails less often than is worth waking somebody for."""
    return found is not None and possible_share(found) < settings.low_share


def _shares(plan: WatchPlan, judgement: Judgement, tallies: Mapping[str, EndpointTally]) -> list[EndpointShare]:
    known = [(count, tallies[name]) for name, count in _main(plan, judgement) if name in tallies]
    # Not more than failed at all: an issue may happen several times in a request, in one that succeeds, or sooner be told.
    return [EndpointShare(one.endpoint, min(count, one.failed), one.requests, one.samples) for count, one in known]


def _main(plan: WatchPlan, judgement: Judgement) -> list[tuple[str, float]]:
    """The endpoints where the issue happens most in the release, and how many of its events each has; most first."""
    events = judgement.path.events if judgement.path else ()
    named = Counter(one.endpoint for one in events if one.endpoint and one.release in (plan.release, None))
    unread = judgement.issue.count / len(events) if judgement.issue and len(events) >= _ENOUGH_EVENTS else 1.0
    order = sorted(named.items(), key=lambda item: (-item[1], item[0]))
    least = _LEAST_PART * named.total()
    return [(name, count * max(1.0, unread)) for name, count in order[:_MOST_MAIN] if count >= least]


def _wilson(found: EndpointShare, side: float) -> float:
    size, share = found.samples, found.share
    middle = share + _Z95 * _Z95 / (2 * size)
    spread = _Z95 * math.sqrt(share * (1 - share) / size + _Z95 * _Z95 / (4 * size * size))
    return min(1.0, max(0.0, (middle + side * spread) / (1 + _Z95 * _Z95 / size)))
