"""Functions that most failures of a run pass through: being on such a stack says little of who broke it.

Predator weighs files by how many crashes they are in (FilePathIdf); clouseau's users name "very common functions" as the first
cause of wrong blame (ranking.md 1.1, 1.4, S16). Told by the run itself, beside what names tell (``plumbing``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from deploywatch.model import MappedFrame

_FEWEST: Final = 5
_MOST: Final = 0.6


def common_places(stacks: Iterable[Sequence[MappedFrame]]) -> frozenset[tuple[str, str]]:
    """File and function of the application's frames that are in more than three of five stacks and raised in none of those.

    Stacks that failed at one line are one failure. Nothing is common among fewer than five.
    """
    passed: Counter[tuple[str, str]] = Counter()
    raised: set[tuple[str, str]] = set()
    seen: set[tuple[str, int]] = set()
    for stack in stacks:
        own = [frame for frame in stack if frame.in_app and frame.file and frame.line]
        if not own or (own[0].file or "", own[0].line or 0) in seen:
            continue
        seen.add((own[0].file or "", own[0].line or 0))
        raised.add(_place(own[0]))
        passed.update({_place(frame) for frame in own})
    if len(seen) < _FEWEST:
        return frozenset()
    return frozenset(place for place, count in passed.items() if count > _MOST * len(seen)) - raised


def _place(frame: MappedFrame) -> tuple[str, str]:
    return frame.file or "", frame.frame.function or ""
