"""Durations as people write them: ``90s``, ``15m``, ``2h``, ``1h30m``, ``7d``."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

PATTERN: Final = r"(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)?"
_UNITS: Final = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_PART: Final = re.compile(r"(\d+)([dhms])")
LONGEST: Final = timedelta(days=366)


def parse_duration(text: str) -> timedelta:
    """The duration that ``text`` names, over zero and at most ``LONGEST``. Raises ``ValueError`` that says what is allowed."""
    clean = text.strip().lower()
    if not clean.isascii() or not clean or not re.fullmatch(PATTERN, clean):
        raise ValueError(f"{text!r} is not a duration: write it like 90s, 15m, 2h or 1h30m")
    seconds = sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(clean))
    if not 0 < seconds <= LONGEST.total_seconds():
        raise ValueError(f"{text!r} is out of range: longer than 0s and at most {LONGEST.days}d")
    return timedelta(seconds=seconds)


def format_duration(value: timedelta) -> str:
    """``value``, cut to whole seconds, in the form that ``parse_duration`` reads; ``0s`` for nothing."""
    rest = int(value.total_seconds())
    parts = []
    for unit, size in _UNITS.items():
        number, rest = divmod(rest, size)
        if number:
            parts.append(f"{number}{unit}")
    return "".join(parts) or "0s"
