"""The configuration files of sentry-cli: ``.sentryclirc`` / ``sentrycli.ini``, and the properties file of ``SENTRY_PROPERTIES``.

Found and merged as sentry-cli does it: the home file, then the *nearest* file walking up from the working directory, key by key,
then the properties file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from configparser import ConfigParser
from configparser import Error as IniError
from dataclasses import dataclass, field
from pathlib import Path

from deploywatch.errors import ConfigError

FILE_NAMES = (".sentryclirc", "sentrycli.ini")
MAX_FILE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Layer:
    """The settings of one place, as ``section.key`` (lower case) to text. ``place`` is how a person calls it."""

    place: str
    values: Mapping[str, str] = field(repr=False)


def file_layers(environ: Mapping[str, str], *, start: Path, home: Path) -> tuple[Layer, ...]:
    """Every file that applies to a process in ``start``, strongest first. Raises ``ConfigError`` for one that cannot be read."""
    layers = []
    if properties := environ.get("SENTRY_PROPERTIES"):
        path = start / properties
        layers.append(Layer(str(path), dict(_properties(path))))
    return (*layers, *(Layer(str(path), dict(_ini(path))) for path in _ini_paths(environ, start=start, home=home)))


def _ini_paths(environ: Mapping[str, str], *, start: Path, home: Path) -> tuple[Path, ...]:
    nearest = next(_existing(Path(folder) / name for folder in (start, *start.parents) for name in FILE_NAMES), None)
    everywhere = next(_existing(_home_candidates(environ, home)), None)
    return tuple(dict.fromkeys(path for path in (nearest, everywhere) if path))


def _home_candidates(environ: Mapping[str, str], home: Path) -> Iterator[Path]:
    yield home / ".sentryclirc"
    if folder := environ.get("XDG_CONFIG_HOME"):
        yield Path(folder) / "sentry" / "sentrycli.ini"
    yield home / ".config" / "sentry" / "sentrycli.ini"
    yield home / "Library" / "Application Support" / "sentry" / "sentrycli.ini"
    if folder := environ.get("APPDATA"):
        yield Path(folder) / "sentry" / "sentrycli.ini"


def _existing(paths: Iterator[Path]) -> Iterator[Path]:
    return (path for path in paths if path.is_file())


def _ini(path: Path) -> Iterator[tuple[str, str]]:
    parser = ConfigParser(interpolation=None, strict=False, allow_no_value=True, default_section="")
    try:
        parser.read_string(_read(path))
    except IniError:
        # The parser's own message quotes the line, and the line may be the token.
        raise ConfigError(
            f"{path} is not an INI file that can be read",
            hint="it needs sections like [auth] and lines like token=..., as sentry-cli writes them",
        ) from None
    for section in parser.sections():
        for key, value in parser.items(section):
            if value is not None:
                yield f"{section.lower()}.{key}", value.strip()


def _properties(path: Path) -> Iterator[tuple[str, str]]:
    """Java properties as far as the Sentry tools write them: ``key=value`` or ``key: value``, comments with ``#`` or ``!``."""
    for line in _read(path).splitlines():
        text = line.strip()
        if not text or text[0] in "#!":
            continue
        at = min((place for place in (text.find("="), text.find(":")) if place >= 0), default=-1)
        if at > 0:
            yield text[:at].strip().lower(), text[at + 1 :].strip()


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}", hint="correct its permissions or remove it") from error
    if len(content) > MAX_FILE_BYTES:
        raise ConfigError(
            f"{path} is too large to be a configuration file", hint="correct SENTRY_PROPERTIES, or replace the file"
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text", hint="save it as UTF-8") from None
