"""The commit changed a module from which the failing statement's names are imported, or an import that cannot be done any more.

The edge from a file of the stack to another file: one hop along the imports, taken only for names that the stack's statements use
(ranking.md S9, S12).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from deploywatch.model import Commit
from deploywatch.suspects.kinds import is_inert
from deploywatch.suspects.scene import Scene
from deploywatch.suspects.signals.base import Hit
from deploywatch.suspects.syntax.words import identifiers

_FROM: Final = re.compile(r"^[ \t]*from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n#;]+)", re.MULTILINE)
_IMPORT: Final = re.compile(r"^[ \t]*import[ \t]+([\w. ,\t]+)$", re.MULTILINE)
_SCRIPT: Final = re.compile(
    r"\bimport\s+(?:type\s+)?([\w$*{}\s,]+?)\s+from\s+['\"]([^'\"\n]+)['\"]"
    r"|(?:const|let|var)\s+([\w$]+|\{[^}]*\})\s*=\s*(?:await\s+import|require)\(\s*['\"]([^'\"\n]+)['\"]\s*\)(?:\.([\w$]+))?"
)
_IMPORTS: Final = re.compile(r"^\s*(?:import\b|from\s+\S+\s+import\b|export\s.*\bfrom\b|use\s|require|#include)|\brequire\(")
_FAILED: Final = re.compile(
    r"ImportError|ModuleNotFoundError|No module named|cannot import name|Cannot find module|circular import"
    r"|before initialization|does not provide an export|NoClassDefFound|ClassNotFound|autoload|LoadError",
)
_DEPTH: Final = 3


def imported(scene: Scene, commit: Commit, /) -> Hit | None:
    """A file was changed from which a file of the stack imports a name of its failing statement."""
    edges = scene.once(_edges)
    best: Hit | None = None
    for diff in scene.diffs_of.get(commit.sha, ()) if edges else ():
        path = scene.head_path(diff)
        if is_inert(path) or path in scene.files:
            continue
        for module, (name, weight, file) in edges.items():
            if _is_module(path, module) and weight > (best.value if best else 0.0):
                text = f"changed {path}, from which {file} imports `{name}` of the failing statement"
                best = Hit(weight, text, path, None, diff.hunks[0] if diff.hunks else None)
    return best


def import_line(scene: Scene, commit: Commit, /) -> Hit | None:
    """Where an import failed: imports were changed in a file of the stack, or the missing name is in the changed imports."""
    if not scene.says(_FAILED):
        return None
    for diff in scene.diffs_of.get(commit.sha, ()):
        path = scene.head_path(diff)
        if path not in scene.files:
            continue
        for hunk in diff.hunks:
            line = next((line for line in (*hunk.added, *hunk.removed) if _IMPORTS.search(line)), None)
            if line:
                return Hit(1.0, f"changed an import of {path}, a file of the stack: `{line.strip()[:80]}`", path, None, hunk)
    return None


def _edges(scene: Scene) -> Mapping[str, tuple[str, float, str]]:
    """Imported module -> the statement's name that comes from it, the frame's weight, the importing file."""
    found: dict[str, tuple[str, float, str]] = {}
    for place in scene.places:
        if place.depth > _DEPTH:
            continue
        used = frozenset(identifiers(scene.statement(place)))
        for module, name in _imports(place.file, scene.material.sources.get(place.file, "")):
            if name in used and place.weight > found.get(module, ("", 0.0, ""))[1]:
                found[module] = (name, place.weight, place.file)
    return found


def _imports(file: str, text: str) -> Iterator[tuple[str, str]]:
    """The imported modules of a source file as paths without ending, each with a name that it gives."""
    if file.endswith((".py", ".pyi")):
        yield from _python_imports(file, text)
        return
    for names, module, single, required, member in _SCRIPT.findall(text):
        target = module or required
        if target.startswith("."):
            path = _joined(file.rpartition("/")[0], target)
            for name in re.findall(r"[\w$]+", names or single):
                yield path, name
            if member:
                yield path, member


def _python_imports(file: str, text: str) -> Iterator[tuple[str, str]]:
    for module, names in _FROM.findall(text):
        dots = len(module) - len(module.lstrip("."))
        folder = "/".join(file.split("/")[:-dots]) if dots else ""
        base = "/".join(part for part in (folder, module.lstrip(".").replace(".", "/")) if part)
        for part in names.strip("()").replace("\n", ",").split(","):
            name, _, alias = part.partition("#")[0].strip().partition(" as ")
            if name:
                yield base, alias.strip() or name
                yield f"{base}/{name}", alias.strip() or name
    for modules in _IMPORT.findall(text):
        for part in modules.split(","):
            module, _, alias = part.strip().partition(" as ")
            if module:
                yield module.strip().replace(".", "/"), alias.strip() or module.split(".")[0].strip()


def _joined(folder: str, relative: str) -> str:
    parts = folder.split("/") if folder else []
    for part in relative.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in (".", ""):
            parts.append(part)
    return "/".join(parts)


def _is_module(path: str, module: str) -> bool:
    """``shop/pricing/tax.py`` is ``shop/pricing/tax`` and, below an import root, ``pricing/tax``; packages go by their folder."""
    stem = path.rpartition(".")[0].removesuffix("/__init__").removesuffix("/index")
    return module in (stem, path) or ("/" in module and stem.endswith(f"/{module}"))
