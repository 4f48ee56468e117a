"""Frames of a stack trace -> files of the repository at head, and which frames are the application's own.

In this order: configured roots; for a frame of a library only itself or, where the repository's own package is
installed, that package; for all others the best fit of ``suffixes``. Each answer says how it was found.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from deploywatch.model import Frame, MappedFrame, StackTrace
from deploywatch.stacktraces.configured_roots import ConfiguredRoots, Pairs
from deploywatch.stacktraces.libraries import is_library, is_library_path, is_test_file, library_folder_end
from deploywatch.stacktraces.path_index import PathIndex
from deploywatch.stacktraces.places import Place, places_of
from deploywatch.stacktraces.suffixes import Choice, Fit, choose, fits_of, led_by_roots, support

__all__ = ["PathIndex", "map_frames"]

_INSTALLED = re.compile(r"(?:^|/)(?:site|dist)-packages/(?P<package>[^/]+)/(?P<rest>.+)$")
_IMPORT_ROOTS: Final = ("", "src/", "lib/", "python/")
_ANYBODYS_PACKAGES: Final = frozenset(
    {"test", "tests", "docs", "doc", "examples", "scripts", "tools", "benchmarks", "utils", "config"}
)


@dataclass(frozen=True, slots=True)
class _Site:
    """A frame with what is known of its file before the other frames are asked."""

    frame: Frame
    places: tuple[Place, ...]
    is_library: bool
    file: str | None = None
    mapped_by: str = "none"
    fits: tuple[Fit, ...] = ()


def map_frames(
    trace: StackTrace, index: PathIndex, *, code_roots: Pairs = (), code_mappings: Pairs = ()
) -> tuple[MappedFrame, ...]:
    """Map every frame, in the order of ``StackTrace.frames``.

    ``code_roots`` are pairs of a folder where the program ran and its folder in the repository (``""`` is the root);
    ``code_mappings`` are Sentry's pairs of stack root and source root.
    """
    roots = ConfiguredRoots(code_roots, code_mappings)
    frames = trace.frames
    known = {frame: _site(frame, trace.language, index, roots) for frame in dict.fromkeys(frames)}
    proven = support(site.fits for site in known.values())
    leading = {root: count for root, count in proven.items() if count > 1}
    chosen = {}
    for frame, site in known.items():
        is_open = site.file is None and not site.is_library
        fits = [*site.fits, *led_by_roots(site.places, leading, index)] if is_open else []
        chosen[frame] = choose(fits, proven)
    own = _in_app([(frame, known[frame], chosen[frame]) for frame in frames])
    return tuple(_mapped(number, known[frame], chosen[frame], in_app=own[number]) for number, frame in enumerate(frames))


def _site(frame: Frame, language: str, index: PathIndex, roots: ConfiguredRoots) -> _Site:
    foreign = is_library(frame, language)
    places = places_of(frame, language)
    configured = roots.find(frame, index)
    if configured is not None:
        return _Site(frame, places, is_library=is_library_path(configured[0]), file=configured[0], mapped_by=configured[1])
    if foreign:
        return _library_site(frame, places, language, index)
    if _is_standard_library(frame, language) and not any(place.text in index for place in places):
        return _Site(frame, places, is_library=True, mapped_by="library")
    return _Site(frame, places, is_library=False, fits=tuple(fits_of(places, index, trusted=frame.in_app)))


def _library_site(frame: Frame, places: tuple[Place, ...], language: str, index: PathIndex) -> _Site:
    """A library's frame is a file of the repository only where its folder of packages is committed, too."""
    for path in (frame.path, frame.abs_path):
        installed = _INSTALLED.search(path or "")
        own = _own_installed_package(installed["package"], installed["rest"], index) if installed else None
        if own is not None:
            return _Site(frame, places, is_library=False, file=own, mapped_by="module")
    for place in places:
        inside = library_folder_end(place.text, language)
        through = place.text[:inside].rstrip("/").count("/") + 1 if inside else 1
        committed = ("/".join(place.parts[start:]) for start in range(through))
        file = next((path for path in committed if path in index), None)
        if file is not None:
            exact = place.text == file and not place.is_absolute
            return _Site(frame, places, is_library=True, file=file, mapped_by="exact" if exact else "suffix")
    return _Site(frame, places, is_library=True, mapped_by="library")


def _own_installed_package(package: str, rest: str, index: PathIndex) -> str | None:
    """The file of the repository's own Python package, when it runs from where pip installed it."""
    if package in _ANYBODYS_PACKAGES:
        return None
    roots = (root for root in _IMPORT_ROOTS if f"{root}{package}/__init__.py" in index)
    return next((path for root in roots if (path := f"{root}{package}/{rest}") in index), None)


def _is_standard_library(frame: Frame, language: str) -> bool:
    """SDKs report ``unittest/case.py`` without its folder; the name counts only where the reporter says that it is foreign."""
    first = re.split(r"[/.]", frame.path or "", maxsplit=1)[0]
    return language == "python" and frame.in_app is False and first in sys.stdlib_module_names


def _in_app(sites: Sequence[tuple[Frame, _Site, Choice]]) -> list[bool]:
    """The reporter's word; where it has none, whether the file is of the repository and no test's.

    Some reporters mark every frame foreign (their root is unknown to them). A trace without any frame of the
    application explains nothing, so then all frames count whose file is in the repository.
    """
    ours = [not site.is_library and _file(site, choice) is not None for _, site, choice in sites]
    said = [
        not site.is_library
        and (frame.in_app if frame.in_app is not None else mine and not is_test_file(_file(site, choice) or ""))
        for (frame, site, choice), mine in zip(sites, ours, strict=True)
    ]
    return said if any(said) else ours


def _file(site: _Site, choice: Choice) -> str | None:
    return site.file or (choice.fit.file if choice.fit else None)


def _mapped(number: int, site: _Site, choice: Choice, *, in_app: bool) -> MappedFrame:
    return MappedFrame(
        index=number,
        frame=site.frame,
        file=_file(site, choice),
        in_app=in_app,
        mapped_by=_how(site, choice),
        line=site.frame.line,
        candidates=choice.candidates,
    )


def _how(site: _Site, choice: Choice) -> str:
    if choice.fit is None:
        return "ambiguous" if choice.candidates else site.mapped_by
    if choice.fit.is_exact:
        return "exact"
    return "module" if choice.fit.place.by_module else "suffix"
