"""Secrets stand in the configuration by reference only, ``env:NAME`` or ``file:/path``; they are read here, when needed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from deploywatch.errors import ConfigError
from deploywatch.report.redact import Redactor

_HINT: Final = "write env:NAME (a variable) or file:/path (the content of a file) instead of the secret itself"
_LONGEST: Final = 64 * 1024


class Vault:
    """Reads secrets, and remembers which it gave out, so that they can be kept out of everything that is written."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._given: dict[str, None] = {}
        self._addresses: dict[str, str] = {}

    @property
    def given(self) -> tuple[str, ...]:
        """The secrets that were read so far."""
        return tuple(self._given)

    @property
    def addresses(self) -> Mapping[str, str]:
        """The web addresses that were read so far, by their keys; they may be secrets."""
        return dict(self._addresses)

    def secret(self, reference: str, key: str) -> str:
        """What the reference refers to, without surrounding space. ``key`` is how errors call it (``channels.team.secret``).

        Raises ``ConfigError`` where it refers to nothing, or is no reference; the value is never in the error.
        """
        found = self._read(reference, key)
        self._given[found] = None
        return found

    def value(self, text: str, key: str) -> str:
        """A value that may or may not be a secret: a reference is read, anything else is taken as it stands.

        Raises ``ConfigError`` for a bad reference, and for a secret that stands there itself.
        """
        if text.startswith(("env:", "file:")):
            return self.secret(text, key)
        if Redactor().text(text) != text:
            raise ConfigError(f"{key} holds a secret", hint=_HINT)
        return text

    def address(self, text: str, key: str) -> str:
        """An http(s) address, as ``value``. Raises ``ConfigError`` also where it is none."""
        url = self.value(text, key)
        try:
            parts = urlsplit(url)
            fine = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            fine = False
        if not fine or any(character.isspace() for character in url):
            raise ConfigError(f"{key} is not the address of a web page", hint="write https://host/path, or a reference to it")
        self._addresses[key] = url
        return url

    def _read(self, reference: str, key: str) -> str:
        scheme, _, place = reference.partition(":")
        place = place.strip()
        if scheme == "env" and place:
            return self._from_variable(place, key)
        if scheme == "file" and place:
            return _from_file(Path(place).expanduser(), key)
        raise ConfigError(f"{key} is not a reference to a secret", hint=_HINT)

    def _from_variable(self, name: str, key: str) -> str:
        found = self._environ.get(name, "").strip()
        if not found:
            raise ConfigError(f"{key} is to be read from the variable {name}, which is not set", hint=f"set {name}")
        return found


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
