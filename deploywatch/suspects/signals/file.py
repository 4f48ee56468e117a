"""The commit changed a file of the stack, and how many others did so too.

The first is the base of every published system, the second ranking.md's S16.
"""

from __future__ import annotations

from deploywatch.model import Commit
from deploywatch.suspects.kinds import is_inert
from deploywatch.suspects.scene import Scene
from deploywatch.suspects.signals.base import Hit, frame_name


def file(scene: Scene, commit: Commit, /) -> Hit | None:
    """The nearest frame whose file the commit changed."""
    touched = scene.touched(commit)
    place = max((p for p in scene.places if p.file in touched), key=lambda p: p.weight, default=None)
    if place is None:
        return None
    return Hit(place.weight, f"changed {place.file}, the file of {frame_name(place)}", place.file, place.line, None, place.index)


def only_one(scene: Scene, commit: Commit, /) -> Hit | None:
    """The same, shared among all commits of the window that changed that file: a file that everybody changes proves little."""
    touched = scene.touched(commit)
    place = max((p for p in scene.places if p.file in touched), key=lambda p: p.weight / scene.touchers[p.file], default=None)
    if place is None:
        return None
    others = scene.touchers[place.file] - 1
    text = (
        f"is the only commit of the window that changed {place.file}"
        if not others
        else f"is one of {others + 1} commits that changed {place.file}"
    )
    return Hit(place.weight / (others + 1), text, place.file, place.line, None, place.index)


def directory(scene: Scene, commit: Commit, /) -> Hit | None:
    """A change in the folder of a frame's file; weak, and noise in large windows (Predator dropped it there)."""
    weights = {place.file.rpartition("/")[0]: place for place in sorted(scene.places, key=lambda p: p.weight)}
    found = [
        weights[folder]
        for change in commit.files
        if not is_inert(change.path) and (folder := change.path.rpartition("/")[0]) in weights
    ]
    place = max(found, key=lambda p: p.weight, default=None)
    if place is None:
        return None
    return Hit(place.weight, f"changed the folder {place.file.rpartition('/')[0] or '.'}/, where frame #{place.index} is")
