"""The exit codes: the same for every command, tabled in the README."""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class ExitCode(IntEnum):
    """What a process ends with; ``MEANINGS`` says it in words."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    REGRESSION = 3
    INCONCLUSIVE = 4
    INTERRUPTED = 130
    READER_GONE = 141


MEANINGS: Final = {
    ExitCode.DONE: "it did what it was asked; for `run` and `watch`: watched long enough and healthy",
    ExitCode.FAILED: "it failed: stderr says what, why, and what to do",
    ExitCode.USAGE: "bad usage or configuration",
    ExitCode.REGRESSION: "a regression was found (`--fail-on never` turns it into 0)",
    ExitCode.INCONCLUSIVE: "it could not see enough to say healthy (Sentry unreachable, too little traffic, cut short)",
    ExitCode.INTERRUPTED: "interrupted (Ctrl-C)",
    ExitCode.READER_GONE: "whatever read its output went away (`| head`)",
}
