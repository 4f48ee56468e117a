"""Which file of the repository a place is, by the ends of their paths and by what the trace's other frames prove.

A pair of place and file that share their last ``length`` parts supposes a *root*: that the folder before those parts on
the machine (``/app``) is the folder before them in the repository (``services/shop``). All frames of a trace come from
one deployment, so the root that explains most of them decides between files of one name; only then the length does.

A single shared part is weak: ``flask/app.py`` is not the repository's ``app.py``. It counts where no folder contradicts
it (the place is a bare name, or absolute and the file lies in the root of the repository) and the reporter did not say
that the frame is foreign; or where a root that other frames prove leads there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from deploywatch.stacktraces.path_index import PathIndex
from deploywatch.stacktraces.places import Place

_MAX_CANDIDATES: Final = 20
_MAX_BARE: Final = 200

Root = tuple[tuple[str, ...], tuple[str, ...], bool]
"""Folder on the machine, folder in the repository, and whether the former begins at the machine's root."""


@dataclass(frozen=True, slots=True)
class Fit:
    """That a place may be ``file``, because their last ``length`` parts are the same."""

    place: Place
    file: str
    length: int
    root: Root

    @property
    def is_whole(self) -> bool:
        """Whether nothing contradicts it: one path is wholly the end of the other."""
        return not self.root[1] or (not self.root[0] and not self.place.is_absolute)

    @property
    def is_exact(self) -> bool:
        """Whether the reported path is the repository's."""
        return not (self.root[0] or self.root[1] or self.place.is_absolute or self.place.by_module)


@dataclass(frozen=True, slots=True)
class Choice:
    """The fit that was chosen for a frame, or the files between which nothing decides."""

    fit: Fit | None
    candidates: tuple[str, ...] = ()


def fits_of(places: Iterable[Place], index: PathIndex, *, trusted: bool | None) -> list[Fit]:
    """The sound fits of a frame's places. ``trusted`` is the reporter's word on whether the frame is in-app."""
    found = []
    for place in places:
        files: Sequence[str] = index.sharing(place.parts)
        if not files and place.is_bare and trusted is not False and len(index.named(place.parts[-1])) <= _MAX_BARE:
            files = index.named(place.parts[-1])
        found += [fit for fit in (_fit(place, file) for file in files) if _is_sound(fit, trusted=trusted)]
    return found


def support(fits_by_frame: Iterable[Sequence[Fit]]) -> Mapping[Root, int]:
    """How many different places each root explains."""
    explained: dict[Root, set[Place]] = defaultdict(set)
    for fits in fits_by_frame:
        for fit in fits:
            explained[fit.root].add(fit.place)
    return {root: len(places) for root, places in explained.items()}


def led_by_roots(places: Iterable[Place], roots: Mapping[Root, int], index: PathIndex) -> list[Fit]:
    """The fits of a frame that only the roots of other frames lead to; a root counts as proven from two places on."""
    found = []
    for place in places:
        for root, count in roots.items():
            machine, repository, is_absolute = root
            rest = place.parts[len(machine) :]
            file = "/".join((*repository, *rest))
            if (
                count > 1
                and rest
                and place.is_absolute == is_absolute
                and place.parts[: len(machine)] == machine
                and file in index
            ):
                found.append(Fit(place, file, len(rest), root))
    return found


def choose(fits: Sequence[Fit], roots: Mapping[Root, int]) -> Choice:
    """The fit of the best supported root, then the longest, then the one that nothing contradicts; or all that tie."""
    if not fits:
        return Choice(None)

    def strength(fit: Fit) -> tuple[int, int, bool, bool]:
        return roots.get(fit.root, 1), fit.length, fit.is_whole, fit.is_exact

    best = max(map(strength, fits))
    tied = {fit.file: fit for fit in reversed(fits) if strength(fit) == best}
    if len(tied) == 1:
        return Choice(next(iter(tied.values())))
    return Choice(None, tuple(sorted(tied))[:_MAX_CANDIDATES])


def _fit(place: Place, file: str) -> Fit:
    parts = tuple(file.split("/"))
    length = 0
    for ours, theirs in zip(reversed(place.parts), reversed(parts), strict=False):
        if ours != theirs:
            break
        length += 1
    root = (place.parts[: len(place.parts) - length], parts[: len(parts) - length], place.is_absolute)
    return Fit(place, file, length, root)


def _is_sound(fit: Fit, *, trusted: bool | None) -> bool:
    if fit.is_exact:
        return True
    if fit.length == 1:
        is_uncontradicted = fit.place.is_bare or (fit.place.is_absolute and "/" not in fit.file)
        return is_uncontradicted and trusted is not False
    return fit.is_whole or fit.place.is_absolute or fit.place.by_module or trusted is True
