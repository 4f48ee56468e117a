"""The commit wrote a statement that gave the failing statement its value, in a function of the stack.

A traceback names the line where a value was used; the change is often where it was made (see ``flow``).
"""

from __future__ import annotations

from deploywatch.model import Commit
from deploywatch.suspects.flow import Site, flow
from deploywatch.suspects.scene import Scene
from deploywatch.suspects.signals.base import Hit, frame_name


def reaching(scene: Scene, commit: Commit, /) -> Hit | None:
    """The nearest such statement that a hunk of the commit meets."""
    met = [site for site in scene.once(flow).sites if scene.hunk_at(site.place.file, commit, (site.first, site.last))]
    site: Site | None = max(met, key=lambda site: site.weight, default=None)
    if site is None:
        return None
    file = site.place.file
    text = f"set `{site.name}` at {file}:{site.first}, which the statement of {frame_name(site.place)} reads"
    return Hit(site.weight, text, file, site.first, scene.hunk_at(file, commit, (site.first, site.last)), site.place.index)
