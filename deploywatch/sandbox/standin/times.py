"""Moments on the wire: ISO-8601 in UTC with ``Z``, epoch seconds, and periods such as ``24h``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from deploywatch.sandbox.standin.answers import bad_request

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def iso(moment: datetime | None) -> str | None:
    """``2026-11-21T00:16:00.475819Z``, or ``None`` for ``None``; microseconds are left out when zero, as Sentry does."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def moment(value: object) -> datetime | None:
    """An aware UTC time from an ISO string or epoch seconds; ``None`` for anything else. A time without a zone is UTC."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _from_epoch(float(value))
    if not isinstance(value, str) or not value:
        return None
    try:
        # Clients send up to nanoseconds (sentry-cli does); Python keeps six digits and drops the rest by itself.
        read = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)


def period(text: str) -> timedelta:
    """``90s``, ``15m``, ``24h``, ``14d``, ``1w`` as a duration. Answers 400 for anything else."""
    match = re.fullmatch(r"(\d{1,6})([smhdw]?)", text)
    if match is None:
        raise bad_request(f"Invalid statsPeriod: {text!r}")
    return timedelta(**{_UNITS[match[2] or "s"]: int(match[1])})


def _from_epoch(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None
