"""Many failures before one window: git is asked for several at once, and what was answered is not worked out again."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from deploywatch.errors import DeployWatchError
from deploywatch.model import Event, Ranking, StackTrace
from deploywatch.steps.investigator import Asked, Investigator

_TOGETHER: Final = 64
# More than are read together, so that what is needed again is still there.
_REMEMBERED: Final = 2 * _TOGETHER
_NUMBER: Final = re.compile(r"(?<![\w.@/\\-])\d+(?![\w.@/\\-])")


@dataclass(frozen=True, slots=True)
class _Batch:
    """Failures in their order, those of them that have no answer yet, and what was wrong with the next."""

    order: Sequence[StackTrace]
    asked: dict[StackTrace, Asked]
    trouble: DeployWatchError | None


class Bulk:
    """Answers to a stream of events. ``clean`` is done to each event before it is looked at, ``shown`` to each answer."""

    def __init__(
        self, investigator: Investigator, *, clean: Callable[[Event], Event], shown: Callable[[Ranking], Ranking]
    ) -> None:
        self._investigator = investigator
        self._clean = clean
        self._shown = shown
        self._known: OrderedDict[StackTrace, Ranking] = OrderedDict()

    def rank_all(self, events: Iterable[Event]) -> Iterator[Ranking]:
        """The suspects of each failure, in order.

        So many are read together, first one, then two, up to 64: the first answers come early. What goes wrong with reading them
        is raised after the answers to those before.
        """
        pending, together = iter(events), 1
        while True:
            batch = self._read(pending, together)
            if batch.asked:
                self._investigator.prepare(batch.asked.values())
            yield from (self._answer(trace, batch) for trace in batch.order)
            if batch.trouble:
                raise batch.trouble
            if not batch.order:
                return
            together = min(2 * together, _TOGETHER)

    def _read(self, pending: Iterator[Event], together: int) -> _Batch:
        order: list[StackTrace] = []
        asked: dict[StackTrace, Asked] = {}
        try:
            for event in islice(pending, together):
                trace = _what_is_looked_at(event.stacktrace)
                if trace in self._known:
                    self._known.move_to_end(trace)
                elif trace not in asked:
                    asked[trace] = self._investigator.ask(self._clean(event))
                order.append(trace)
        except DeployWatchError as trouble:
            return _Batch(order, asked, trouble)
        return _Batch(order, asked, None)

    def _answer(self, trace: StackTrace, batch: _Batch) -> Ranking:
        """Events of one issue differ in nothing that is looked at: the first one's answer is that of all."""
        if trace not in self._known:
            self._known[trace] = self._shown(self._investigator.answer(batch.asked[trace]))
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return self._known[trace]


def _what_is_looked_at(trace: StackTrace) -> StackTrace:
    """The same without the numbers in its messages: ids and amounts, which name nothing in code."""
    plain = (replace(raised, message=_NUMBER.sub("0", raised.message or "")) for raised in trace.exceptions)
    return replace(trace, exceptions=tuple(plain))
