"""The commit changed what is installed, and the failure came out of a library (ranking.md S11; Findit weighs dependency rolls).

No line of the repository is to blame then: the lock file or the list of requirements is the change.
"""

from __future__ import annotations

import re
from typing import Final

from deploywatch.model import Commit, FileDiff
from deploywatch.suspects.kinds import Kind, kind_of
from deploywatch.suspects.scene import Scene
from deploywatch.suspects.signals.base import Hit

# Where package managers put what they install; the first name behind it is the package's.
_INSTALLED: Final = re.compile(
    r"(?:site-packages|dist-packages|node_modules|vendor/bundle/[^/]+/[^/]+/gems|/gems|pkg/mod|registry/src/[^/]+|/vendor|/deps)/"
    r"(?!\d)((?:@[^/]+/|(?:[\w-]+\.)+[a-z]{2,}/[^/]+/)?[^/]+)"
)
_VERSION: Final = re.compile(r"[-@]v?\d[\w.+-]*$|\.py$")
_MISSING: Final = re.compile(
    r"No module named '?([\w.]+)|Cannot find (?:module|package) '([^']+)'|cannot load such file -- ([\w/-]+)"
)
_SOME: Final = 0.4


def dependency(scene: Scene, commit: Commit, /) -> Hit | None:
    """Whether a list of requirements or a lock file was changed: at the failing library, or at all."""
    wanted = scene.once(_libraries)
    if not wanted:
        return None
    best: Hit | None = None
    for diff in scene.diffs_of.get(commit.sha, ()):
        if kind_of(diff.change.path) is not Kind.DEPENDENCY or not diff.hunks:
            continue
        named = next((name for name in wanted if _names(diff, name)), None)
        value = 1.0 if named else _SOME
        if value > (best.value if best else 0.0):
            what = (
                f"`{named}`, out of which the failure came,"
                if named
                else "what is installed, and the failure came out of a library,"
            )
            best = Hit(value, f"changed {what} in {diff.change.path}", scene.head_path(diff), None, diff.hunks[0])
    return best


def _libraries(scene: Scene) -> tuple[str, ...]:
    """The packages whose code raised or was missing, by name, the nearest first."""
    found: list[str] = []
    for frame in scene.frames:
        if frame.in_app:
            break
        if match := _INSTALLED.search((frame.frame.path or "").replace("\\", "/")):
            found.append(_VERSION.sub("", match[1]))
    for raised in scene.trace.exceptions:
        missing = _MISSING.finditer((raised.message or "")[:2000])
        found += [(match[1] or match[2] or match[3]).split(".")[0] for match in missing]
    return tuple(dict.fromkeys(name for name in found if len(name) > 1 and not name.startswith(("./", "../", "/"))))


def _names(diff: FileDiff, package: str) -> bool:
    plain = re.escape(package.lower()).replace("_", "[-_.]").replace(r"\-", "[-_.]")
    word = re.compile(rf"(?<![\w-]){plain}(?![\w-])")
    return any(word.search(line.lower()) for hunk in diff.hunks for line in (*hunk.added, *hunk.removed, hunk.context))
