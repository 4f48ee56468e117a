"""The files of a revision, found by the end of their path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

_MANY: Final = 32
_VENDORING_SIGNS: Final = ("vendor/modules.txt", "vendor/autoload.php")
_COMMITTED_PACKAGES: Final = re.compile("node_modules/|bower_components/|site-packages/|vendor/bundle/")


class PathIndex:
    """The paths of a repository at head; built once for a window, in time and memory linear in them.

    A file is found by its name in one step. Names that many files share (``index.js``, ``__init__.py``) are also kept with
    their folder, so that no look-up walks thousands of paths. Packages that somebody committed are found by their whole
    path only: they are no answer to a part of one.
    """

    __slots__ = ("_by_name", "_by_tail", "_paths")

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = frozenset(paths)
        self._by_name: dict[str, list[str]] = {}
        vendored = tuple(path[: path.rfind("/") + 1] for path in self._paths if path.endswith(_VENDORING_SIGNS))
        for path in self._paths:
            if path.startswith(vendored) or _COMMITTED_PACKAGES.search(path):
                continue
            self._by_name.setdefault(path[path.rfind("/") + 1 :], []).append(path)
        self._by_tail: dict[str, list[str]] = {}
        for path in (path for shared in self._by_name.values() if len(shared) > _MANY for path in shared):
            self._by_tail.setdefault(_tail(path), []).append(path)

    def __contains__(self, path: object) -> bool:
        return path in self._paths

    def __len__(self) -> int:
        return len(self._paths)

    def named(self, name: str) -> Sequence[str]:
        """Every file called ``name``, in any folder but those of packages; in no particular order."""
        return self._by_name.get(name, ())

    def sharing(self, parts: Sequence[str]) -> list[str]:
        """The files whose name and folder are the last two of ``parts``, and the file in the root that has the name."""
        name = parts[-1]
        root = [name] if name in self._paths else []
        if len(parts) == 1:
            return root
        tail = f"{parts[-2]}/{name}"
        named = self.named(name)
        if len(named) > _MANY:
            return root + self._by_tail.get(tail, [])
        return root + [path for path in named if path == tail or path.endswith("/" + tail)]


def _tail(path: str) -> str:
    return "/".join(path.rsplit("/", 2)[-2:])
