"""Finds and reads deploywatch.toml: one ``Settings``, or one ``ConfigError`` that says which key to correct and how."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from deploywatch.errors import ConfigError

if TYPE_CHECKING:  # pydantic is not imported where there is no file to check
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

    from deploywatch.settings import Settings

FILE_NAME: Final = "deploywatch.toml"
VARIABLE: Final = "DEPLOYWATCH_CONFIG"
_REFERENCE: Final = "env:"
_MOST_COMPLAINTS: Final = 5
_TABLE: Final = re.compile(r"\s*\[")
_SERVICE: Final = re.compile(r"\s*\[\[\s*services\s*\]\]")
_NAME: Final = re.compile(r"""\s*name\s*=\s*(?P<quote>["'])(?P<name>[^"'\\]+)(?P=quote)""")


def load_settings(path: Path | None, environ: Mapping[str, str], *, start: Path | None = None) -> Settings:
    """The settings of ``path``, else of the file that DEPLOYWATCH_CONFIG names, else of the nearest file from ``start`` upwards.

    Without any file it is all defaults. Raises ``ConfigError``.
    """
    from deploywatch.settings import Settings

    file = path or find_config(start or Path.cwd(), environ)
    return Settings() if file is None else _read(file)


def find_config(start: Path, environ: Mapping[str, str]) -> Path | None:
    """The file that DEPLOYWATCH_CONFIG names, else the nearest deploywatch.toml from ``start`` up to the repository's root."""
    if named := environ.get(VARIABLE, "").strip():
        return Path(named)
    return next((file for folder in _upwards(start.absolute()) if (file := folder / FILE_NAME).is_file()), None)


def _upwards(start: Path) -> tuple[Path, ...]:
    """Not beyond the repository, and no further than here where there is none: somebody else's file in /tmp must not decide."""
    folders = (start, *start.parents)
    root = next((depth for depth, folder in enumerate(folders) if (folder / ".git").exists()), 0)
    return folders[: root + 1]


def from_environment(value: str, environ: Mapping[str, str], *, key: str) -> str:
    """``value`` itself, or for ``env:NAME`` that variable's. ``key`` is the dotted key to name when the variable is not set.

    Raises ``ConfigError``, never with the value in it.
    """
    if not value.startswith(_REFERENCE):
        return value
    name = value.removeprefix(_REFERENCE).strip()
    found = environ.get(name, "").strip()
    if not found:
        raise ConfigError(
            f"{key} is to be read from the variable {name}, which is not set", hint=f"set {name}, or correct {key} in {FILE_NAME}"
        )
    return found


def _read(file: Path) -> Settings:
    from pydantic import ValidationError

    from deploywatch.settings import Settings

    try:
        text = file.read_text(encoding="utf-8")
        context = {"folder": file.absolute().parent, "service_lines": service_lines(text)}
        return Settings.model_validate(tomllib.loads(text), context=context)
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be read: {error.strerror}", hint=f"correct --config or {VARIABLE}, or leave it out"
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file} is not UTF-8 text (byte {error.start})", hint="save the file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file} is not TOML: {error}", hint="correct that line; texts stand in double quotes") from error
    except ValidationError as error:
        raise _refusal(file, error.errors(include_url=False, include_input=False)) from None


def service_lines(text: str) -> dict[str, int]:
    """Where in the text of deploywatch.toml each ``[[services]]`` table begins, from 1, by the name of the service.

    A TOML parser does not tell lines. A service that is written in another way than as a table of its own is left out.
    """
    found: dict[str, int] = {}
    start = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if _TABLE.match(line):
            start = number if _SERVICE.match(line) else 0
        elif start and (name := _NAME.match(line)):
            found.setdefault(name["name"], start)
    return found


def _refusal(file: Path, found: list[ErrorDetails]) -> ConfigError:
    from deploywatch.settings import Settings

    complaints = [_complaint(Settings, detail) for detail in found[:_MOST_COMPLAINTS]]
    more = [f"and {len(found) - _MOST_COMPLAINTS} more"] if len(found) > _MOST_COMPLAINTS else []
    lines = "\n  ".join(complaints + more) if len(found) > 1 else complaints[0]
    return ConfigError(
        f"{file}: {lines}" if len(found) == 1 else f"{file}:\n  {lines}",
        hint="docs/configuration.md lists every key and its form",
    )


def _complaint(model: type[BaseModel], detail: ErrorDetails) -> str:
    where = _dotted(detail["loc"])
    if detail["type"] == "extra_forbidden":
        return f"{where} is not a key{_suggestion(model, detail['loc'])}"
    if detail["type"] == "missing":
        return f"{where} is missing"
    what = detail["msg"].removeprefix("Value error, ")
    return f"{where}: {what}" if where else what


def _dotted(location: tuple[int | str, ...]) -> str:
    """``("channels", 0, "url")`` -> ``channels[0].url``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).removeprefix(".")


def _suggestion(model: type[BaseModel], location: tuple[int | str, ...]) -> str:
    from difflib import get_close_matches

    known = _keys_at(model.model_json_schema(), location[:-1])
    near = get_close_matches(str(location[-1]), known, n=1, cutoff=0.5)
    if not near:
        return f"; the keys there are {', '.join(known)}"
    return f": did you mean {_dotted((*location[:-1], near[0]))}?"


def _keys_at(schema: dict[str, Any], location: tuple[int | str, ...]) -> list[str]:
    """The keys that the JSON Schema allows at ``location``."""
    here = schema
    for part in location:
        here = here["items"] if isinstance(part, int) else here["properties"][part]
        if "$ref" in here:
            here = schema["$defs"][here["$ref"].rpartition("/")[2]]
    return list(here.get("properties", ()))
