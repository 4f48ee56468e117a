"""What a release may be called, and what Sentry reads in its name: ``package@version+build``.

The grammar is that of Relay's ``sentry-release-parser``: a version number counts only behind a package, has one to four numbers
without leading zeros, and then perhaps ``-pre`` and ``+build``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from deploywatch.errors import UsageError

MAX_VERSION: Final = 200
_FORBIDDEN: Final = re.compile(r"[\r\n\f\t\v/\\\x00]")
_RESERVED: Final = (".", "..", "latest")
_NAME: Final = re.compile(r"(?P<package>@?[^@]+)@(?P<rest>.+)", re.DOTALL)
_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NUMBER: Final = r"(?:0|[1-9][0-9]*)"
_VERSION: Final = re.compile(
    rf"{_NUMBER}(?:\.{_NUMBER}){{0,3}}(?P<pre>(?:-|[a-z])[0-9A-Za-z-]*(?:\.[0-9A-Za-z-]+)*)?(?:\+(?P<build>[0-9A-Za-z.-]+))?"
)
_BARE_VERSION: Final = re.compile(r"v?[0-9]+(?:\.[0-9]+){1,3}(?:[-+].*)?")
# 20231005.89cfe140: a date and the beginning of a commit's name, of which a part happens to be a number.
_DATE_AND_COMMIT: Final = re.compile(r"(?P<date>20[0-9]{6})\.(?P<commit>[0-9a-f]{7,40})")


@dataclass(frozen=True, slots=True)
class ReleaseName:
    """A release's name in parts. ``package`` is what stands before the ``@``, ``build`` what stands behind a ``+``.

    ``is_semver``: Sentry orders releases of this package by version number; else by date.
    """

    text: str
    package: str | None = None
    build: str | None = None
    is_semver: bool = False
    is_commit: bool = False


def read_name(text: str) -> ReleaseName:
    """The parts of a name as Sentry reads them."""
    named = _NAME.fullmatch(text)
    package, rest = (named["package"], named["rest"]) if named else (None, text)
    if _COMMIT.fullmatch(rest):
        return ReleaseName(text, package, is_commit=True)
    version = _VERSION.fullmatch(rest) if package else None
    return ReleaseName(text, package, version["build"] if version else None, is_semver=version is not None)


def validate_version(version: str, *, source: str | None = None) -> str:
    """The version without surrounding space (Sentry would take the space as a part of it), if Sentry can store it at all.

    ``source`` is where it was found, such as a variable. Raises ``UsageError`` with the reason.
    """
    name = version.strip()
    found = f" (from {source})" if source else ""
    if not name or name.lower() in _RESERVED:
        raise UsageError(f"a release cannot be called {name!r}{found}", hint="call it package@1.2.3, or by the commit's sha")
    if len(name) > MAX_VERSION:
        raise UsageError(
            f"the release's name{found} has {len(name)} characters, Sentry takes {MAX_VERSION}", hint="shorten --release"
        )
    if wrong := _FORBIDDEN.search(name):
        raise UsageError(
            f"the release's name {name!r}{found} holds {wrong[0]!r}, which Sentry does not allow",
            hint="replace slashes, backslashes and line breaks, for example by dashes, and let the SDK send the same name",
        )
    return name


def doubts_about(version: str) -> Iterator[str]:
    """Why a name that Sentry takes may still not mean what it looks like; each as a sentence."""
    name = read_name(version)
    if name.package is None and _BARE_VERSION.fullmatch(version):
        yield (
            f"the release {version} names no package: every project of the organisation that has a {version} shares this release "
            f"and its commits, and Sentry does not read it as a version number; call it PACKAGE@{version.removeprefix('v')}, "
            "in the SDK too"
        )
    elif version.startswith("@") or version.endswith("@"):
        yield f"in the release's name {version} one side of the @ is empty; Sentry reads package@version"
    elif name.package and (found := _DATE_AND_COMMIT.fullmatch(version.removeprefix(f"{name.package}@"))) and name.is_semver:
        yield (
            f"Sentry reads {version} as a version number of which the commit's name is a part, and orders releases wrongly; "
            f"call it {name.package}@{found['date']}+{found['commit']}"
        )
