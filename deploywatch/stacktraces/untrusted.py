"""Values of a JSON document that nobody vouches for: each reader returns the value in its proper type, or ``None``.

Nothing here raises: a wrong type, NaN, an absurd number or a control character makes a value unknown, never a crash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

MAX_TEXT: Final = 16_384
"""Characters kept of any one text: Sentry itself cuts exception values at 4096 to 8192."""

MAX_NUMBER: Final = 2**31 - 1
"""The largest line or column that is believed; compilers themselves stop here."""

MAX_WORD: Final = 1_024
"""Characters kept of a name; the longest path that git and Linux take has 4096, but no repository's comes near."""

_LINE_BREAKS = re.compile(r"[\n\t]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u0080-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_SESSION_PARAMETER = re.compile(r";jsessionid=[^/;]*", re.IGNORECASE)
_AUTHORITY = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


def clean(value: str, *, limit: int = MAX_TEXT) -> str:
    """At most ``limit`` characters of ``value``, without control, direction and surrogate characters; newlines and tabs stay."""
    cut = value[:limit].replace("\r\n", "\n")
    return _SURROGATE.sub("\ufffd", _CONTROL.sub("", cut))


def text(value: object) -> str | None:
    """A text that is not empty; everything else, numbers too, is ``None``."""
    return clean(value) or None if isinstance(value, str) else None


def word(value: object) -> str | None:
    """A short name on one line, or a whole number as text (ids come as both); spaces inside stay, paths may hold them."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**20 else None
    return _LINE_BREAKS.sub(" ", clean(value, limit=MAX_WORD)).strip() or None if isinstance(value, str) else None


def number(value: object) -> int | None:
    """A whole number from 0 to ``MAX_NUMBER``; digits as text and floats without a fraction count, truth values do not."""
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) <= 10 else None
    if isinstance(value, float):
        value = int(value) if value.is_integer() else None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= MAX_NUMBER else None


def position(value: object) -> int | None:
    """A line or a column, counted from 1; 0, which some reporters write for "unknown", is ``None``."""
    return number(value) or None


def truth(value: object) -> bool | None:
    """``True`` or ``False`` as written; everything else is ``None``."""
    return value if isinstance(value, bool) else None


def mapping(value: object) -> Mapping[str, object]:
    """The object, or an empty one; keys that are not text cannot be asked for and so do no harm."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> Iterator[object]:
    """The members of a JSON array that are not null; nothing for anything else."""
    return (item for item in value if item is not None) if isinstance(value, list | tuple) else iter(())


def instant(value: object) -> datetime | None:
    """Seconds since 1970, or ISO 8601 (UTC where it names no zone), as an aware UTC time."""
    try:
        if isinstance(value, str):
            read = datetime.fromisoformat(value.strip())
            return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return None


def public_url(value: str) -> str:
    """An address without user information, query, fragment and session id: the parts that carry secrets."""
    bare = _SESSION_PARAMETER.sub("", re.split(r"[?#]", value, maxsplit=1)[0])
    start = _AUTHORITY.match(bare)
    if start is None:
        return bare
    authority, slash, path = bare[start.end() :].partition("/")
    return f"{start.group()}{authority.rpartition('@')[2]}{slash}{path}"


def source_path(value: object) -> str | None:
    """The path of a source file in ``/`` form, without a query; a backslash stays where ``/`` separates already."""
    path = word(value)
    if path is None:
        return None
    if "\\" in path and ("/" not in path or _DRIVE.match(path)):
        path = path.replace("\\", "/")
    return public_url(path) if "://" in path else path
