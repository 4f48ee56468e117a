"""The forms of values in deploywatch.toml: durations, folders, patterns, slugs, and the section that every table is."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, WithJsonSchema

from deploywatch.durations import parse_duration
from deploywatch.report.formats import ENDINGS

FORMATS: Final = tuple(ENDINGS)


def _duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str):
        raise ValueError(f'{value!r} is not a duration: write it in quotes, like "15m"')  # noqa: TRY004 - pydantic collects ValueError
    return parse_duration(value)


def _beside_the_file(value: Path, info: ValidationInfo) -> Path:
    folder: Path | None = (info.context or {}).get("folder")
    return folder / value.expanduser() if folder else value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"{value!r} is not a regular expression: {error}") from None
    return value


def _format(value: str) -> str:
    if value not in FORMATS:
        raise ValueError(f"{value!r} is not a report format: use {', '.join(FORMATS)}")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration), WithJsonSchema({"type": "string", "examples": ["90s", "15m", "2h"]})]
Place = Annotated[Path, AfterValidator(_beside_the_file)]
Pattern = Annotated[str, AfterValidator(_pattern)]
Format = Annotated[str, AfterValidator(_format), WithJsonSchema({"enum": list(FORMATS)})]
Slug = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,100}$")]


class Section(BaseModel):
    """A table whose keys are all known."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
