"""Which of very many literals a text holds: at its start, or behind any slash of it.

What a folder holds is worked out once and kept, because texts that are looked up in bulk share their folders; what remains for a
text is its last name. A set of all beginnings of the literals tells early where no literal can go on.
"""

from __future__ import annotations

from typing import Final

SEPARATORS: Final = "/_."
"""The characters behind which rules are cut; each literal here ends with one."""

Names = dict[str, list[int]]
"""Beginnings of names, each ending with a separator, with the numbers of the literals that end with them."""


class Pieces:
    """Literals with their numbers. ``anywhere``: all begin with ``/`` and count at every slash; else only at the start."""

    def __init__(self, *, anywhere: bool) -> None:
        self._anywhere = anywhere
        self._folders: dict[str, list[int]] = {}
        self._names: dict[str, Names] = {}
        self._beginnings: set[str] = set()
        self._known: dict[str, _Known] = {}
        self._ends: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._folders or self._names)

    def add(self, literal: str, number: int) -> None:
        """Add a literal that ends with a separator. All are added before the first look-up."""
        start = literal.rfind("/") + 1
        folder, name = literal[:start], literal[start:]
        (self._names.setdefault(folder, {}).setdefault(name, []) if name else self._folders.setdefault(folder, [])).append(number)
        if name:
            self._ends.add(name[-1])
        while folder and folder not in self._beginnings:
            self._beginnings.add(folder)
            folder = folder[: folder.rfind("/", 0, -1) + 1]

    def last(self, text: str) -> int:
        """The highest number of all literals that the text holds; -1 where it holds none."""
        start = text.rfind("/") + 1
        known = self._known.get(text[:start]) or self._learn(text[:start])
        best = known.last
        for numbers in self._in_name(known.names, text, start) if known.names else ():
            best = max(best, numbers[-1])
        return best

    def found(self, text: str) -> list[int]:
        """The numbers of all literals that the text holds, in no order."""
        start = text.rfind("/") + 1
        known = self._known.get(text[:start]) or self._learn(text[:start])
        found = list(known.numbers)
        for numbers in self._in_name(known.names, text, start) if known.names else ():
            found += numbers
        return found

    def _in_name(self, tables: tuple[Names, ...], text: str, start: int, stop: int | None = None) -> list[list[int]]:
        """Of each literal that ends inside the name at ``start``: its numbers."""
        found: list[list[int]] = []
        for end in self._ends:
            place = text.find(end, start, stop)
            while place >= 0:
                beginning = text[start : place + 1]
                found += [numbers for table in tables if (numbers := table.get(beginning))]
                place = text.find(end, place + 1, stop)
        return found

    def _learn(self, folder: str) -> _Known:
        above, done = self._deepest_known(folder)
        known = above or self._keep("", (), () if self._anywhere else (0,))
        while done < len(folder):
            start, done = done, folder.index("/", done) + 1
            inside = [number for numbers in self._in_name(known.names, folder, start, done) for number in numbers]
            reached = [place for place in known.places if folder[place:done] in self._beginnings]
            ending = [number for place in reached for number in self._folders.get(folder[place:done], ())]
            here = [done - 1] if self._anywhere and "/" in self._beginnings else []
            known = self._keep(folder[:done], (*known.numbers, *inside, *ending), (*reached, *here))
        return known

    def _deepest_known(self, folder: str) -> tuple[_Known | None, int]:
        end = len(folder)
        while end:
            end = folder.rfind("/", 0, end - 1) + 1
            known = self._known.get(folder[:end])
            if known:
                return known, end
        return None, 0

    def _keep(self, folder: str, numbers: tuple[int, ...], places: tuple[int, ...]) -> _Known:
        names = tuple(names for place in places if (names := self._names.get(folder[place:])))
        known = self._known[folder] = _Known(numbers, places, names)
        return known


class _Known:
    """Of a folder: the literals in it, the places from which longer ones may reach on, and the names in it that end some."""

    __slots__ = ("last", "names", "numbers", "places")

    def __init__(self, numbers: tuple[int, ...], places: tuple[int, ...], names: tuple[Names, ...]) -> None:
        self.numbers = numbers
        self.places = places
        self.names = names
        self.last = max(numbers, default=-1)


class Tails:
    """Literals that each begin with ``/``, with one number each: which of them does a text end with?"""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._folders: set[str] = set()
        self._known: dict[str, tuple[int, ...]] = {}

    def __bool__(self) -> bool:
        return bool(self._numbers)

    def add(self, literal: str, number: int) -> None:
        """Add a literal; of equals the last counts. All are added before the first look-up."""
        self._numbers[literal] = number
        self._folders.add(literal[: literal.rfind("/") + 1])

    def last(self, text: str) -> int:
        """The highest number of all literals that the text ends with; -1 where it ends with none."""
        best = -1
        for place in self._places(text):
            best = max(best, self._numbers.get(text[place:], -1))
        return best

    def found(self, text: str) -> list[int]:
        """The numbers of all literals that the text ends with, the longest first."""
        return [self._numbers[tail] for place in self._places(text) if (tail := text[place:]) in self._numbers]

    def _places(self, text: str) -> tuple[int, ...]:
        start = text.rfind("/") + 1
        folder = text[:start]
        places = self._known.get(folder)
        if places is None:
            places = self._known[folder] = tuple(p for p in range(start) if folder[p] == "/" and folder[p:] in self._folders)
        return places
