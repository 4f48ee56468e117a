"""The texts of a frame that Sentry's path rules look at: file name, absolute path, and on some platforms a path made of others.

Source: Sentry's ``utils/event_frames.py``. Java reports only a bare file name and the module, Cocoa only absolute paths of the
build machine, Flutter ``package:`` addresses; for those a path as the repository has it is put together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final

from deploywatch.model import Frame


def frame_keys(frame: Frame, platform: str | None) -> tuple[str, ...]:
    """The texts in Sentry's order, without repeats; empty for a frame that names no file."""
    munge = _MUNGERS.get(platform or "")
    keys = (frame.path, frame.abs_path, munge(frame) if munge else None)
    return tuple(dict.fromkeys(key for key in keys if key))


def _java(frame: Frame) -> str | None:
    if not frame.path or not frame.module:
        return None
    package, dot, _ = frame.module.rpartition(".")
    return f"{package.replace('.', '/')}/{frame.path}" if dot and "/" not in frame.path else None


def _cocoa(frame: Frame) -> str | None:
    if not frame.package or not frame.abs_path:
        return None
    name = PurePosixPath(frame.package).name
    folders = frame.abs_path.split("/")
    return "/".join(folders[folders.index(name) :]) if name in folders else None


def _flutter(frame: Frame) -> str | None:
    prefix = f"package:{frame.package}/"
    address = frame.abs_path or ""
    return address.removeprefix(prefix) if frame.package and address.startswith(prefix) else None


_MUNGERS: Final[Mapping[str, Callable[[Frame], str | None]]] = MappingProxyType(
    {"java": _java, "cocoa": _cocoa, "other": _flutter, "dart": _flutter}
)
