"""What a signal answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from deploywatch.model import Commit, Hunk
from deploywatch.suspects.scene import Place, Scene


@dataclass(frozen=True, slots=True)
class Hit:
    """How much of a signal's evidence a commit has, from 0 (none) to 1, and the sentence that says so to a person.

    ``said`` may make the sentence when it is asked for: most commits of a wide window are never told of.
    """

    value: float
    said: str | Callable[[], str]
    file: str | None = None
    line: int | None = None
    hunk: Hunk | None = None
    frame: int | None = None

    @property
    def text(self) -> str:
        """The sentence."""
        return self.said if isinstance(self.said, str) else self.said()


class Signal(Protocol):
    """One kind of evidence. ``None`` where the commit has none of it."""

    def __call__(self, scene: Scene, commit: Commit, /) -> Hit | None:
        """What ``commit`` has of it."""
        ...


def noisy_or(values: list[float]) -> float:
    """The chance that at least one of several independent reasons holds.

    Ten weak frames cannot outvote a strong one by adding up.
    """
    rest = 1.0
    for value in values:
        rest *= 1.0 - min(1.0, value)
    return 1.0 - rest


def frame_name(place: Place) -> str:
    """How a frame is named to people: its function, the raising one said so."""
    function = f"{place.function}()" if place.function and not place.function.startswith("<") else "module level"
    return (
        f"{function}, where the failure was raised"
        if place.depth == 0 and place.cause == 0
        else f"{function}, frame #{place.index}"
    )
