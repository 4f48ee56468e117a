"""Which parts of a deploy are watched by themselves: a small service's failures must not drown in the traffic of a large one."""

from __future__ import annotations

from collections.abc import Sequence

from deploywatch.owner_settings import Service

Part = tuple[str, tuple[str, ...]]
"""A name for people, and Sentry projects (slugs)."""


def watched_apart(services: Sequence[Service], projects: Sequence[str]) -> tuple[Part, ...]:
    """The projects of each service of the configuration, in its order, then those that are of none, together.

    A project that several services name is watched once, with the first. Services that are paths or tags of a shared project
    cannot be told apart by their traffic, and are watched with it. Without projects everything is watched together.
    """
    left = dict.fromkeys(projects)
    parts = []
    for service in services:
        own = tuple(project for project in service.projects if project in left)
        for project in own:
            del left[project]
        parts += [(service.name, own)] if own else []
    rest = tuple(left)
    return (*parts, *([(", ".join(rest), rest)] if rest or not parts else []))
