"""The folders that a user or Sentry maps to folders of the repository: they are asked before anything is guessed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from deploywatch.model import Frame
from deploywatch.stacktraces.path_index import PathIndex

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ConfiguredRoots:
    """``code_roots`` are ours (``--code-root FROM=TO``), ``code_mappings`` Sentry's (``stackRoot``, ``sourceRoot``)."""

    code_roots: Pairs
    code_mappings: Pairs

    def find(self, frame: Frame, index: PathIndex) -> tuple[str, str] | None:
        """The frame's file and the rule's kind; the first root that leads to a file of the repository decides."""
        paths = [path for path in (frame.path, frame.abs_path) if path]
        ours = (_below(path, start, end) for start, end in _longest_first(self.code_roots) for path in paths)
        theirs = (_replaced(path, start, end) for start, end in _longest_first(self.code_mappings) for path in paths)
        for kind, files in (("code-root", ours), ("code-mapping", theirs)):
            file = next((file for file in files if file in index), None)
            if file is not None:
                return file, kind
        return None


def _longest_first(pairs: Pairs) -> Iterable[tuple[str, str]]:
    """The most specific root wins, and an empty one, which fits everything, comes last, as in Sentry."""
    return sorted(pairs, key=lambda pair: -len(pair[0]))


def _below(path: str, start: str, end: str) -> str | None:
    """``path`` moved from folder ``start`` to folder ``end``; ``/app`` does not hold ``/app2/x.py``."""
    folder = start.replace("\\", "/")
    if folder and not folder.endswith("/") and path != folder:
        folder += "/"
    return _joined(end, path[len(folder) :]) if path.startswith(folder) else None


def _replaced(path: str, start: str, end: str) -> str | None:
    """Sentry's rule: the prefix as plain text, replaced once.

    https://github.com/getsentry/sentry/blob/master/src/sentry/issues/auto_source_code_config/code_mapping.py
    """
    prefix = start.replace("\\", "/")
    return _clean(end + path[len(prefix) :]) if path.startswith(prefix) else None


def _joined(folder: str, rest: str) -> str:
    return _clean(f"{folder.rstrip('/')}/{rest}")


def _clean(path: str) -> str:
    return "/".join(part for part in path.replace("\\", "/").split("/") if part not in ("", "."))
