"""Secrets stand in the configuration by reference only, ``env:NAME`` or ``file:/path``; they are read here, when needed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from deploywatch.errors import ConfigError

_HINT: Final = "write env:NAME (a variable) or file:/path (the first line of a file) instead of the secret itself"
_LONGEST: Final = 64 * 1024


def is_reference(value: str) -> bool:
    """Whether a configured value refers to a secret."""
    return value.startswith(("env:", "file:"))


def read_secret(reference: str, environ: Mapping[str, str], *, key: str) -> str:
    """What the reference refers to, without surrounding space. ``key`` is how errors call it (``channels.team.url``).

    Raises ``ConfigError`` where it refers to nothing, or is no reference; the value is never in the error.
    """
    scheme, _, place = reference.partition(":")
    place = place.strip()
    if scheme == "env" and place:
        found = environ.get(place, "").strip()
        if not found:
            raise ConfigError(f"{key} is to be read from the variable {place}, which is not set", hint=f"set {place}")
        return found
    if scheme == "file" and place:
        return _from_file(Path(place).expanduser(), key)
    raise ConfigError(f"{key} is not a reference to a secret", hint=_HINT)


def _from_file(file: Path, key: str) -> str:
    try:
        with file.open(encoding="utf-8") as stream:
            found = stream.read(_LONGEST).strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        hint = "make the file readable, or correct the path"
        raise ConfigError(f"{key} is to be read from {file}: {reason}", hint=hint) from error
    if not found:
        raise ConfigError(f"{key} is to be read from {file}, which is empty", hint="write the secret into the file")
    return found
