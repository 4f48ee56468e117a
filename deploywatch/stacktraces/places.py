"""What a frame says of its file -> places: plain relative paths, ready to be compared with the repository's.

Taken off are drive letters, the addresses that bundlers invent (``webpack:///./src/a.ts``, ``app:///``, ``~/``,
``turbopack:///[project]/``), hosts, and the marks of reproducible builds (``/_/``). Languages whose frames name a bare
file get its folder from the module: Java and Kotlin packages, Go import paths, Python and C# names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from deploywatch.model import Frame

_SCHEME = re.compile(r"(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]{1,24}):(?://(?P<authority>[^/]*))?(?P<path>/.*|\./.*|)$")
_LAYER = re.compile(r"/?(?:\([a-z][\w-]*\)|\[project\])(?=/)")
_DRIVE = re.compile(r"/?[A-Za-z]:/")
_CONTAINER_ROOT = re.compile(
    r"(?:app|code|src|srv|repo|work|workspace|function|var/task|var/www(?:/html)?|usr/src/app|usr/src|opt/[^/]+|srv/[^/]+"
    r"|home/[^/]+(?:/[^/]+)?|root(?:/[^/]+)?|Users/[^/]+(?:/[^/]+)?|github/workspace|builds/[^/]+/[^/]+|workspaces/[^/]+)$"
)
_SOURCE_SUFFIX: Final = {"python": ".py", "csharp": ".cs", "java": ".java"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file may be: ``parts`` of its path, and whether they begin at the root of the machine that ran it.

    ``by_module`` places are built from a module's name: their beginning is a package, not a folder.
    """

    parts: tuple[str, ...]
    is_absolute: bool = False
    by_module: bool = False

    @property
    def text(self) -> str:
        """The path, relative."""
        return "/".join(self.parts)

    @property
    def is_bare(self) -> bool:
        """Whether nothing is known of the file but its name: no folder, or only the root that containers are built in."""
        return len(self.parts) == 1 or (self.is_absolute and _CONTAINER_ROOT.match("/".join(self.parts[:-1])) is not None)


def places_of(frame: Frame, language: str) -> tuple[Place, ...]:
    """Every place of the frame's file, the reported path first; empty where it names no file."""
    reported = [place for path in (frame.path, frame.abs_path) if path and (place := place_of(path)) is not None]
    module = _module_place(frame, language)
    if module is None:
        return tuple(dict.fromkeys(reported))
    return (*(place for place in reported if len(place.parts) > 1), module)


def place_of(path: str) -> Place | None:
    """The place that ``path`` names; ``None`` where it names none, as ``<string>`` does."""
    if not path or path[0] == "<" or (path[0] == "[" and path[-1] == "]"):
        return None
    text, is_absolute = _local(path.replace("\\", "/") if "/" not in path or _DRIVE.match(path.replace("\\", "/")) else path)
    parts: list[str] = []
    for part in text.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in ("", ".", ".."):
            parts.append(part)
    return Place(tuple(parts), is_absolute) if parts else None


def _local(path: str) -> tuple[str, bool]:
    """The path without scheme, host, drive and bundler's layer, and whether it begins at a machine's root."""
    if _DRIVE.match(path):
        return path.partition(":")[2], True
    if path.startswith("/_/"):
        return path[3:], False
    if path.startswith("~/"):
        return path[2:], False
    address = _SCHEME.match(path)
    if address is None:
        return _LAYER.sub("", path, count=1) if path.startswith("[") else path, path.startswith("/")
    inner = re.split(r"[?#]", address["path"], maxsplit=1)[0]
    if address["scheme"] == "file":
        return (inner.partition(":")[2] if _DRIVE.match(inner) else inner), True
    return _LAYER.sub("", inner, count=1), False


def _module_place(frame: Frame, language: str) -> Place | None:
    module = frame.module
    if not module or language not in ("java", "go", "python", "csharp", "elixir"):
        return None
    name = (frame.path or "").rpartition("/")[2]
    if language == "go":
        folders = tuple(part for part in module.split("/") if part)
        return Place((*folders, name), by_module=True) if name and len(folders) > 1 else None
    if language == "elixir":
        words = [_underscored(word) for word in module.removeprefix("Elixir.").split(".")]
        return None if frame.path else Place(("lib", *words[:-1], words[-1] + ".ex"), by_module=True)
    return _dotted_place(module, name, language)


def _dotted_place(module: str, name: str, language: str) -> Place | None:
    """A class or a module of Java, C# or Python: its package is the folder; without a file, the outermost class is its name."""
    words = [word for word in re.split(r"[.+]", module.partition("/")[2] or module) if word]
    if not words or (name and language == "python"):
        return None
    outermost = words[-1].partition("$")[0].partition("`")[0]
    file = name or outermost + _SOURCE_SUFFIX[language]
    return Place((*words[:-1], file), by_module=True) if outermost else None


def _underscored(word: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", word).lower()
