"""What may not leave this machine: the configuration and the environment as one redactor."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from deploywatch.report.redact import Redactor
from deploywatch.report.sensitive import is_secret_variable

if TYPE_CHECKING:
    from deploywatch.bootstrap import Setup

_SHORTEST: Final = 12


def redactor_of(setup: Setup, known: tuple[str, ...] = ()) -> Redactor:
    """Takes out what always goes, the user's own patterns, ``known`` secrets, and the values of variables like SENTRY_AUTH_TOKEN.

    A short value of such a variable is left alone: it may be a word.
    """
    privacy = setup.settings.privacy
    ours = tuple(value for name, value in setup.environ.items() if is_secret_variable(name) and len(value) >= _SHORTEST)
    return Redactor(known + ours, tuple(re.compile(pattern) for pattern in privacy.patterns), emails=privacy.emails)
