"""Version strings: which ones Sentry takes, and how it reads ``package@1.2.3-rc.1+45``."""

from __future__ import annotations

import re
from typing import Any

from deploywatch.sandbox.standin.answers import invalid

MAX_LENGTH = 200
FORBIDDEN = re.compile(r"[\r\n\f\t/\\]")
_SEMVER = re.compile(
    r"(?P<major>\d{1,18})(?:\.(?P<minor>\d{1,18}))?(?:\.(?P<patch>\d{1,18}))?"
    r"(?:-(?P<pre>[0-9A-Za-z.-]+))?(?:\+(?P<buildCode>[0-9A-Za-z.-]+))?"
)


def check_version(version: object) -> str:
    """The version, unchanged: the API does not trim. Answers 400 in Sentry's words."""
    if not isinstance(version, str) or not version:
        raise invalid("version", "This field is required.")
    if len(version) > MAX_LENGTH:
        raise invalid("version", f"Ensure this field has no more than {MAX_LENGTH} characters.")
    if FORBIDDEN.search(version) or version.strip().lower() in ("", ".", "..", "latest"):
        raise invalid("version", f"Release with name {version} is not allowed")
    return version


def version_info(version: str) -> dict[str, Any]:
    """The parts of a version. It is only read as a semantic version where a package stands before ``@``."""
    package, at, rest = version.partition("@")
    if not at or not package or not rest:
        package, rest = "", version
    is_hash = re.fullmatch(r"[0-9a-f]{40}", rest) is not None
    match = _SEMVER.fullmatch(rest) if package and not is_hash else None
    return {
        "package": package or None,
        "version": _parts(rest, match) if match else {"raw": rest},
        "description": rest[:12] if is_hash else rest,
        "buildHash": rest if is_hash else None,
    }


def _parts(raw: str, match: re.Match[str]) -> dict[str, Any]:
    numbers = [match["major"], match["minor"], match["patch"]]
    return {
        "raw": raw,
        "major": int(match["major"]),
        "minor": int(match["minor"] or 0),
        "patch": int(match["patch"] or 0),
        "pre": match["pre"],
        "buildCode": match["buildCode"],
        "components": sum(number is not None for number in numbers),
    }
