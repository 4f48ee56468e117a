"""What the doctor finds: a code that does not change, one sentence, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Level(StrEnum):
    """How bad it is. ``unknown`` is what could not be looked at, ``skipped`` what did not need to be."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    UNKNOWN = "unknown"
    ERROR = "error"
    SKIPPED = "skipped"


class Code(StrEnum):
    """Every finding there is. Programs read these; they do not change."""

    CONFIGURATION_READ = "configuration-read"
    CONFIGURATION_WRONG = "configuration-wrong"
    STATE_USABLE = "state-usable"
    STATE_UNUSABLE = "state-unusable"

    SENTRY_REACHED = "sentry-reached"
    SENTRY_UNCONFIGURED = "sentry-unconfigured"
    SENTRY_UNREACHABLE = "sentry-unreachable"
    SENTRY_NO_API = "sentry-no-api"
    SENTRY_DOUBTFUL = "sentry-doubtful"
    SENTRY_LACKS = "sentry-lacks"
    SENTRY_REGION = "sentry-region"

    TOKEN_ACCEPTED = "token-accepted"  # noqa: S105 - the name of a finding
    TOKEN_REFUSED = "token-refused"  # noqa: S105
    SCOPE_GRANTED = "scope-granted"
    SCOPE_MISSING = "scope-missing"
    SCOPE_OPTIONAL = "scope-optional"
    SCOPE_UNTOLD = "scope-untold"

    PROJECT_FOUND = "project-found"
    PROJECT_UNNAMED = "project-unnamed"
    PROJECT_UNKNOWN = "project-unknown"

    ENVIRONMENT_SEEN = "environment-seen"
    ENVIRONMENT_UNNAMED = "environment-unnamed"
    ENVIRONMENT_UNKNOWN = "environment-unknown"
    ENVIRONMENT_SILENT = "environment-silent"

    NAMING_FITS = "naming-fits"
    NAMING_DIFFERS = "naming-differs"
    NAMING_MISSING = "naming-missing"
    NAMING_WRONG = "naming-wrong"
    NAMING_DOUBTFUL = "naming-doubtful"
    NAMING_UNTOLD = "naming-untold"

    CLOCK_RIGHT = "clock-right"
    CLOCK_WRONG = "clock-wrong"
    CLOCK_UNTOLD = "clock-untold"

    REPOSITORY_WHOLE = "repository-whole"
    REPOSITORY_CUT = "repository-cut"
    REPOSITORY_MISSING = "repository-missing"
    WINDOW_FOUND = "window-found"
    WINDOW_DOUBTFUL = "window-doubtful"
    WINDOW_MISSING = "window-missing"

    MAPPING_WHOLE = "mapping-whole"
    MAPPING_PARTIAL = "mapping-partial"
    MAPPING_UNTOLD = "mapping-untold"

    OWNERS_WHOLE = "owners-whole"
    OWNERS_PARTIAL = "owners-partial"
    OWNERS_MISSING = "owners-missing"
    OWNERS_WRONG = "owners-wrong"

    CHANNELS_NONE = "channels-none"
    CHANNEL_REACHED = "channel-reached"
    CHANNEL_UNREACHABLE = "channel-unreachable"
    CHANNEL_WRONG = "channel-wrong"
    CHANNEL_UNTOLD = "channel-untold"

    NOT_LOOKED = "not-looked"
    LOOK_FAILED = "look-failed"


_LEVELS: Final[Mapping[Level, str]] = MappingProxyType(
    {
        Level.OK: "configuration-read state-usable sentry-reached token-accepted scope-granted project-found environment-seen "
        "naming-fits clock-right repository-whole window-found mapping-whole owners-whole channel-reached",
        Level.NOTE: "sentry-lacks scope-optional scope-untold naming-untold clock-untold mapping-untold owners-partial "
        "channels-none channel-untold",
        Level.WARNING: "sentry-doubtful sentry-region environment-unnamed environment-unknown environment-silent naming-differs "
        "naming-missing naming-doubtful repository-cut window-doubtful mapping-partial owners-missing owners-wrong",
        Level.UNKNOWN: "sentry-unreachable look-failed",
        Level.ERROR: "configuration-wrong state-unusable sentry-unconfigured sentry-no-api token-refused scope-missing "
        "project-unnamed project-unknown naming-wrong clock-wrong repository-missing window-missing channel-unreachable "
        "channel-wrong",
        Level.SKIPPED: "not-looked",
    }
)
LEVEL_OF: Final[Mapping[Code, Level]] = MappingProxyType(
    {Code(code): level for level, codes in _LEVELS.items() for code in codes.split()}
)
"""A finding of one kind is always equally bad."""

USAGE: Final = frozenset(
    {Code.CONFIGURATION_WRONG, Code.SENTRY_UNCONFIGURED, Code.PROJECT_UNNAMED, Code.NAMING_WRONG, Code.CHANNEL_WRONG}
)
"""What is wrong with what was asked or configured, and not with the world."""


@dataclass(frozen=True, slots=True)
class DoctorFinding:
    """One finding. ``check`` is the part that was looked at; ``fix`` says what to do, empty where there is nothing to do."""

    check: str
    code: Code
    text: str
    fix: str = ""

    @property
    def level(self) -> Level:
        """How bad it is."""
        return LEVEL_OF[self.code]


def verdict(findings: Iterable[DoctorFinding]) -> Level:
    """The worst of it: ``error``, else ``unknown``, else ``warning``, else ``ok``."""
    levels = {finding.level for finding in findings}
    return next((level for level in (Level.ERROR, Level.UNKNOWN, Level.WARNING) if level in levels), Level.OK)
